#include "compute_service/registry_client/result_messages.h"

#include <algorithm>
#include <span>
#include <string>

namespace metricstore::compute {
namespace {

namespace pb = ::metricstore::registry::v1;

// A bucket start and a value of 8 bytes each, and a status of one.
constexpr size_t kPointBytes = 17;
// Tag and length of a text.
constexpr size_t kTextOverheadBytes = 4;
// Tags, lengths and the small fields of a series.
constexpr size_t kSeriesOverheadBytes = 32;

bool AllOk(std::span<const vector::PointStatus> statuses) {
  return std::ranges::all_of(
      statuses, [](vector::PointStatus status) { return status == vector::PointStatus::kOk; });
}

bool AllEmpty(std::span<const std::string> texts) {
  return std::ranges::all_of(texts, [](const std::string& text) { return text.empty(); });
}

size_t BytesOf(const vector::MetricPoints& points, size_t i) {
  return kPointBytes + (points.texts.empty() ? 0 : kTextOverheadBytes + points.texts[i].size());
}

void AddTexts(std::span<const std::string> texts, pb::SeriesPoints* series) {
  if (AllEmpty(texts)) return;
  series->mutable_texts()->Add(texts.begin(), texts.end());
}

void AddStatuses(std::span<const vector::PointStatus> statuses, pb::SeriesPoints* series) {
  if (AllOk(statuses)) return;
  series->mutable_statuses()->Reserve(static_cast<int>(statuses.size()));
  for (const vector::PointStatus status : statuses) {
    series->add_statuses(static_cast<pb::PointStatus>(status));
  }
}

void AddPoints(const vector::MetricPoints& points, size_t begin, size_t count,
               pb::SeriesPoints* series) {
  const auto starts = std::span(points.bucket_start_micros).subspan(begin, count);
  const auto values = std::span(points.values).subspan(begin, count);
  series->mutable_bucket_start_micros()->Add(starts.begin(), starts.end());
  series->mutable_values()->Add(values.begin(), values.end());
  AddStatuses(std::span(points.statuses).subspan(begin, count), series);
  if (!points.texts.empty()) AddTexts(std::span(points.texts).subspan(begin, count), series);
}

}  // namespace

size_t ResultMessages::AddPiece(size_t room, pb::PersistShardRequest* message) {
  const SeriesPoints& from = results_.series[series_];
  const size_t left = from.points.values.size() - point_;
  size_t count = 0;
  size_t bytes = 0;
  while (count < left && (count == 0 || bytes + BytesOf(from.points, point_ + count) <= room)) {
    bytes += BytesOf(from.points, point_ + count++);
  }
  pb::SeriesPoints* series = message->add_series();
  series->mutable_metric()->set_id(from.metric.id);
  series->mutable_metric()->set_version(from.metric.version);
  series->set_grain(static_cast<pb::Grain>(from.grain));
  series->set_entity(from.entity);
  AddPoints(from.points, point_, count, series);
  point_ += count;
  if (count == left) {
    ++series_;
    point_ = 0;
  }
  return kSeriesOverheadBytes + from.metric.id.size() + from.entity.size() + bytes;
}

bool ResultMessages::Next(pb::PersistShardRequest* message) {
  if (done_) return false;
  message->Clear();
  if (first_) {
    message->set_shard_id(lease_.shard_id);
    message->set_fence(lease_.fence);
    first_ = false;
  }
  size_t bytes = 0;
  while (series_ < results_.series.size() && bytes < kTargetBytes) {
    bytes += AddPiece(kTargetBytes - bytes, message);
  }
  if (series_ == results_.series.size()) {
    message->set_last(true);
    message->set_rows_read(results_.rows_read);
    message->set_read_watermark(results_.read_watermark);
    done_ = true;
  }
  return true;
}

}  // namespace metricstore::compute
