// Metrics that are computed by hand, and how fresh they are then.
#pragma once

#include <string>
#include <vector>

#include "registry_service/query/freshness_reader.h"
#include "tests/integration/data/data_fixture.h"

namespace metricstore::registry {

inline const DateRange kJanuary{absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 2, 1)};

class FreshnessTest : public DataTest {
 protected:
  std::vector<MetricFreshness> Read(const std::vector<std::string>& globs);
  MetricFreshness ReadOne(const std::string& metric);

  // Commits all shards that wait, with a point of each entity at those of the buckets that they
  // hold.
  void CommitAll(const std::vector<absl::Time>& buckets);
  void Compute(const BackfillRequest& request, const std::vector<absl::Time>& buckets = {});

  // Stores a bar of SPY at 09:30 on so many days from January 2.
  void StoreDays(int days);
  // Stores a bar of SPY.
  void StoreLate(absl::Time time, double close = 1);

  // "STATE from to, from to", as RangesText.
  std::string Text(const std::string& metric);
  // "GRAIN STATE from to, from to; ..." of the other grains that are stale.
  std::string Others(const std::string& metric);
  // " from to, from to", days of January 2024, the last date not included.
  static std::string RangesText(const DateRanges& ranges);

  // Metric prices/NAME of sum(volume) a day, over this window and filter.
  void ImportMetric(const std::string& name, const std::string& window,
                    const std::string& filters = "");

  FreshnessReader reader_{pool_, datasets_, calendars_};
  int late_ = 0;
};

}  // namespace metricstore::registry
