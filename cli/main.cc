// metricctl: the command-line client of Metricstore.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/core/interrupt.h"
#include "cli/output/error_printer.h"

namespace {

int TerminalWidth() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::optional<std::string> Variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  namespace cli = metricstore::cli;
  std::ios::sync_with_stdio(false);
  // gRPC's own log would stand between ours; a setting of the caller wins.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  cli::Terminal terminal{.out = std::cout,
                         .err = std::cerr,
                         .err_is_terminal = isatty(STDERR_FILENO) == 1,
                         .width = TerminalWidth(),
                         .in = &std::cin,
                         .out_is_terminal = isatty(STDOUT_FILENO) == 1,
                         .in_is_terminal = isatty(STDIN_FILENO) == 1};
  cli::RaiseOnInterrupt(terminal.interrupt);
  try {
    return cli::RunMetricctl(std::vector<std::string>(argv + 1, argv + argc), terminal, &Variable);
  } catch (const std::exception& exception) {
    std::cerr << "error: " << exception.what() << '\n';
    return cli::kExitFailure;
  }
}
