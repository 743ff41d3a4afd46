// Patterns that name metrics.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace metricstore::registry {

// Whether `text` fits: `*` stands for any text, `?` for one character, all else for itself.
bool MatchesGlob(std::string_view glob, std::string_view text);

// Whether the metric fits: a pattern with a slash is matched against ids, any other against bare
// names.
bool MetricFits(std::string_view glob, std::string_view id, std::string_view name);
// INVALID_ARGUMENT (FIELD_INVALID, field metrics) for a pattern of more than 200 bytes.
absl::Status CheckPatterns(const std::vector<std::string>& globs);

}  // namespace metricstore::registry
