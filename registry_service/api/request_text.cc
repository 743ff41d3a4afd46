#include "registry_service/api/request_text.h"

#include "common/columns/utf8.h"
#include "common/status/error.h"

namespace metricstore::registry::api {

absl::Status CheckText(std::string_view field, std::string_view text) {
  if (columns::IsStorableText(text)) return absl::OkStatus();
  return status::FieldInvalid(field, "", "must be UTF-8 text without NUL");
}

absl::Status CheckRequiredText(std::string_view field, std::string_view text) {
  return text.empty() ? status::FieldRequired(field) : CheckText(field, text);
}

}  // namespace metricstore::registry::api
