#include "registry_service/catalog/validation/unknown_name.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "registry_service/catalog/definition/excerpt.h"

namespace metricstore::registry {
namespace {

FieldFault Missing(std::string field, std::string message, const std::string& name,
                   const std::vector<std::string>& known) {
  FieldFault fault{std::move(field), "DEFINITION_INVALID", std::move(message), {}};
  const std::string suggestion = status::ClosestMatch(name, known);
  if (!suggestion.empty()) {
    absl::StrAppend(&fault.message, "; did you mean \"", suggestion, "\"?");
    fault.metadata["suggestion"] = suggestion;
  }
  return fault;
}

}  // namespace

FieldFault UnknownName(std::string field, std::string_view kind, const std::string& name,
                       const std::vector<std::string>& known) {
  return Missing(std::move(field),
                 absl::StrCat("there is no ", std::string(kind), " \"", Excerpt(name), "\""), name,
                 known);
}

FieldFault UnknownColumn(std::string field, const std::string& name, const Dataset& dataset) {
  std::vector<std::string> known;
  for (const DatasetColumn& column : dataset.columns) known.push_back(column.name);
  return Missing(
      std::move(field),
      absl::StrCat("dataset \"", dataset.name, "\" has no column \"", Excerpt(name), "\""), name,
      known);
}

}  // namespace metricstore::registry
