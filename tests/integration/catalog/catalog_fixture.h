// The catalogue's stores over a fresh database.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "gtest/gtest.h"
#include "registry_service/calendars/calendar_store.h"
#include "registry_service/catalog/store/importer.h"
#include "registry_service/catalog/store/metric_editor.h"
#include "registry_service/catalog/store/metric_store.h"
#include "registry_service/datasets/dataset_store.h"
#include "registry_service/datasets/partitions.h"
#include "registry_service/projects/projects.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/temp_postgres.h"

namespace metricstore::registry {

// A calendar XNYS, a dataset fact_bars and a metric price/opening, each in a file of its own.
std::vector<DefinitionFile> BaseFiles();
// A file of that path with `from` replaced by `to`; a test failure if `from` is not there.
DefinitionFile Edited(DefinitionFile file, std::string_view from, std::string_view to);
DefinitionFile CalendarFile();
DefinitionFile BarsFile();
DefinitionFile OpeningFile();

// "dataset fact_bars created 0", one line an outcome; or one line that is the error.
std::vector<std::string> Lines(const absl::StatusOr<ImportResult>& result);

// Answers every evaluation with the same points, or with an error. Not thread-safe.
class FakeEvaluator final : public RowEvaluator {
 public:
  absl::StatusOr<std::vector<EvaluatedRows>> Evaluate(const std::vector<RowEvaluation>& evaluations,
                                                      const CallBounds&) override {
    evaluated += static_cast<int>(evaluations.size());
    if (!status.ok()) return status;
    return std::vector<EvaluatedRows>(evaluations.size(), answer);
  }

  EvaluatedRows answer;
  absl::Status status;
  int evaluated = 0;  // so far
};

class CatalogTest : public ::testing::Test {
 protected:
  CatalogTest();

  absl::StatusOr<ImportResult> Import(const std::vector<DefinitionFile>& files,
                                      bool validate_only = false);
  absl::StatusOr<ImportResult> ImportWith(const std::vector<DefinitionFile>& files,
                                          const WriteOptions& options);
  absl::StatusOr<ImportResult> ImportTo(int32_t project, const std::vector<DefinitionFile>& files);
  // That version of a metric, 0: the active one; a test failure if there is none.
  MetricDefinition Metric(const std::string& name, int version = 0);
  // Runs SQL in a transaction of its own.
  absl::Status Execute(const std::string& sql);
  // The first column of the first row as text; "" for NULL or without a row.
  std::string Ask(const std::string& sql);
  // Adds a project and returns its id.
  int32_t AddProject(const std::string& name);

  const std::string conninfo_ = testing::TempPostgres::Shared().CreateDatabase();
  pg::Pool pool_;
  testing::FakeClock clock_;
  Projects projects_{pool_};
  DatasetStore datasets_{pool_, clock_};
  CalendarStore calendars_{pool_};
  MetricStore metrics_{pool_};
  FakeEvaluator evaluator_;
  MetricTestRunner tests_{evaluator_};
  Importer importer_{pool_, datasets_, tests_};
  MetricEditor editor_{pool_, tests_};
  Partitions partitions_{pool_};
  int32_t project_ = 0;
};

}  // namespace metricstore::registry
