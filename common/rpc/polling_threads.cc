#include "common/rpc/polling_threads.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/channel_arguments.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/logging/logging.h"

namespace metricstore::rpc {
namespace {

constexpr absl::Duration kLongestAnswer = absl::Seconds(1);
// No server has it: the answer, whatever it is, comes from a polling thread.
constexpr char kNoMethod[] = "/metricstore.rpc.PollingThreads/Keep";

// As many as gRPC 1.51 starts for its callback API.
int StartedByGrpc() {
  const auto processors = static_cast<int>(sysconf(_SC_NPROCESSORS_CONF));
  return std::clamp(processors / 2, 2, 16);
}

int Wanted(int wanted) {
  if (wanted > 0) return wanted;
  return std::max(1, static_cast<int>(sysconf(_SC_NPROCESSORS_CONF)) / 4);
}

// Whether some server of the process limits them already.
std::atomic<bool> limited = false;

// A call to the server itself, whose end runs `then` on a polling thread.
class CallToSelf {
 public:
  CallToSelf(grpc::Server& server, std::function<void()> then)
      : channel_(server.InProcessChannel(grpc::ChannelArguments())), stub_(channel_) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
    const grpc::Slice nothing("");
    request_ = grpc::ByteBuffer(&nothing, 1);
    stub_.UnaryCall(&context_, kNoMethod, grpc::StubOptions(), &request_, &reply_,
                    [then = std::move(then)](const grpc::Status&) { then(); });
  }

 private:
  std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_, reply_;
};

class KeptThreads final : public PollingThreads {
 public:
  KeptThreads(grpc::Server& server, int kept) : left_(kept) {
    for (int i = 0; i < kept; ++i) {
      keepers_.push_back(std::make_unique<CallToSelf>(server, [this] {
        release_.WaitForNotification();
        left_.DecrementCount();
      }));
    }
  }

  ~KeptThreads() override {
    Release();
    left_.Wait();
    limited = false;
  }

  void Release() {
    if (!released_.exchange(true)) release_.Notify();
  }

 private:
  absl::Notification release_;
  std::atomic<bool> released_ = false;
  absl::BlockingCounter left_;
  std::vector<std::unique_ptr<CallToSelf>> keepers_;
};

// Whether a thread is left that answers.
bool Answers(grpc::Server& server) {
  const auto answered = std::make_shared<absl::Notification>();
  CallToSelf call(server, [answered] { answered->Notify(); });
  return answered->WaitForNotificationWithTimeout(kLongestAnswer);
}

}  // namespace

std::unique_ptr<PollingThreads> PollingThreads::Limit(grpc::Server& server, int wanted) {
  const int kept = StartedByGrpc() - Wanted(wanted);
  if (kept <= 0 || limited.exchange(true)) return nullptr;
  auto threads = std::make_unique<KeptThreads>(server, kept);
  if (!Answers(server)) {
    threads->Release();
    logging::Warning("polling threads are not limited: none was left", {{"wanted", wanted}});
  }
  return threads;
}

}  // namespace metricstore::rpc
