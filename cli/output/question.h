// Asks a person before something is done that hurts.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "cli/output/terminal.h"

namespace metricstore::cli {

// Whether the person at the terminal answers yes to `question`; no is the answer of an empty line.
// INVALID_ARGUMENT (UsageError, with `without_terminal` as its hint) if nobody can be asked.
absl::StatusOr<bool> Confirm(Terminal& terminal, const std::string& question,
                             const std::string& without_terminal);

}  // namespace metricstore::cli
