#include "registry_service/backfills/most_points.h"

#include <algorithm>

#include "common/calendar/window.h"

namespace metricstore::registry {
namespace {

using calendar::WindowReach;

// Bytes of a point, and of a series beside its names, in a message.
constexpr size_t kPointBytes = 16;
constexpr size_t kSeriesBytes = 32;

// At least as many as the buckets that touch the dates.
int64_t MostBuckets(Grain grain, DateRange dates) {
  const int64_t days = dates.end - dates.start;
  switch (grain) {
    case Grain::kHour:
      return days * 24 + 1;  // one more where the clock is set back
    case Grain::kDay:
      return days;
    case Grain::kWeek:
      return days / 7 + 2;
    case Grain::kMonth:
      return days / 28 + 2;
    case Grain::kQuarter:
      return days / 90 + 2;
    case Grain::kYear:
      break;
  }
  return days / 365 + 2;
}

}  // namespace

int64_t MostPoints(const CutGroup& group, const std::string& entity, DateRange dates,
                   int64_t rows) {
  int64_t points = 0;
  for (const CutMetric& cut : group.metrics) {
    const size_t names = kSeriesBytes + cut.metric.id.size() + entity.size();
    const int64_t buckets = MostBuckets(cut.metric.grain, dates);
    const bool shown_once = cut.window.reach == WindowReach::kBucket && cut.reads.empty();
    points += shown_once ? std::min(rows, buckets) : buckets;
    points += static_cast<int64_t>(names / kPointBytes);
  }
  return points;
}

}  // namespace metricstore::registry
