// How texts are cut into words and names are compared.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"

namespace metricstore::registry {

// Calls `take` with each word of the text: letters and digits in lower case; bytes of other
// alphabets count as letters and stay as they are. The view is valid during the call only.
void ForEachWord(std::string_view text, absl::FunctionRef<void(std::string_view)> take);
std::vector<std::string> WordsOf(std::string_view text);

// What all spellings of a name have in common: lower case, one underscore for each run of spaces,
// underscores and hyphens, none at the ends.
std::string NormalName(std::string_view name);

}  // namespace metricstore::registry
