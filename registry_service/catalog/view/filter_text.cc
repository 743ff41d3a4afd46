#include "registry_service/catalog/view/filter_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace metricstore::registry {
namespace {

constexpr std::string_view kNotInWords = "()\"'=!<>:";

bool IsSpace(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); }

void Append(char c, bool star, std::vector<std::string>& parts) {
  if (star) {
    parts.emplace_back();
  } else {
    parts.back().push_back(c);
  }
}

}  // namespace

bool FilterText::AtEnd() {
  while (place_ < text_.size() && IsSpace(text_[place_])) ++place_;
  return place_ == text_.size();
}

size_t FilterText::Place() {
  AtEnd();
  return place_;
}

std::string_view FilterText::NextWord() {
  AtEnd();
  size_t end = place_;
  while (end < text_.size() && !IsSpace(text_[end]) &&
         kNotInWords.find(text_[end]) == std::string_view::npos) {
    ++end;
  }
  return text_.substr(place_, end - place_);
}

bool FilterText::Take(std::string_view token) {
  if (AtEnd() || !text_.substr(place_).starts_with(token)) return false;
  place_ += token.size();
  return true;
}

absl::StatusOr<FilterValue> FilterText::TakeValue() {
  if (!AtEnd() && (text_[place_] == '"' || text_[place_] == '\'')) return TakeQuoted();
  const std::string_view word = NextWord();
  if (word.empty()) return Fail(place_, "a value is missing");
  std::vector<std::string> parts = {""};
  for (const char c : word) Append(c, c == '*', parts);
  FilterValue value{place_, std::string(word), StarPattern(std::move(parts))};
  place_ += word.size();
  return value;
}

absl::StatusOr<FilterValue> FilterText::TakeQuoted() {
  const size_t start = place_;
  const char quote = text_[place_++];
  std::string text;
  std::vector<std::string> parts = {""};
  for (; place_ < text_.size(); ++place_) {
    if (text_[place_] == quote) {
      ++place_;
      return FilterValue{start, std::move(text), StarPattern(std::move(parts))};
    }
    const bool escaped = text_[place_] == '\\';
    if (escaped && ++place_ == text_.size()) break;
    text.push_back(text_[place_]);
    Append(text_[place_], !escaped && text_[place_] == '*', parts);
  }
  return Fail(start, "the quotes are not closed");
}

absl::Status FilterText::Fail(size_t place, std::string_view problem,
                              const std::string& suggestion) const {
  // Characters, not bytes: continuation bytes of UTF-8 do not count.
  const std::string_view before = text_.substr(0, place);
  const auto position =
      1 + std::count_if(before.begin(), before.end(), [](char c) { return (c & 0xC0) != 0x80; });
  std::string message = absl::StrCat("character ", position, ": ", std::string(problem));
  if (!suggestion.empty()) absl::StrAppend(&message, "; did you mean \"", suggestion, "\"?");
  status::ErrorBuilder error(absl::StatusCode::kInvalidArgument, "FILTER_INVALID",
                             absl::StrCat("the filter does not parse: ", message));
  error.Metadata("position", absl::StrCat(position)).Field("filter", message);
  if (!suggestion.empty()) error.Metadata("suggestion", suggestion);
  return error.Build();
}

}  // namespace metricstore::registry
