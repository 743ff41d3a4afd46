// Runs metricctl inside the test, against the fake services or against nothing.
#pragma once

#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/core/invocation.h"
#include "cli/output/error_printer.h"
#include "tests/unit/cli/fake_services.h"

namespace metricstore::cli {

// A clock that moves by the same step whenever it is read: time passes without waiting.
class SteppingClock final : public Clock {
 public:
  explicit SteppingClock(absl::Duration step) : step_(step) {}
  absl::Time Now() const override {
    const std::lock_guard lock(mutex_);
    return now_ += step_;
  }

 private:
  absl::Duration step_;
  mutable std::mutex mutex_;
  mutable absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
};

using Variables = std::map<std::string, std::string>;

struct Outcome {
  int exit_code = -1;
  std::string out;
  std::string err;
};

// One run with its own terminal.
class Harness {
 public:
  Harness() = default;
  explicit Harness(Variables environment) : environment_(std::move(environment)) {}

  // As if typed: RunMetricctl.
  Outcome Run(const std::vector<std::string>& args) {
    const int code = RunMetricctl(args, terminal_, [this](const std::string& name) {
      const auto found = environment_.find(name);
      return found == environment_.end() ? std::nullopt : std::optional(found->second);
    });
    return Take(code);
  }

  // One command, with a clock and waiting times of the test's choice.
  template <typename Options>
  Outcome Run(absl::StatusOr<int> (*command)(Invocation&, const Options&), const Options& options,
              const FakeServices& services, OutputFormat format = OutputFormat::kTable,
              const Clock& clock = Clock::System(), absl::Duration patience = absl::Seconds(5)) {
    Connection connection({services.endpoint(), services.endpoint(), ""}, terminal_.interrupt);
    Invocation invocation{.terminal = terminal_,
                          .connection = connection,
                          .format = format,
                          .clock = clock,
                          .retry_delays = {absl::Milliseconds(1), absl::Milliseconds(2)},
                          .patience = patience};
    const auto result = command(invocation, options);
    if (result.ok()) return Take(*result);
    PrintError(result.status(), err_);
    return Take(ExitCodeOf(result.status()));
  }

  // What is typed at the terminal; without it, nobody is there to be asked.
  void Type(const std::string& text) {
    in_.str(text);
    terminal_.in_is_terminal = true;
  }
  // What is piped to standard input.
  void Pipe(const std::string& text) { in_.str(text); }
  void ShowColours() { terminal_.out_is_terminal = true; }
  void ShowProgress() { terminal_.err_is_terminal = true; }

  const CancelToken& interrupt() const { return terminal_.interrupt; }

 private:
  Outcome Take(int code) {
    Outcome outcome{code, out_.str(), err_.str()};
    out_.str("");
    err_.str("");
    return outcome;
  }

  Variables environment_;
  std::ostringstream out_;
  std::ostringstream err_;
  std::istringstream in_;
  Terminal terminal_{.out = out_, .err = err_, .in = &in_};
};

}  // namespace metricstore::cli
