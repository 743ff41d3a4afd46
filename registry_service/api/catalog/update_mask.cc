#include "registry_service/api/catalog/update_mask.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/store/metric_fields.h"

namespace metricstore::registry::api {
namespace {

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

absl::Status Refuse(std::string_view path, std::string_view why, const std::string& suggestion) {
  status::ErrorBuilder error(
      absl::StatusCode::kInvalidArgument, "FIELD_INVALID",
      absl::StrCat("update_mask: \"", Excerpt(path), "\" ", std::string(why)));
  error.Metadata("field", "update_mask").Metadata("value", Excerpt(path));
  if (!suggestion.empty()) error.Metadata("suggestion", suggestion);
  error.Field("update_mask",
              absl::StrCat(std::string(why), "; fields that can be set: ",
                           absl::StrJoin(SettableFields(), ", "), "; or \"*\" for all"));
  return error.Build();
}

absl::Status RefusePath(const std::string& path, const std::vector<std::string>& settable) {
  if (path == "*") return Refuse(path, "must stand alone", "");
  if (path == "name" || path == "category") {
    return Refuse(path, "says which metric it is and cannot change", "");
  }
  if (v1::Metric::descriptor()->FindFieldByName(path) != nullptr) {
    return Refuse(path, "is set by the service", "");
  }
  const std::string whole = path.substr(0, path.find('.'));
  if (whole != path && Contains(settable, whole)) {
    return Refuse(path, "is a part of a field, which is set as a whole", whole);
  }
  const std::string near = status::ClosestMatch(path, settable);
  return Refuse(
      path,
      near.empty() ? "is no field" : absl::StrCat("is no field: did you mean \"", near, "\"?"),
      near);
}

// What an update without a mask means, by AIP-134: nothing is cleared by being left out.
std::vector<std::string> PopulatedFields(const v1::Metric& metric,
                                         const std::vector<std::string>& settable) {
  std::vector<const google::protobuf::FieldDescriptor*> set;
  metric.GetReflection()->ListFields(metric, &set);
  std::vector<std::string> fields;
  for (const auto* field : set) {
    if (Contains(settable, field->name())) fields.push_back(field->name());
  }
  return fields;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadUpdateMask(const google::protobuf::FieldMask& mask,
                                                        const v1::Metric& metric) {
  std::vector<std::string> settable = SettableFields();
  if (mask.paths_size() == 1 && mask.paths(0) == "*") return settable;
  if (mask.paths().empty()) {
    std::vector<std::string> populated = PopulatedFields(metric, settable);
    if (populated.empty()) return status::FieldRequired("update_mask");
    return populated;
  }
  std::vector<std::string> fields;
  for (const std::string& path : mask.paths()) {
    if (!Contains(settable, path)) return RefusePath(path, settable);
    if (!Contains(fields, path)) fields.push_back(path);
  }
  return fields;
}

void KeepFields(const std::vector<std::string>& fields, v1::Metric& metric) {
  const auto& descriptor = *v1::Metric::descriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const std::string& name = descriptor.field(i)->name();
    if (name == "name" || name == "category" || name == "etag" || Contains(fields, name)) continue;
    metric.GetReflection()->ClearField(&metric, descriptor.field(i));
  }
}

}  // namespace metricstore::registry::api
