// What one run of metricctl works with: terminal, services, output format and clock.
#pragma once

#include "cli/core/connection.h"
#include "cli/core/retry_wait.h"
#include "cli/output/concat.h"
#include "cli/output/progress_bar.h"
#include "cli/output/table_printer.h"
#include "cli/output/terminal.h"
#include "common/time/clock.h"

namespace metricstore::cli {

// The references must outlive it. Used by one thread.
struct Invocation {
  Terminal& terminal;
  Connection& connection;
  OutputFormat format = OutputFormat::kTable;
  const Clock& clock = Clock::System();
  RetryDelays retry_delays;
  bool yaml = false;  // -o yaml, for commands that print it; `format` is the table's then
  absl::Duration patience = absl::Seconds(5);  // then a call without an answer is spoken of

  // Where the line goes that sums up: below the table of people, beside the data of programs.
  std::ostream& summary() const {
    return format == OutputFormat::kTable ? terminal.out : terminal.err;
  }
};

// Says on a terminal that the registry works on `text`, and after a while on any stderr that it has
// not answered yet. `timeout` is what --timeout gave, or empty where there is no such option.
inline BusyLine WaitForRegistry(Invocation& invocation, const std::string& text,
                                const std::string& timeout) {
  const std::string end =
      timeout.empty() ? "" : Concat(", ", timeout, " at most (--timeout says otherwise)");
  return BusyLine(
      invocation.terminal, text, invocation.patience,
      Concat("waiting for the registry at ", invocation.connection.endpoint(Peer::kRegistry), end,
             "; Ctrl-C stops waiting"));
}

}  // namespace metricstore::cli
