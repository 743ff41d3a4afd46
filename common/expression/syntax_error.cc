#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/expression/odd_characters.h"
#include "common/expression/syntax.h"
#include "common/status/error.h"

namespace metricstore::expression {
namespace {

absl::Status PositionError(std::string_view reason, std::string_view text, size_t offset,
                           const std::string& message, const std::string& suggestion) {
  const size_t position = PositionOf(text, offset);
  std::string full = AtPosition(position, Visible(message));
  const std::string form = Visible(suggestion);
  if (!form.empty()) absl::StrAppend(&full, "; did you mean \"", form, "\"?");
  status::ErrorBuilder error(absl::StatusCode::kInvalidArgument, reason, full);
  error.Metadata("position", std::to_string(position));
  if (!form.empty()) error.Metadata("suggestion", form);
  return error.Build();
}

}  // namespace

size_t PositionOf(std::string_view text, size_t offset) {
  // Users count characters; every byte but a UTF-8 continuation starts one.
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  return 1 + static_cast<size_t>(std::count_if(before.begin(), before.end(),
                                               [](char byte) { return (byte & 0xC0) != 0x80; }));
}

std::string AtPosition(size_t position, const std::string& message) {
  return absl::StrCat("position ", position, ": ", message);
}

absl::Status ErrorAt(std::string_view text, size_t offset, const std::string& message,
                     const std::string& suggestion) {
  return PositionError("EXPRESSION_INVALID", text, offset, message, suggestion);
}

absl::Status SqlErrorAt(std::string_view text, size_t offset, const std::string& message,
                        const std::string& suggestion) {
  return PositionError("SQL_INVALID", text, offset, message, suggestion);
}

}  // namespace metricstore::expression
