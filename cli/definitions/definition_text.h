// What import, validate and plan say alike of the definitions that they met.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "metricstore/registry/v1/catalog_service.pb.h"

namespace metricstore::cli {

// How many definitions were met with what.
struct OutcomeCount {
  int64_t created = 0;
  int64_t changed = 0;
  int64_t restored = 0;
  int64_t unchanged = 0;

  void Add(const registry::v1::ImportOutcome& outcome);
  bool AnyChange() const { return created + changed + restored > 0; }
  // "2 created, 1 changed, 1 restored, 40 unchanged"; restored only where there are some.
  std::string Text() const;
};

// FAILED_PRECONDITION if a report is of a definition of another kind than `kind`, with the first
// few of them: "metrics.yaml defines metric a/b".
absl::Status RequireKind(
    const google::protobuf::RepeatedPtrField<registry::v1::DefinitionReport>& reports,
    const std::string& kind);

// Metrics that say the same, in groups; each group and the groups themselves in order.
using SameMeaning = std::vector<std::pair<std::string, std::string>>;
std::vector<std::vector<std::string>> GroupsOf(const SameMeaning& pairs);
// "a/x says the same as a/y, a/z: keep one of them, with the others' names as synonyms".
std::string SameMeaningText(const std::vector<std::string>& group);

}  // namespace metricstore::cli
