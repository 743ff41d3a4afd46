// What is wrong with a command line, in our words, with what was probably meant.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"

namespace metricstore::cli {

// The error that CLI11 met when `app` read the command line, as a UsageError. A word that nobody
// expects is named, and the subcommand or option nearest to it is suggested.
absl::Status ExplainParseError(const CLI::App& app, const CLI::ParseError& error);

}  // namespace metricstore::cli
