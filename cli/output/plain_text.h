// Foreign text made harmless: definitions must neither break a line nor steer the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace metricstore::cli {

// Characters that `text` takes on a terminal: bytes that start a UTF-8 character.
size_t DisplayWidth(std::string_view text);

// `text` with a blank for every control character.
std::string OneLine(std::string_view text);

// The lines of `text`, each made harmless; an empty last line is left out.
std::vector<std::string> PlainLines(std::string_view text);

}  // namespace metricstore::cli
