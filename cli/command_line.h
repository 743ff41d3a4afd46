// metricctl's command line: global options, subcommands, exit status.
#pragma once

#include <string>
#include <vector>

#include "cli/core/connection.h"
#include "cli/output/terminal.h"

namespace metricstore::cli {

// Runs what `args` (without the program's name) ask for, and returns the exit status: 0 on success,
// 1 on failure, 2 for a wrong command line, 3 where --exit-code asks for it, 130 after Ctrl-C.
// Errors are on terminal.err.
int RunMetricctl(const std::vector<std::string>& args, Terminal& terminal,
                 const Environment& environment);

}  // namespace metricstore::cli
