// Foreign texts as messages quote them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace metricstore::registry {

// `text`, or the beginning of a long one and "...": at most `max_bytes`, cut between UTF-8
// characters.
std::string Excerpt(std::string_view text, size_t max_bytes = 80);

}  // namespace metricstore::registry
