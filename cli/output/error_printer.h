// Errors as one clear block on stderr, and the exit status that goes with them.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace metricstore::cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitFound = 3;  // with --exit-code only: there is something to do
inline constexpr int kExitInterrupted = 130;

// INVALID_ARGUMENT: the command line itself is wrong; exit status 2.
absl::Status UsageError(std::string_view message);
// FAILED_PRECONDITION without a reason: an input file or a result that does not allow to go on.
absl::Status Failure(std::string_view message);

// The same error with one more line that says what to do about it.
absl::Status WithHint(const absl::Status& status, std::string_view hint);
// The hints given, one a line, or "".
std::string HintOf(const absl::Status& status);

// 0 for OK, 2 for a UsageError, 1 otherwise.
int ExitCodeOf(const absl::Status& status);

// error: metric "rth_opne" does not exist
//   reason: METRIC_NOT_FOUND
//   hint: did you mean "intraday/rth_open"?
void PrintError(const absl::Status& status, std::ostream& err);

}  // namespace metricstore::cli
