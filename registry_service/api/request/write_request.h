// What requests that write have in common.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/request/content_hash.h"
#include "registry_service/api/request/request_text.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/store/metric_editor.h"

namespace metricstore::registry::api {

inline constexpr size_t kMaxRequestIdBytes = 128;
inline constexpr size_t kMaxEtagBytes = 128;

// The options that every write has: request_id and validate_only. INVALID_ARGUMENT (FIELD_INVALID)
// for an id that is too long or no text.
template <typename Request>
absl::StatusOr<WriteOptions> ReadWriteOptions(const Request& request) {
  if (request.request_id().size() > kMaxRequestIdBytes) {
    return status::FieldInvalid("request_id", Excerpt(request.request_id()),
                                absl::StrCat("must be at most ", kMaxRequestIdBytes, " bytes"));
  }
  RETURN_IF_ERROR(CheckText("request_id", request.request_id()));
  WriteOptions options;
  options.request_id = request.request_id();
  options.validate_only = request.validate_only();
  if (options.request_id.empty()) return options;
  Request content = request;
  content.clear_request_id();
  ContentHash hash;
  hash.Add(content);
  options.request_sha256 = hash.Take();
  return options;
}

// INVALID_ARGUMENT (FIELD_INVALID) for what no etag is.
inline absl::Status CheckEtag(const std::string& field, const std::string& etag) {
  if (etag.size() > kMaxEtagBytes) {
    return status::FieldInvalid(field, Excerpt(etag), "is not an etag of a metric");
  }
  return CheckText(field, etag);
}

// INVALID_ARGUMENT (FIELD_REQUIRED, FIELD_INVALID) unless it is "category/name".
inline absl::Status CheckMetricId(const std::string& field, const std::string& id) {
  RETURN_IF_ERROR(CheckMetricName(field, id));
  if (id.find('/') != std::string::npos) return absl::OkStatus();
  return status::FieldInvalid(field, id, "must be a whole id, \"category/name\"");
}

}  // namespace metricstore::registry::api
