// Text that every part of the system can store and print.
#pragma once

#include <string_view>

namespace metricstore::columns {

// Whether `text` is UTF-8 (no overlong forms, no surrogates) without NUL, as PostgreSQL wants it.
bool IsStorableText(std::string_view text);

}  // namespace metricstore::columns
