// Texts of requests that name things in the database.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace metricstore::registry::api {

// INVALID_ARGUMENT (FIELD_INVALID) for a text with a NUL character, which the database would cut
// there.
absl::Status CheckText(std::string_view field, std::string_view text);

// As CheckText, and INVALID_ARGUMENT (FIELD_REQUIRED) for an empty one.
absl::Status CheckRequiredText(std::string_view field, std::string_view text);

}  // namespace metricstore::registry::api
