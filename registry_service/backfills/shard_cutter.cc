#include "registry_service/backfills/shard_cutter.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/calendar/window.h"

namespace metricstore::registry {
namespace {

// An entity with the dates on which it has rows, about how many, and at most how many points.
struct Stretch {
  std::string entity;
  DateRange dates;
  int64_t rows;
  int64_t points;
};

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

// At most how many points the group's metrics give of `rows` rows in these dates. A series counts
// beside its points, also without any: it is sent with its names.
int64_t MostPoints(const CutGroup& group, const std::string& entity, DateRange dates,
                   int64_t rows) {
  int64_t points = 0;
  for (const MetricAtGrain& metric : group.metrics) {
    const size_t names = kSeriesBytes + metric.id.size() + entity.size();
    points += std::min(rows, MostBuckets(metric.grain, dates)) +
              static_cast<int64_t>(names / kPointBytes);
  }
  return points;
}

absl::CivilDay NextBoundary(CutUnit unit, absl::CivilDay day) {
  switch (unit) {
    case CutUnit::kWeek:
      return absl::NextWeekday(day, absl::Weekday::monday);
    case CutUnit::kYear:
      return absl::CivilDay(day.year() + 1, 1, 1);
    case CutUnit::kMonth:
      break;
  }
  return absl::CivilDay(absl::CivilMonth(day) + 1);
}

// The last boundary at or before `day`.
absl::CivilDay BoundaryBefore(CutUnit unit, absl::CivilDay day) {
  switch (unit) {
    case CutUnit::kWeek:
      return absl::PrevWeekday(day + 1, absl::Weekday::monday);
    case CutUnit::kYear:
      return absl::CivilDay(day.year(), 1, 1);
    case CutUnit::kMonth:
      break;
  }
  return absl::CivilDay(absl::CivilMonth(day));
}

// `dates` cut at every boundary inside.
std::vector<DateRange> Units(CutUnit unit, DateRange dates) {
  std::vector<DateRange> units;
  for (absl::CivilDay day = dates.start; day < dates.end;) {
    const absl::CivilDay next = std::min(NextBoundary(unit, day), dates.end);
    units.push_back({day, next});
    day = next;
  }
  return units;
}

// The group's dates on which the entity may have rows, in whole units. A trade date lies within a
// day of the civil date of its rows. An entity whose rows have all moved to another keeps its
// stretch: its points there are to go.
std::optional<Stretch> StretchOf(const CutGroup& group, const EntityRows& entity) {
  if (!entity.oldest.has_value() || !entity.newest.has_value()) {
    return std::nullopt;
  }
  const absl::TimeZone zone = group.calendar->zone();
  const absl::CivilDay first = absl::ToCivilDay(*entity.oldest, zone) - 1;
  const absl::CivilDay last = absl::ToCivilDay(*entity.newest, zone) + 1;
  const DateRange dates = {std::max(group.dates.start, BoundaryBefore(group.unit, first)),
                           std::min(group.dates.end, NextBoundary(group.unit, last))};
  if (dates.start >= dates.end || last < group.dates.start || first >= group.dates.end) {
    return std::nullopt;
  }
  const auto stored_days = static_cast<double>(last - first + 1);
  const auto shared_days =
      static_cast<double>(std::min(last + 1, dates.end) - std::max(first, dates.start));
  const double share = std::clamp(shared_days / stored_days, 0.0, 1.0);
  return Stretch{entity.entity, dates,
                 std::llround(std::ceil(static_cast<double>(entity.rows) * share)),
                 MostPoints(group, entity.entity, dates, entity.rows)};
}

std::vector<Stretch> StretchesOf(const CutGroup& group) {
  std::vector<Stretch> stretches;
  for (const EntityRows& entity : group.entities) {
    if (auto stretch = StretchOf(group, entity)) stretches.push_back(*std::move(stretch));
  }
  return stretches;
}

ShardSpec MakeShard(const CutGroup& group, std::vector<std::string> entities, DateRange dates) {
  return {.dataset = group.dataset,
          .calendar = group.calendar->spec().name,
          .calendar_version = group.calendar->version(),
          .entities = std::move(entities),
          .dates = dates,
          .extent = calendar::ExtentOf(*group.calendar, dates),
          .metrics = group.metrics};
}

// Spans of whole units that are short enough for the points of any rows in them.
int64_t SpansForPoints(const CutGroup& group, const Stretch& stretch,
                       const std::vector<DateRange>& units) {
  if (stretch.points <= kMaxShardPoints) return 1;
  int64_t unit_points = 1;
  for (const DateRange& unit : units) {
    unit_points = std::max(unit_points, MostPoints(group, stretch.entity, unit, kMaxShardPoints));
  }
  const auto unit_count = static_cast<int64_t>(units.size());
  const int64_t units_a_span = std::max<int64_t>(1, kMaxShardPoints / unit_points);
  return (unit_count + units_a_span - 1) / units_a_span;
}

// One entity with more rows or points than a shard should have: equal spans of whole units.
void CutInTime(const CutGroup& group, const Stretch& stretch, int64_t target,
               std::vector<ShardSpec>& shards) {
  const std::vector<DateRange> units = Units(group.unit, stretch.dates);
  const auto unit_count = static_cast<int64_t>(units.size());
  const int64_t spans = std::min(unit_count, std::max((stretch.rows + target - 1) / target,
                                                      SpansForPoints(group, stretch, units)));
  for (int64_t span = 0; span < spans; ++span) {
    const auto first = static_cast<size_t>(span * unit_count / spans);
    const auto last = static_cast<size_t>((span + 1) * unit_count / spans - 1);
    shards.push_back(MakeShard(group, {stretch.entity}, {units[first].start, units[last].end}));
  }
}

// Gathers small entities until together they reach the target, or the most points.
class SmallEntities {
 public:
  SmallEntities(const CutGroup& group, int64_t target, std::vector<ShardSpec>& shards)
      : group_(group), target_(target), shards_(shards) {}

  void Add(const Stretch& stretch) {
    if (!entities_.empty() &&
        (rows_ + stretch.rows > target_ || points_ + stretch.points > kMaxShardPoints ||
         entities_.size() >= kMaxShardEntities ||
         name_bytes_ + stretch.entity.size() > kMaxShardNameBytes)) {
      Flush();
    }
    dates_ = entities_.empty() ? stretch.dates
                               : DateRange{std::min(dates_.start, stretch.dates.start),
                                           std::max(dates_.end, stretch.dates.end)};
    entities_.push_back(stretch.entity);
    name_bytes_ += stretch.entity.size();
    rows_ += stretch.rows;
    points_ += stretch.points;
  }

  void Flush() {
    if (entities_.empty()) return;
    shards_.push_back(MakeShard(group_, std::exchange(entities_, {}), dates_));
    name_bytes_ = 0;
    rows_ = 0;
    points_ = 0;
  }

 private:
  const CutGroup& group_;
  const int64_t target_;
  std::vector<ShardSpec>& shards_;
  std::vector<std::string> entities_;
  DateRange dates_;
  size_t name_bytes_ = 0;
  int64_t rows_ = 0;
  int64_t points_ = 0;
};

void CutGroupInto(const CutGroup& group, const std::vector<Stretch>& stretches, int64_t target,
                  std::vector<ShardSpec>& shards) {
  SmallEntities small(group, target, shards);
  for (const Stretch& stretch : stretches) {
    if (stretch.rows > target || stretch.points > kMaxShardPoints) {
      CutInTime(group, stretch, target, shards);
    } else {
      small.Add(stretch);
    }
  }
  small.Flush();
}

// The groups, those of very many metrics as several of fewer: each reads the same rows.
std::vector<CutGroup> SplitMetrics(const std::vector<CutGroup>& groups) {
  std::vector<CutGroup> split;
  for (const CutGroup& group : groups) {
    for (size_t first = 0; first < group.metrics.size(); first += kMaxShardMetrics) {
      const size_t last = std::min(first + kMaxShardMetrics, group.metrics.size());
      CutGroup& part = split.emplace_back(group);
      part.metrics.assign(group.metrics.begin() + static_cast<std::ptrdiff_t>(first),
                          group.metrics.begin() + static_cast<std::ptrdiff_t>(last));
    }
  }
  return split;
}

int64_t TargetRows(int64_t rows) {
  const int64_t least = std::clamp(rows / kWantedWorkers, kMinShardRows, kFewShardRows);
  return std::clamp(rows / kWantedShards, least, kTargetShardRows);
}

}  // namespace

CutUnit CutUnitOf(Grain grain) {
  switch (grain) {
    case Grain::kHour:
    case Grain::kDay:
      return CutUnit::kMonth;
    case Grain::kWeek:
      return CutUnit::kWeek;
    case Grain::kMonth:
    case Grain::kQuarter:
    case Grain::kYear:
      break;
  }
  return CutUnit::kYear;
}

std::vector<ShardSpec> CutShards(const std::vector<CutGroup>& requested) {
  const std::vector<CutGroup> groups = SplitMetrics(requested);
  std::vector<std::vector<Stretch>> stretches;
  int64_t rows = 0;
  for (const CutGroup& group : groups) {
    stretches.push_back(StretchesOf(group));
    for (const Stretch& stretch : stretches.back()) rows += stretch.rows;
  }
  const int64_t target = TargetRows(rows);
  std::vector<ShardSpec> shards;
  for (size_t i = 0; i < groups.size(); ++i) {
    CutGroupInto(groups[i], stretches[i], target, shards);
  }
  return shards;
}

}  // namespace metricstore::registry
