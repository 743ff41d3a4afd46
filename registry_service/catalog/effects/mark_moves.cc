#include "registry_service/catalog/effects/mark_moves.h"

#include <tuple>

#include "common/status/macros.h"
#include "registry_service/catalog/effects/effect_statements.h"
#include "registry_service/catalog/effects/hour_gaps.h"

namespace metricstore::registry {
namespace {

using calendar::Calendar;

bool CutAlike(const Calendar& before, const Calendar& after) {
  return before.spec().time_zone == after.spec().time_zone &&
         before.extent_start_seconds() == after.extent_start_seconds();
}

// Whether a date of them has other instants.
bool Moves(const Calendar& before, const Calendar& after, DateRange dates) {
  for (absl::CivilDay date = dates.start; date < dates.end; ++date) {
    if (before.ExtentOf(date) != after.ExtentOf(date)) return true;
  }
  return false;
}

}  // namespace

MarkMove FindMarkMove(const StoredResults& results, const Cause& cause, SourceFinder& sources) {
  const auto& [before, after, datasets] = cause.ground;
  MarkMove move{before, after, {}, {}};
  if (before == after || CutAlike(*before, *after)) return move;
  for (const auto& [key, stored] : results.versions) {
    const auto& [id, version, grain] = key;
    if (grain != Grain::kHour || !datasets.contains(sources.Of(stored.definition).home)) continue;
    move.metrics.push_back(id);
    move.versions.push_back(version);
  }
  return move;
}

absl::Status MoveMarks(pg::Transaction& transaction, int32_t project_id, const MarkMove& move) {
  if (move.metrics.empty()) return absl::OkStatus();
  const pg::Params project = pg::Params().Add(project_id);
  RETURN_IF_ERROR(transaction.Execute(kDeleteMetMarks, project).status());
  pg::Params of_hours;
  of_hours.Add(project_id).AddArray(move.metrics).AddArray(move.versions);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectMarksOfHours, of_hours));
  std::vector<int64_t> ids;
  std::vector<absl::CivilDay> starts, ends;
  for (const pg::Row row : rows) {
    const DateRange dates{row.Date(1), row.Date(2)};
    if (!Moves(*move.before, *move.after, dates)) continue;
    const DateRange moved = RedatedHours(*move.before, *move.after, dates);
    // The clock skipped all of them: there are no hours.
    if (moved.start >= moved.end) continue;
    ids.push_back(row.Int64(0));
    starts.push_back(moved.start);
    ends.push_back(moved.end);
  }
  if (ids.empty()) return absl::OkStatus();
  pg::Params moved;
  moved.Add(project_id).AddArray(ids).AddArray(starts).AddArray(ends);
  return transaction.Execute(kRedateMarks, moved).status();
}

}  // namespace metricstore::registry
