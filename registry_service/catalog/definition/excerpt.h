// Foreign texts as messages quote them.
#pragma once

#include <string>
#include <string_view>

namespace metricstore::registry {

// `text`, or the beginning of a long one and "...": at most 80 bytes, cut between UTF-8 characters.
std::string Excerpt(std::string_view text);

}  // namespace metricstore::registry
