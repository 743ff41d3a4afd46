// Page sizes and page tokens of List methods.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace metricstore::registry::api {

// Where a page ends though it was asked for more, so that replies stay below 4 MiB.
inline constexpr size_t kPageBytes = 3u << 20;
inline constexpr size_t kMaxReplyBytes = 4u << 20;

// Where a page starts and how long it is.
struct PageRequest {
  std::string after;  // the last key of the page before, or ""
  int64_t size = 0;
};

// INVALID_ARGUMENT (FIELD_INVALID) for a size below 0 or above `largest` (0 means `usual`),
// INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another `scope`.
absl::StatusOr<PageRequest> ReadPageRequest(std::string_view scope, int32_t page_size,
                                            std::string_view page_token, int32_t usual,
                                            int32_t largest);

}  // namespace metricstore::registry::api
