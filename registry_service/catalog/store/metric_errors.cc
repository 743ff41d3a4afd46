#include "registry_service/catalog/store/metric_errors.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "registry_service/catalog/definition/excerpt.h"

namespace metricstore::registry {
namespace {

using absl::StatusCode;
using status::ErrorBuilder;

// Dependents that a refusal names; the rest are counted.
constexpr size_t kMaxNamed = 10;

std::string Quoted(const std::string& name) { return absl::StrCat("\"", Excerpt(name), "\""); }

}  // namespace

absl::Status MetricNotFound(const std::string& name, const std::vector<IdAndName>& known,
                            const std::string& message) {
  const bool bare = name.find('/') == std::string::npos;
  std::vector<std::string> candidates;
  for (const auto& [id, bare_name] : known) candidates.push_back(bare ? bare_name : id);
  const std::string suggestion = status::ClosestMatch(name, candidates);
  const std::string question =
      suggestion.empty() ? "" : absl::StrCat("; did you mean \"", suggestion, "\"?");
  ErrorBuilder error(StatusCode::kNotFound, "METRIC_NOT_FOUND", absl::StrCat(message, question));
  error.Metadata("metric", name);
  if (!suggestion.empty()) error.Metadata("suggestion", suggestion);
  return error.Build();
}

absl::Status MetricNotFound(const std::string& name, const std::vector<IdAndName>& known) {
  return MetricNotFound(name, known, absl::StrCat("no metric is named ", Quoted(name)));
}

absl::Status MetricAmbiguous(const std::string& name, const std::vector<std::string>& ids) {
  const std::string candidates = absl::StrJoin(ids, ", ");
  return ErrorBuilder(StatusCode::kInvalidArgument, "METRIC_AMBIGUOUS",
                      absl::StrCat("several metrics are named ", Quoted(name), ": ", candidates))
      .Metadata("metric", name)
      .Metadata("candidates", candidates)
      .Build();
}

absl::Status VersionNotFound(const std::string& id, int version) {
  return ErrorBuilder(StatusCode::kNotFound, "METRIC_VERSION_NOT_FOUND",
                      absl::StrCat("metric ", Quoted(id), " has no version ", version))
      .Metadata("metric", id)
      .Metadata("version", absl::StrCat(version))
      .Build();
}

absl::Status MetricExists(const std::string& id, const std::string& etag) {
  return ErrorBuilder(StatusCode::kAlreadyExists, "METRIC_EXISTS",
                      absl::StrCat("metric ", Quoted(id), " is there already"))
      .Metadata("metric", id)
      .Metadata("etag", etag)
      .Build();
}

absl::Status MetricDeleted(absl::StatusCode code, const std::string& id) {
  return ErrorBuilder(code, "METRIC_DELETED",
                      absl::StrCat("metric ", Quoted(id), " was deleted: undelete it first"))
      .Metadata("metric", id)
      .Build();
}

absl::Status MetricNotDeleted(const std::string& id) {
  return ErrorBuilder(StatusCode::kFailedPrecondition, "METRIC_NOT_DELETED",
                      absl::StrCat("metric ", Quoted(id), " is not deleted"))
      .Metadata("metric", id)
      .Build();
}

absl::Status MetricHasDependents(const std::string& id,
                                 const std::vector<std::string>& dependents) {
  std::vector<std::string> named = dependents;
  if (named.size() > kMaxNamed) {
    named.resize(kMaxNamed);
    named.push_back(absl::StrCat("and ", dependents.size() - kMaxNamed, " more"));
  }
  const std::string list = absl::StrJoin(named, ", ");
  return ErrorBuilder(StatusCode::kFailedPrecondition, "METRIC_HAS_DEPENDENTS",
                      absl::StrCat("metric ", Quoted(id), " is read by ", list))
      .Metadata("metric", id)
      .Metadata("dependents", list)
      .Build();
}

absl::Status EtagMismatch(const std::string& id, const std::string& etag) {
  return ErrorBuilder(StatusCode::kAborted, "ETAG_MISMATCH",
                      absl::StrCat("metric ", Quoted(id), " was changed since it was read"))
      .Metadata("metric", id)
      .Metadata("etag", etag)
      .Build();
}

}  // namespace metricstore::registry
