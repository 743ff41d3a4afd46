#include "registry_service/catalog/effects/mark_rows.h"

#include "common/status/macros.h"
#include "registry_service/catalog/effects/effect_statements.h"

namespace metricstore::registry {
namespace {

// Rows that go to the database in one statement.
class MarkRows {
 public:
  void Add(const ResultMarks& marks) {
    for (const StaleResults& results : marks.stale) {
      for (const DateRange& range : results.dates) {
        metrics_.push_back(results.metric);
        versions_.push_back(results.version);
        grains_.push_back(static_cast<int32_t>(*results.grain));
        starts_.push_back(range.start);
        ends_.push_back(range.end);
        causes_.push_back(marks.cause);
        details_.push_back(marks.detail);
      }
    }
  }

  absl::Status Write(pg::Transaction& transaction, int32_t project_id) const {
    if (metrics_.empty()) return absl::OkStatus();
    pg::Params params;
    params.Add(project_id).AddArray(metrics_).AddArray(versions_).AddArray(grains_);
    params.AddArray(starts_).AddArray(ends_);
    const pg::Params project = pg::Params().Add(project_id);
    RETURN_IF_ERROR(transaction.Execute(kDeleteMetMarks, project).status());
    RETURN_IF_ERROR(transaction.Execute(kDeleteCoveredMarks, params).status());
    params.AddArray(causes_).AddArray(details_);
    return transaction.Execute(kInsertDirtyRanges, params).status();
  }

 private:
  std::vector<std::string> metrics_, causes_, details_;
  std::vector<int32_t> versions_, grains_;
  std::vector<absl::CivilDay> starts_, ends_;
};

}  // namespace

absl::Status WriteMarks(pg::Transaction& transaction, int32_t project_id,
                        const std::vector<ResultMarks>& marks) {
  MarkRows rows;
  for (const ResultMarks& one : marks) rows.Add(one);
  return rows.Write(transaction, project_id);
}

}  // namespace metricstore::registry
