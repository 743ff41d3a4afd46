// One project that a case does things to.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/pg/pool.h"
#include "registry_service/catalog/plan/import_planner.h"
#include "registry_service/catalog/store/importer.h"
#include "registry_service/catalog/store/metric_editor.h"
#include "registry_service/catalog/store/metric_store.h"
#include "registry_service/catalog/store/metric_test_runner.h"
#include "registry_service/catalog/view/catalog_cache.h"
#include "registry_service/datasets/dataset_store.h"
#include "tests/conformance/catalog/rendering.h"
#include "tests/conformance/catalog/script.h"

namespace metricstore::registry {

// Use from one thread. What it is made of must outlive it.
class CatalogSession {
 public:
  // A new project over the pool's database.
  CatalogSession(pg::Pool& pool, RowEvaluator& evaluator, std::string base_yaml);

  // What the step says. A step that is not of the form says "no such step".
  Lines Run(const Step& step);

 private:
  Lines ImportBase(const Step& step);
  Lines Put(const Step& step);
  Lines Change(const Step& step);
  Lines Drop(const Step& step);
  Lines Import(const Step& step);
  Lines Plan(const Step& step);
  Lines Validate(const Step& step);
  Lines Create(const Step& step);
  Lines Update(const Step& step);
  Lines Delete(const Step& step);
  Lines Undelete(const Step& step);
  Lines Promote(const Step& step);
  Lines Show(const Step& step);
  Lines Versions(const Step& step);
  Lines Diff(const Step& step);
  Lines List(const Step& step);
  Lines Search(const Step& step);
  Lines Synonym(const Step& step);
  Lines Lineage(const Step& step);
  Lines Tables(const Step& step);
  Lines Export(const Step& step);
  Lines PretendResults(const Step& step);

  std::vector<DefinitionFile> Files() const;
  // The options that words like "promote", "id=x" and "etag=now" stand for.
  WriteOptions OptionsOf(const Step& step);
  std::string EtagOf(const std::string& id);
  absl::StatusOr<MetricDefinition> Find(const std::string& name);
  std::shared_ptr<const CatalogSnapshot> Snapshot();

  pg::Pool& pool_;
  int32_t project_ = 0;
  DatasetStore datasets_{pool_};
  MetricTestRunner tests_;
  Importer importer_{pool_, datasets_, tests_};
  MetricEditor editor_{pool_, tests_};
  MetricStore metrics_{pool_};
  ImportPlanner planner_{pool_, tests_};
  CatalogCache cache_{pool_, {}, nullptr};
  std::map<std::string, std::string> files_;
  const std::string base_yaml_;
};

}  // namespace metricstore::registry
