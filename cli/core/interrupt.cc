#include "cli/core/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "cli/output/error_printer.h"

namespace metricstore::cli {

void RaiseOnInterrupt(const CancelToken& token) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  // Blocked everywhere, so that the thread below is the one that receives them: a callback of the
  // token may lock, a signal handler may not.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([signals, token] {
    int signal = 0;
    while (sigwait(&signals, &signal) != 0) {
    }
    token.Cancel();
    while (sigwait(&signals, &signal) != 0) {
    }
    _exit(kExitInterrupted);
  }).detach();
}

}  // namespace metricstore::cli
