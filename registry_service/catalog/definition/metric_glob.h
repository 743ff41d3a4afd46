// Patterns that name metrics.
#pragma once

#include <string_view>

namespace metricstore::registry {

// Whether `text` fits: `*` stands for any text, `?` for one character, all else for itself.
bool MatchesGlob(std::string_view glob, std::string_view text);

}  // namespace metricstore::registry
