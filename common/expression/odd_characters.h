// Characters that look like others, or like nothing, as they come with pasted texts.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace metricstore::expression {

struct OddCharacter {
  size_t offset = 0;    // in bytes
  std::string message;  // "the invisible character U+200B stands here: take it out"
};

// The first character of `text`, UTF-8 in PostgreSQL's grammar, that is none of the grammar but
// looks as if it were, or cannot be seen: control characters, spaces and signs of other alphabets.
// Inside of quotes and comments all characters may stand, and letters may everywhere.
std::optional<OddCharacter> FindOddCharacter(std::string_view text);

// `text` with "<U+202E>" for what shows nothing, or would change how the rest shows.
std::string Visible(std::string_view text);

}  // namespace metricstore::expression
