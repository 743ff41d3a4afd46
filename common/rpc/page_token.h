// Opaque page tokens that are bound to the request they continue.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace metricstore::rpc {

// `scope` identifies method and filters; a token is only accepted with the scope it was made for.
// `keys` are the last row's sort keys, for keyset paging.
std::string EncodePageToken(std::string_view scope, const std::vector<std::string>& keys);

// The keys of a token; an empty token gives none. INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a
// foreign or damaged one.
absl::StatusOr<std::vector<std::string>> DecodePageToken(std::string_view scope,
                                                         std::string_view token);

}  // namespace metricstore::rpc
