#include "cli/query/point_value.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "cli/messages/proto_text.h"
#include "cli/output/number_text.h"

namespace metricstore::cli {
namespace {

using registry::v1::PointStatus;

// A vector is the whole of its expression, so its function comes first.
constexpr std::string_view kVectorFunctions[] = {"array_agg", "bottom_k", "histogram", "top_k"};

bool IsNameLetter(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Of texts and vectors the number is 0; beside the digits of a large integer stands the number.
bool HoldsTexts(const registry::v1::TrendSeries& series) {
  for (int i = 0; i < series.texts_size(); ++i) {
    if (!series.texts(i).empty() && series.values(i) == 0) return true;
  }
  return false;
}

// `text` as it is where it cannot be read.
nlohmann::ordered_json Parsed(const std::string& text) {
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(text, nullptr, false);
  return json.is_discarded() ? nlohmann::ordered_json(text) : json;
}

}  // namespace

bool GivesVectors(std::string_view expression) {
  expression.remove_prefix(std::min(expression.find_first_not_of(" \t\r\n("), expression.size()));
  const auto* const end = std::find_if_not(expression.begin(), expression.end(), IsNameLetter);
  const std::string name = absl::AsciiStrToLower(std::string(expression.begin(), end));
  return std::find(std::begin(kVectorFunctions), std::end(kVectorFunctions), name) !=
         std::end(kVectorFunctions);
}

std::string ShownValue(const PointValue& value) {
  if (value.kind != PointValue::Kind::kNone) return value.text;
  switch (value.status) {
    case registry::v1::POINT_STATUS_NOT_FINITE:
      return "not finite";
    case registry::v1::POINT_STATUS_TOO_LARGE:
      return "too large";
    default:
      return "NULL";
  }
}

void AddValue(const PointValue& value, nlohmann::ordered_json* point) {
  switch (value.kind) {
    case PointValue::Kind::kNone:
      (*point)["value"] = nullptr;
      (*point)["status"] = EnumText(value.status, "POINT_STATUS_");
      return;
    case PointValue::Kind::kText:
      (*point)["value"] = value.text;
      return;
    case PointValue::Kind::kNumber:
    case PointValue::Kind::kVector:
      (*point)["value"] = Parsed(value.text);
      return;
  }
}

PointValue ValueOf(PointStatus status, double number, const std::string& text, bool vectors) {
  if (status != registry::v1::POINT_STATUS_OK) return {.status = status};
  if (text.empty()) return {.kind = PointValue::Kind::kNumber, .text = FormatNumber(number)};
  if (number != 0) return {.kind = PointValue::Kind::kNumber, .text = text};
  return {.kind = vectors ? PointValue::Kind::kVector : PointValue::Kind::kText, .text = text};
}

SeriesValues::SeriesValues(const registry::v1::TrendSeries& series)
    : series_(series), holds_texts_(HoldsTexts(series)) {}

PointValue SeriesValues::At(int i, bool vectors) const {
  const PointStatus status =
      series_.statuses().empty() ? registry::v1::POINT_STATUS_OK : series_.statuses(i);
  const std::string text = series_.texts().empty() ? "" : series_.texts(i);
  if (holds_texts_ && text.empty() && status == registry::v1::POINT_STATUS_OK) {
    return {.kind = PointValue::Kind::kText};
  }
  return ValueOf(status, series_.values(i), text, vectors);
}

}  // namespace metricstore::cli
