// Fields of requests, as errors of the services name them, as the options that people gave.
#pragma once

#include <CLI/CLI.hpp>

#include "absl/status/status.h"

namespace metricstore::cli {

// The same error with `--window` where it speaks of the field `window_text`: in the names of its
// violations, and where its message begins with one. Fields that the chosen command of `app` has no
// option for stay as they are.
absl::Status WithOptionNames(const CLI::App& app, const absl::Status& error);

}  // namespace metricstore::cli
