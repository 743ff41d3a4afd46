// What one run of metricctl works with: terminal, services, output format and clock.
#pragma once

#include "cli/core/connection.h"
#include "cli/core/retry_wait.h"
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
};

}  // namespace metricstore::cli
