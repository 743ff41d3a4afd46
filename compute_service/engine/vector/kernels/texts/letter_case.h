// Lower and upper case of letters, one to one, the same on every machine.
#pragma once

#include <string>
#include <string_view>

namespace metricstore::compute::vector {

// ASCII, Latin (Latin-1, Extended-A and Additional, the regular pairs of Extended-B), Greek (basic
// and accented) and Cyrillic letters, by the simple mappings of UnicodeData.txt (Unicode 15), and
// U+00DF with U+1E9E as DuckDB has them. All else stays as it is.
std::string ToLower(std::string_view text);
std::string ToUpper(std::string_view text);

}  // namespace metricstore::compute::vector
