// How errors about metrics are told to a caller who named or brought them.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "compute_service/definition/definitions.h"

namespace metricstore::compute {

// The same error about what lies under `path` of a request: violations and message name the field
// there.
inline absl::Status UnderField(const absl::Status& error, const std::string& path) {
  const auto details = status::DetailsOf(error);
  if (!details.has_value()) return status::WithPrefix(error, absl::StrCat(path, ": "));
  const auto named = details->metadata.find("field");
  std::string first = path;
  if (!details->violations.empty()) {
    absl::StrAppend(&first, ".", details->violations.front().field);
  } else if (named != details->metadata.end()) {
    absl::StrAppend(&first, ".", named->second);
  }
  status::ErrorBuilder builder(error.code(), details->reason,
                               absl::StrCat(first, ": ", std::string(error.message())));
  for (const auto& [key, value] : details->metadata) {
    builder.Metadata(key, key == "field" ? absl::StrCat(path, ".", value) : value);
  }
  for (const auto& violation : details->violations) {
    builder.Field(absl::StrCat(path, ".", violation.field), violation.description);
  }
  if (details->violations.empty()) builder.Field(first, std::string(error.message()));
  if (details->retry_after.has_value()) builder.RetryAfter(*details->retry_after);
  return builder.Build();
}

// Where the metrics of a request stand in it.
class RequestPaths {
 public:
  // A definition that the request brought: its errors name its fields.
  void AddGiven(const MetricRef& ref, std::string path) {
    given_.try_emplace(ref, std::move(path));
  }
  // A stored metric that the request named.
  void AddNamed(const MetricRef& ref, std::string path) {
    named_.try_emplace(ref, std::move(path));
  }

  absl::Status Blame(const absl::Status& error, const MetricDefinition& metric) const {
    const auto given = given_.find(metric.ref);
    if (given != given_.end()) return UnderField(error, given->second);
    const absl::Status told = status::WithPrefix(
        error, absl::StrCat("metric ", metric.ref.id, " version ", metric.ref.version, ": "));
    const auto named = named_.find(metric.ref);
    return named == named_.end() ? told
                                 : status::WithPrefix(told, absl::StrCat(named->second, ": "));
  }

 private:
  std::map<MetricRef, std::string> given_;
  std::map<MetricRef, std::string> named_;
};

}  // namespace metricstore::compute
