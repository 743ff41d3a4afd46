#include "compute_service/api/evaluate_messages.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/status/macros.h"
#include "common/time/iso8601.h"
#include "compute_service/conversion/definition_conversion.h"

namespace metricstore::compute {
namespace {

namespace pb = ::metricstore::registry::v1;

using vector::MetricPoints;
using vector::PointStatus;

// A timestamp of up to 18 bytes with its tag, a value of 8, a status of one; tag and length of a
// text.
constexpr size_t kPointBytes = 32;
constexpr size_t kTextOverheadBytes = 4;
// Tags, lengths and the small fields of a series.
constexpr size_t kSeriesBytes = 64;

// What is left out where all points are alike, as in registry.v1.TrendSeries.
struct Shape {
  explicit Shape(const MetricPoints& points)
      : has_statuses(std::ranges::any_of(
            points.statuses, [](PointStatus status) { return status != PointStatus::kOk; })),
        has_texts(std::ranges::any_of(points.texts,
                                      [](const std::string& text) { return !text.empty(); })) {}
  const bool has_statuses;
  const bool has_texts;
};

size_t BytesOf(const MetricPoints& points, const Shape& shape, size_t i) {
  return kPointBytes + (shape.has_texts ? kTextOverheadBytes + points.texts[i].size() : 0);
}

void AddPoint(const MetricPoints& points, const Shape& shape, size_t i, pb::TrendSeries* series) {
  *series->add_bucket_start_times() = ToProto(FromMicros(points.bucket_start_micros[i]));
  series->add_values(points.values[i]);
  if (shape.has_statuses) series->add_statuses(static_cast<pb::PointStatus>(points.statuses[i]));
  if (shape.has_texts) series->add_texts(points.texts[i]);
}

}  // namespace

v1::EvaluatedSeries* EvaluateMessages::Begin(const PreviewSeries& series) {
  v1::EvaluatedSeries* const proto = message_.add_series();
  proto->set_metric_index(static_cast<int32_t>(series.metric_index));
  proto->set_metric(series.metric.id);
  proto->set_version(series.metric.version);
  proto->set_grain(static_cast<pb::Grain>(series.grain));
  proto->set_entity(std::string(series.entity));
  proto->mutable_points()->set_entity(std::string(series.entity));
  bytes_ += kSeriesBytes + series.metric.id.size() + 2 * series.entity.size();
  return proto;
}

absl::Status EvaluateMessages::Add(const PreviewSeries& series, int64_t rows_read) {
  const MetricPoints& points = series.points;
  const Shape shape(points);
  v1::EvaluatedSeries* proto = nullptr;
  for (size_t i = 0; i < points.values.size(); ++i) {
    const size_t bytes = BytesOf(points, shape, i);
    if (bytes_ > 0 && bytes_ + bytes > kTargetBytes) {
      message_.set_rows_read(rows_read);
      RETURN_IF_ERROR(Flush());
      proto = nullptr;
    }
    if (proto == nullptr) proto = Begin(series);
    AddPoint(points, shape, i, proto->mutable_points());
    bytes_ += bytes;
  }
  return absl::OkStatus();
}

absl::Status EvaluateMessages::Flush() {
  RETURN_IF_ERROR(writer_.Write(message_));
  message_.Clear();
  bytes_ = 0;
  return absl::OkStatus();
}

absl::Status EvaluateMessages::Finish(int64_t rows_read) {
  message_.set_rows_read(rows_read);
  return Flush();
}

}  // namespace metricstore::compute
