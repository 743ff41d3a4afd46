// What the fake services answer alike: pages of one item, and errors with a reason.
#pragma once

#include <grpcpp/grpcpp.h>

#include <string>
#include <vector>

#include "common/rpc/status_conversion.h"
#include "common/status/error.h"

namespace metricstore::cli {

inline grpc::Status NotFound(const std::string& reason, const std::string& what,
                             const std::string& suggestion) {
  return rpc::ToGrpc(status::ErrorBuilder(absl::StatusCode::kNotFound, reason, what)
                         .Metadata("suggestion", suggestion)
                         .Build());
}

// The i-th item where the token says i, and the token of the next.
template <typename Item>
const Item* PageOf(const std::vector<Item>& items, const std::string& token,
                   std::string* next_token) {
  const size_t i = token.empty() ? 0 : std::stoul(token);
  if (i + 1 < items.size()) *next_token = std::to_string(i + 1);
  return i < items.size() ? &items[i] : nullptr;
}

}  // namespace metricstore::cli
