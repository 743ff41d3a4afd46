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

// As CheckText, and INVALID_ARGUMENT (FIELD_INVALID) for more than the 63 bytes that names of
// projects, categories, datasets and calendars have at most.
absl::Status CheckName(std::string_view field, std::string_view name);

// As CheckName, and INVALID_ARGUMENT (FIELD_REQUIRED) for an empty one.
absl::Status CheckRequiredName(std::string_view field, std::string_view name);

// As CheckRequiredName, for "category/name" or a bare name: each part has at most 63 bytes.
absl::Status CheckMetricName(std::string_view field, std::string_view name);

}  // namespace metricstore::registry::api
