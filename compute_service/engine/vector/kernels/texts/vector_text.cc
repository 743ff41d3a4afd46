#include "compute_service/engine/vector/kernels/texts/vector_text.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "common/time/iso8601.h"

namespace metricstore::compute::vector {
namespace {

constexpr size_t kMostDigits = 32;  // of the shortest form of a double, or of an integer

template <typename T>
void AppendDigits(T value, std::string* text) {
  char digits[kMostDigits];
  const std::to_chars_result end = std::to_chars(digits, digits + kMostDigits, value);
  text->append(digits, end.ptr);
}

}  // namespace

void VectorText::Separate() {
  if (text_.size() > 1) text_ += ',';
}

void VectorText::Add(double value) {
  is_finite_ = is_finite_ && std::isfinite(value);
  if (!is_finite_) return;
  Separate();
  AppendDigits(value == 0 ? 0.0 : value, &text_);
}

void VectorText::Add(int64_t value, columns::ColumnType type) {
  if (type == columns::ColumnType::kTimestamp) return Add(FormatInstant(FromMicros(value)));
  if (type == columns::ColumnType::kDate) {
    return Add(FormatDate(FromEpochDays(static_cast<int32_t>(value))));
  }
  Separate();
  AppendDigits(value, &text_);
}

void VectorText::Add(bool value) {
  Separate();
  text_ += value ? "true" : "false";
}

void VectorText::Add(std::string_view text) {
  Separate();
  // Text that is not UTF-8 was refused where rows came in; here it must only not throw.
  text_ += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string_view VectorText::Finish() {
  if (!is_finite_) return kNotFiniteVector;
  if (text_.size() <= kMaxListBytes) text_ += ']';
  return text_;
}

}  // namespace metricstore::compute::vector
