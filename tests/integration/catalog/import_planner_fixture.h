// Plans of imports and reports on definitions, over the base files and pretended results.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "registry_service/catalog/plan/import_planner.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {

// A metric price/`name` that reads others alone.
inline DefinitionFile Derived(const std::string& name, const std::string& expression) {
  return {absl::StrCat("metrics/price/", name, ".yaml"),
          absl::StrCat("name: ", name,
                       "\ndescription: Of others.\ntype: derived\ngrain: day\nowner: markets\n"
                       "expression: \"",
                       expression, "\"\n")};
}

class ImportPlannerTest : public CatalogTest {
 protected:
  void SetUp() override { ASSERT_OK(Import(BaseFiles())); }

  absl::StatusOr<ImportPlan> Plan(const std::vector<DefinitionFile>& files) {
    return planner_.Plan(project_, files, false, {});
  }
  ImportPlan GoodPlan(const std::vector<DefinitionFile>& files) {
    auto plan = Plan(files);
    EXPECT_OK(plan);
    return plan.ok() ? *std::move(plan) : ImportPlan();
  }

  std::vector<DefinitionReport> Validate(const std::vector<DefinitionFile>& files,
                                         bool skip_tests = false) {
    auto reports = planner_.Validate(project_, files, skip_tests, {});
    EXPECT_OK(reports);
    return reports.ok() ? *std::move(reports) : std::vector<DefinitionReport>();
  }

  // Pretends that a backfill stored points of a metric's version for one symbol.
  void StoreResults(const std::string& id, int version, const std::string& symbol,
                    const std::vector<std::string>& days) {
    std::vector<std::string> starts;
    for (const std::string& day : days) starts.push_back(absl::StrCat("'", day, "Z'"));
    const std::string buckets = absl::StrJoin(starts, ",");
    ASSERT_OK(Execute(absl::StrCat(
        "WITH s AS (INSERT INTO metric_series (project_id, metric_id, version, grain, entity) "
        "VALUES (1, '",
        id, "', ", version, ", 2, '", symbol,
        "') RETURNING series_id) "
        "INSERT INTO metric_chunk (project_id, series_id, span_start, bucket_starts, \"values\") "
        "SELECT 1, series_id, '2024-01-01', ARRAY[",
        buckets, "]::timestamptz[], array_fill(1::float8, ARRAY[", days.size(), "]) FROM s")));
  }

  // Pretends that so many rows of a symbol were ingested.
  void StoreRows(const std::string& symbol, int rows) {
    ASSERT_OK(Execute(
        absl::StrCat("INSERT INTO dataset_entities (project_id, dataset, entity, row_count) VALUES "
                     "(1, 'fact_bars', '",
                     symbol, "', ", rows, ")")));
  }

  ImportPlanner planner_{pool_, tests_};
};

}  // namespace metricstore::registry
