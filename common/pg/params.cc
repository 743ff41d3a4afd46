#include "common/pg/params.h"

#include <utility>

#include "common/pg/value_text.h"

namespace metricstore::pg {
namespace {

template <typename T, typename Append>
std::string ArrayText(std::span<const T> values, Append append) {
  std::string text = "{";
  for (const T& value : values) {
    if (text.size() > 1) text.push_back(',');
    append(text, value);
  }
  text.push_back('}');
  return text;
}

template <typename Integer>
std::string IntegerArrayText(std::span<const Integer> values) {
  return ArrayText(values, [](std::string& text, Integer value) { text += std::to_string(value); });
}

}  // namespace

Params& Params::Add(std::string_view text) {
  values_.emplace_back(std::string(text));
  return *this;
}

Params& Params::Add(int64_t value) { return Add(std::to_string(value)); }
Params& Params::Add(double value) { return Add(FormatDouble(value)); }
Params& Params::Add(bool value) { return Add(std::string_view(value ? "t" : "f")); }
Params& Params::Add(absl::Time value) { return Add(FormatTimestamp(value)); }
Params& Params::Add(absl::CivilDay value) { return Add(FormatDate(value)); }
Params& Params::AddBytes(std::string_view bytes) { return Add(FormatBytes(bytes)); }

Params& Params::AddNull() {
  values_.emplace_back(std::nullopt);
  return *this;
}

Params& Params::AddArray(std::span<const std::string> values) {
  return Add(ArrayText(values, AppendArrayElement));
}

Params& Params::AddArray(std::span<const int64_t> values) { return Add(IntegerArrayText(values)); }
Params& Params::AddArray(std::span<const int32_t> values) { return Add(IntegerArrayText(values)); }

Params& Params::AddArray(std::span<const double> values) {
  return Add(
      ArrayText(values, [](std::string& text, double value) { text += FormatDouble(value); }));
}

Params& Params::AddArray(std::span<const absl::Time> values) {
  return Add(ArrayText(values, [](std::string& text, absl::Time value) {
    AppendArrayElement(text, FormatTimestamp(value));
  }));
}

Params& Params::AddArray(std::span<const absl::CivilDay> values) {
  return Add(ArrayText(values, [](std::string& text, absl::CivilDay value) {
    AppendArrayElement(text, FormatDate(value));
  }));
}

}  // namespace metricstore::pg
