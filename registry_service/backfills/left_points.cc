#include "registry_service/backfills/left_points.h"

#include <string>
#include <vector>

#include "common/status/macros.h"
#include "registry_service/backfills/backfill_statements.h"

namespace metricstore::registry {
namespace {

// Entities with dates that their rows do not reach, and the instants of those that they do.
struct Partial {
  std::vector<std::string> entities;
  std::vector<absl::Time> starts, ends;
};

Partial PartialOf(const CutGroup& group) {
  const std::vector<DateRange> dates = DatesWithRows(group);
  Partial partial;
  for (size_t i = 0; i < dates.size(); ++i) {
    if (dates[i].start == group.dates.start && dates[i].end == group.dates.end) continue;
    const TimeRange instants = group.calendar->ExtentOf(dates[i]);
    partial.entities.push_back(group.entities[i].entity);
    partial.starts.push_back(instants.start);
    partial.ends.push_back(instants.end);
  }
  return partial;
}

}  // namespace

absl::Status AddLeftPoints(pg::Transaction& transaction, int32_t project_id, CutGroup& group) {
  const Partial partial = PartialOf(group);
  if (partial.entities.empty()) return absl::OkStatus();
  std::vector<std::string> metrics;
  std::vector<int32_t> versions, grains;
  for (const CutMetric& cut : group.metrics) {
    metrics.push_back(cut.metric.id);
    versions.push_back(cut.metric.version);
    grains.push_back(static_cast<int32_t>(cut.metric.grain));
  }
  const TimeRange extent = group.calendar->ExtentOf(group.dates);
  pg::Params params;
  params.Add(project_id).AddArray(metrics).AddArray(versions).AddArray(grains);
  params.AddArray(partial.entities).AddArray(partial.starts).AddArray(partial.ends);
  params.Add(group.dates.start).Add(group.dates.end).Add(extent.start).Add(extent.end);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectLeftPoints, params));
  for (const pg::Row row : rows) {
    group.left_points[std::string(row.Text(0))] = {group.calendar->DateAt(row.Time(1)),
                                                   group.calendar->DateAt(row.Time(2)) + 1};
  }
  return absl::OkStatus();
}

}  // namespace metricstore::registry
