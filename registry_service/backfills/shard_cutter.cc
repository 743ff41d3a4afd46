#include "registry_service/backfills/shard_cutter.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "common/calendar/buckets.h"
#include "registry_service/backfills/most_points.h"

namespace metricstore::registry {
namespace {

using calendar::Calendar;
using calendar::RollingUnit;
using calendar::Window;
using calendar::WindowReach;

// An entity with the dates whose buckets show its rows.
struct Stretch {
  std::string entity;
  DateRange dates;
  int64_t rows;        // of those dates, about
  int64_t reach_rows;  // of the dates before a shard's that its windows reach back to, about
  int64_t points;      // at most
};

int64_t DaysOf(Grain grain) {
  switch (grain) {
    case Grain::kHour:
    case Grain::kDay:
      return 1;
    case Grain::kWeek:
      return 7;
    case Grain::kMonth:
      return 31;
    case Grain::kQuarter:
      return 92;
    case Grain::kYear:
      break;
  }
  return 366;
}

// Days that so many sessions take, about.
int64_t DaysOfSessions(const Calendar& calendar, int64_t sessions) {
  const auto open = static_cast<int64_t>(calendar.spec().open_days.size());
  return sessions * 7 / std::clamp<int64_t>(open, 1, 7) + 1;
}

// How many days before a bucket the window reaches back, about.
int64_t DaysBack(const Calendar& calendar, const Window& window, Grain grain) {
  switch (window.reach) {
    case WindowReach::kBucket:
      return 0;
    case WindowReach::kRolling:
      if (window.unit == RollingUnit::kHours) return window.count / 24 + 1;
      return window.unit == RollingUnit::kDays ? window.count
                                               : DaysOfSessions(calendar, window.count);
    case WindowReach::kToDate:
      return DaysOf(window.period);
    case WindowReach::kPrevious:
      break;
  }
  return DaysOfSessions(calendar, window.count * DaysOf(grain));
}

// How far the windows of a group reach, asked of each stretch of rows once.
class Reach {
 public:
  explicit Reach(const CutGroup& group) : calendar_(*group.calendar) {
    for (const CutMetric& cut : group.metrics) {
      if (cut.window.reach != WindowReach::kBucket) {
        Add({group.dataset, cut.window, cut.window_grain, {}}, cut.window_grain);
      }
      for (const RowSource& source : cut.reads) Add(source, cut.metric.grain);
    }
  }

  int64_t days_back() const { return days_back_; }

  // The first date whose bucket shows none of the rows of `dates` nor any later one.
  absl::CivilDay EndOf(DateRange dates) {
    if (distinct_.empty()) return dates.end;
    const DateRange known = {std::max(dates.start, calendar_.spec().first_date),
                             std::min(dates.end, calendar_.spec().last_date + 1)};
    if (known.start >= known.end) return dates.end;
    const auto [place, fresh] = ends_.try_emplace({known.start, known.end}, dates.end);
    if (!fresh) return std::max(place->second, dates.end);
    for (const auto& [key, source] : distinct_) {
      const DateRange shown = DatesThatShow(calendar_, source, key.second, known);
      place->second = std::max(place->second, shown.end);
    }
    return place->second;
  }

 private:
  void Add(const RowSource& source, Grain grain) {
    days_back_ = std::max(days_back_,
                          DaysBack(calendar_, source.window, source.grain) + DaysOfOffsets(source));
    distinct_.try_emplace({TextOf(source), grain}, source);
  }

  const Calendar& calendar_;
  std::map<std::pair<std::string, Grain>, RowSource> distinct_;  // that reach beyond their buckets
  int64_t days_back_ = 0;
  std::map<std::pair<absl::CivilDay, absl::CivilDay>, absl::CivilDay> ends_;
};

absl::CivilDay NextBoundary(const CutGroup& group, absl::CivilDay day) {
  switch (group.unit) {
    case CutUnit::kWeek:
      return absl::NextWeekday(day, group.calendar->spec().week_start);
    case CutUnit::kYear:
      return absl::CivilDay(day.year() + 1, 1, 1);
    case CutUnit::kMonth:
      break;
  }
  return absl::CivilDay(absl::CivilMonth(day) + 1);
}

// The last boundary at or before `day`.
absl::CivilDay BoundaryBefore(const CutGroup& group, absl::CivilDay day) {
  switch (group.unit) {
    case CutUnit::kWeek:
      return absl::PrevWeekday(day + 1, group.calendar->spec().week_start);
    case CutUnit::kYear:
      return absl::CivilDay(day.year(), 1, 1);
    case CutUnit::kMonth:
      break;
  }
  return absl::CivilDay(absl::CivilMonth(day));
}

// `dates` cut at every boundary inside.
std::vector<DateRange> Units(const CutGroup& group, DateRange dates) {
  std::vector<DateRange> units;
  for (absl::CivilDay day = dates.start; day < dates.end;) {
    const absl::CivilDay next = std::min(NextBoundary(group, day), dates.end);
    units.push_back({day, next});
    day = next;
  }
  return units;
}

// Those of `dates` that lie in the group's, widened to whole units.
DateRange InUnits(const CutGroup& group, DateRange dates) {
  return {std::max(group.dates.start, BoundaryBefore(group, dates.start)),
          std::min(group.dates.end, NextBoundary(group, dates.end - 1))};
}

std::optional<DateRange> RowDates(const CutGroup& group, const EntityRows& entity) {
  if (!entity.oldest.has_value() || !entity.newest.has_value()) return std::nullopt;
  return DateRange{group.calendar->DateAt(*entity.oldest),
                   group.calendar->DateAt(*entity.newest) + 1};
}

// The group's dates whose buckets may show rows of the entity, in whole units. An entity whose rows
// have all moved to another keeps its dates: its points there are to go.
std::optional<DateRange> DatesThatShowRows(const CutGroup& group, const EntityRows& entity,
                                           Reach& reach) {
  const std::optional<DateRange> stored = RowDates(group, entity);
  if (!stored.has_value()) return std::nullopt;
  // What reaches beyond the group's dates anyway need not be known.
  const absl::CivilDay end = stored->end < group.dates.end ? reach.EndOf(*stored) : stored->end;
  if (end <= group.dates.start || stored->start >= group.dates.end) return std::nullopt;
  return InUnits(group, {stored->start, end});
}

// The group's dates that are to be computed for the entity, in whole units.
std::optional<Stretch> StretchOf(const CutGroup& group, const EntityRows& entity, Reach& reach) {
  std::optional<DateRange> computed = DatesThatShowRows(group, entity, reach);
  if (const auto left = group.left_points.find(entity.entity); left != group.left_points.end()) {
    const DateRange points = InUnits(group, left->second);
    if (!computed.has_value()) computed = points;
    computed =
        DateRange{std::min(computed->start, points.start), std::max(computed->end, points.end)};
  }
  if (!computed.has_value()) return std::nullopt;
  const DateRange dates = *computed;
  const DateRange stored = RowDates(group, entity).value_or(DateRange{dates.start, dates.start});
  const auto stored_days = std::max(1.0, static_cast<double>(stored.end - stored.start));
  const auto rows_in = [&](absl::CivilDay from, absl::CivilDay to) {
    const auto shared_days =
        static_cast<double>(std::min(stored.end, to) - std::max(stored.start, from));
    const double share = std::clamp(shared_days / stored_days, 0.0, 1.0);
    return std::llround(std::ceil(static_cast<double>(entity.rows) * share));
  };
  return Stretch{entity.entity, dates, rows_in(dates.start, dates.end),
                 rows_in(stored.start, stored.start + reach.days_back()),
                 MostPoints(group, entity.entity, dates, entity.rows)};
}

std::vector<Stretch> StretchesOf(const CutGroup& group) {
  Reach reach(group);
  std::vector<Stretch> stretches;
  for (const EntityRows& entity : group.entities) {
    if (auto stretch = StretchOf(group, entity, reach)) stretches.push_back(*std::move(stretch));
  }
  return stretches;
}

// Of one shard of all its dates.
int64_t RowsRead(const Stretch& stretch) { return stretch.rows + stretch.reach_rows; }

ShardSpec MakeShard(const CutGroup& group, std::vector<std::string> entities, DateRange dates) {
  std::vector<MetricAtGrain> metrics;
  metrics.reserve(group.metrics.size());
  for (const CutMetric& cut : group.metrics) metrics.push_back(cut.metric);
  return {.dataset = group.dataset,
          .calendar = group.calendar->spec().name,
          .calendar_version = group.calendar->version(),
          .entities = std::move(entities),
          .dates = dates,
          .extent = group.calendar->ExtentOf(dates),
          .metrics = std::move(metrics),
          .also_reads = group.also_reads,
          .reads = {group.reads.begin(), group.reads.end()}};
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
  const std::vector<DateRange> units = Units(group, stretch.dates);
  const auto unit_count = static_cast<int64_t>(units.size());
  // Spans shorter than what they reach back to would read more twice than once.
  const int64_t rows_a_span = std::max(target - stretch.reach_rows, stretch.reach_rows);
  const int64_t spans =
      std::min(unit_count, std::max((stretch.rows + rows_a_span - 1) / rows_a_span,
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
        (rows_ + RowsRead(stretch) > target_ || points_ + stretch.points > kMaxShardPoints ||
         entities_.size() >= kMaxShardEntities ||
         name_bytes_ + stretch.entity.size() > kMaxShardNameBytes)) {
      Flush();
    }
    dates_ = entities_.empty() ? stretch.dates
                               : DateRange{std::min(dates_.start, stretch.dates.start),
                                           std::max(dates_.end, stretch.dates.end)};
    entities_.push_back(stretch.entity);
    name_bytes_ += stretch.entity.size();
    rows_ += RowsRead(stretch);
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
    if (RowsRead(stretch) > target || stretch.points > kMaxShardPoints) {
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

bool HasShards(const CutGroup& group) { return !StretchesOf(group).empty(); }

std::vector<DateRange> DatesWithRows(const CutGroup& group) {
  Reach reach(group);
  std::vector<DateRange> dates;
  dates.reserve(group.entities.size());
  for (const EntityRows& entity : group.entities) {
    dates.push_back(DatesThatShowRows(group, entity, reach)
                        .value_or(DateRange{group.dates.start, group.dates.start}));
  }
  return dates;
}

std::vector<ShardSpec> CutShards(const std::vector<CutGroup>& requested) {
  const std::vector<CutGroup> groups = SplitMetrics(requested);
  std::vector<std::vector<Stretch>> stretches;
  int64_t rows = 0;
  for (const CutGroup& group : groups) {
    stretches.push_back(StretchesOf(group));
    for (const Stretch& stretch : stretches.back()) rows += RowsRead(stretch);
  }
  const int64_t target = TargetRows(rows);
  std::vector<ShardSpec> shards;
  for (size_t i = 0; i < groups.size(); ++i) {
    CutGroupInto(groups[i], stretches[i], target, shards);
  }
  return shards;
}

}  // namespace metricstore::registry
