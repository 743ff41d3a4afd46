// Two datasets in memory and metrics over them, for tests of metrics that read others.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/compute/fake_registry_client.h"
#include "tests/unit/compute/shard_fixture.h"

namespace metricstore::compute {

// Serves fact_bars and fact_other, which has the same columns, as the registry does: the rows of
// the interval and the entities asked for, ordered.
class DerivedFixture {
 public:
  DerivedFixture() : DerivedFixture(AlwaysOpen()) {}
  explicit DerivedFixture(std::shared_ptr<const calendar::Calendar> calendar) {
    registry_.calendar = std::move(calendar);
    for (const char* name : {"fact_bars", "fact_other"}) {
      Dataset dataset = Bars();
      dataset.name = name;
      dataset.calendar = registry_.calendar->spec().name;
      registry_.datasets[name] = std::make_shared<const Dataset>(std::move(dataset));
    }
    registry_.stream = [this](const WindowRequest& request, const WindowSink& sink,
                              const CallBounds&) { return sink(BarsBatch(RowsOf(request))); };
  }

  // Makes a metric known; version 1 unless it says another.
  const MetricDefinition& Add(MetricDefinition metric) {
    auto shared = std::make_shared<const MetricDefinition>(std::move(metric));
    registry_.metrics[shared->ref] = shared;
    return *shared;
  }
  // One that reads other metrics alone.
  static MetricDefinition Derived(std::string id, std::string expression,
                                  Grain grain = Grain::kDay) {
    MetricDefinition metric = BarsMetric(std::move(id), std::move(expression));
    metric.dataset.clear();
    metric.grain = grain;
    return metric;
  }
  static MetricDefinition OfOther(MetricDefinition metric) {
    metric.dataset = "fact_other";
    return metric;
  }
  static MetricDefinition At(Grain grain, MetricDefinition metric) {
    metric.grain = grain;
    return metric;
  }

  void AddRow(const char* dataset, const char* symbol, absl::Time ts, double close,
              double volume = 1) {
    rows_[dataset].push_back({symbol, ts, close, volume});
  }

  FakeRegistryClient registry_;

 private:
  std::vector<Bar> RowsOf(const WindowRequest& request) {
    std::vector<Bar> rows;
    for (const Bar& bar : rows_[request.dataset]) {
      const bool wanted = request.entities.empty() ||
                          std::find(request.entities.begin(), request.entities.end(), bar.symbol) !=
                              request.entities.end();
      if (wanted && bar.ts >= request.interval.start && bar.ts < request.interval.end) {
        rows.push_back(bar);
      }
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Bar& a, const Bar& b) {
      return std::tie(a.symbol, a.ts) < std::tie(b.symbol, b.ts);
    });
    return rows;
  }

  std::map<std::string, std::vector<Bar>> rows_;  // by dataset
};

}  // namespace metricstore::compute
