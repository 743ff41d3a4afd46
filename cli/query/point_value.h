// The value of a point as tables, CSV and JSON show it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "metricstore/registry/v1/query_service.pb.h"
#include "metricstore/registry/v1/result_service.pb.h"

namespace metricstore::cli {

// Whether the points of a metric with this expression are vectors: a text alone may look like one.
bool GivesVectors(std::string_view expression);

// A value, or why there is none.
struct PointValue {
  enum class Kind { kNone, kNumber, kText, kVector };
  Kind kind = Kind::kNone;
  // A number's digits, a text, a vector as a JSON array; empty for kNone.
  std::string text;
  registry::v1::PointStatus status = registry::v1::POINT_STATUS_NULL;  // of kNone
};

// What tables show: "1.5", "NULL", "not finite", "too large".
std::string ShownValue(const PointValue& value);

// Appends `value`, a number, a text, an array or null, and for null the `status`: "null",
// "not_finite", "too_large".
void AddValue(const PointValue& value, nlohmann::ordered_json* point);

// The value of a point by itself. The text of a number is its digits where a double does not hold
// them.
PointValue ValueOf(registry::v1::PointStatus status, double number, const std::string& text,
                   bool vectors);

// The values of a series, in which an empty text stands beside others.
class SeriesValues {
 public:
  explicit SeriesValues(const registry::v1::TrendSeries& series);

  bool holds_texts() const { return holds_texts_; }
  PointValue At(int i, bool vectors) const;

 private:
  const registry::v1::TrendSeries& series_;
  const bool holds_texts_;
};

}  // namespace metricstore::cli
