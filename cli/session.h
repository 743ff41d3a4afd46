// What every command works with: terminal, services, output format and clock.
#pragma once

#include "cli/backoff.h"
#include "cli/connection.h"
#include "cli/output/table_printer.h"
#include "cli/output/terminal.h"
#include "common/time/clock.h"

namespace metricstore::cli {

// The references must outlive it. Used by one thread.
struct Session {
  Terminal& terminal;
  Connection& connection;
  OutputFormat format = OutputFormat::kTable;
  const Clock& clock = Clock::System();
  BackoffOptions backoff;
};

}  // namespace metricstore::cli
