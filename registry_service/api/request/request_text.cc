#include "registry_service/api/request/request_text.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/columns/utf8.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/names.h"

namespace metricstore::registry::api {
absl::Status CheckText(std::string_view field, std::string_view text) {
  if (columns::IsStorableText(text)) return absl::OkStatus();
  return status::FieldInvalid(field, "", "must be UTF-8 text without NUL");
}

absl::Status CheckRequiredText(std::string_view field, std::string_view text) {
  return text.empty() ? status::FieldRequired(field) : CheckText(field, text);
}

absl::Status CheckName(std::string_view field, std::string_view name) {
  if (name.size() > kMaxNameBytes) {
    return status::FieldInvalid(field, Excerpt(name),
                                absl::StrCat("must be at most ", kMaxNameBytes, " bytes"));
  }
  return CheckText(field, name);
}

absl::Status CheckRequiredName(std::string_view field, std::string_view name) {
  return name.empty() ? status::FieldRequired(field) : CheckName(field, name);
}

absl::Status CheckMetricName(std::string_view field, std::string_view name) {
  if (name.empty()) return status::FieldRequired(field);
  const size_t slash = name.find('/');
  const size_t last = slash == std::string_view::npos ? 0 : slash + 1;
  if (name.size() - last > kMaxNameBytes || last > kMaxNameBytes + 1) {
    return status::FieldInvalid(
        field, Excerpt(name),
        absl::StrCat("category and name must be at most ", kMaxNameBytes, " bytes each"));
  }
  return CheckText(field, name);
}

}  // namespace metricstore::registry::api
