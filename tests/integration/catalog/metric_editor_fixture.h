// Single writes to a catalogue that has the base files.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "registry_service/catalog/store/metric_editor.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {

class MetricEditorTest : public CatalogTest {
 protected:
  void SetUp() override { ASSERT_OK(Import(BaseFiles())); }

  static MetricDefinition Closing() {
    MetricDefinition metric;
    metric.category = "price";
    metric.name = "closing";
    metric.description = "Price of the last trade.";
    metric.type = MetricType::kDerived;
    metric.unit = "USD";
    metric.dataset = "fact_bars";
    metric.expression = "last(close)";
    return metric;
  }
  // Reads price/opening.
  static MetricDefinition Doubled() {
    MetricDefinition metric = Closing();
    metric.name = "doubled";
    metric.dataset.clear();
    metric.expression = "metric('price/opening') * 2";
    return metric;
  }
  // price/opening with that description.
  MetricDefinition Described(const std::string& description) {
    MetricDefinition metric = Metric("price/opening");
    metric.description = description;
    return metric;
  }
  absl::StatusOr<UpdateOutcome> Describe(const std::string& description,
                                         const WriteOptions& options = {}) {
    return editor_.Update(project_, Described(description), {"description"}, options, {});
  }
  // price/opening with that expression.
  absl::StatusOr<UpdateOutcome> Express(const std::string& expression,
                                        const WriteOptions& options = {}) {
    MetricDefinition metric = Metric("price/opening");
    metric.expression = expression;
    return editor_.Update(project_, metric, {"expression"}, options, {});
  }
  std::string Revision() {
    return Ask("SELECT catalog_revision FROM projects WHERE name = 'default'");
  }
};

}  // namespace metricstore::registry
