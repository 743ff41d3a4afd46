// Requests to the catalogue, made of the metrics that it holds.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace metricstore::bench {

struct CatalogRequests {
  std::string path;
  std::vector<std::string> requests;  // serialised
};

// For "get" each metric by id; for "list" each page of `page_size`; for "search" words out of
// display names, alone and in pairs. Reads the catalogue first. INVALID_ARGUMENT for another
// method, NOT_FOUND for an empty catalogue, the service's errors.
absl::StatusOr<CatalogRequests> MakeRequests(const std::string& address, const std::string& method,
                                             int page_size);

}  // namespace metricstore::bench
