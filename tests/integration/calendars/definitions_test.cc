// What packs/market defines is sound, down to the expressions.
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry_service/catalog/validation/dataset_rules.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/validation/metric_doubts.h"
#include "tests/integration/calendars/market_pack.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::UnorderedElementsAre;

class MarketPack : public ::testing::Test {
 protected:
  void SetUp() override {
    auto read = ReadMarketPack();
    ASSERT_OK(read);
    definitions_ = *std::move(read);
  }

  Definitions definitions_;
};

std::vector<std::string> Messages(const std::vector<FieldFault>& faults) {
  std::vector<std::string> messages;
  for (const FieldFault& fault : faults) messages.push_back(fault.field + ": " + fault.message);
  return messages;
}

TEST_F(MarketPack, DefinesItsCalendarsAndDatasets) {
  std::vector<std::string> calendars;
  for (const auto& located : definitions_.calendars) {
    EXPECT_OK(calendar::Calendar::Create(located.definition, 1));
    calendars.push_back(located.definition.name);
  }
  EXPECT_THAT(calendars,
              UnorderedElementsAre("XNYS", "XLON", "XHKG", "XTKS", "CME_GLOBEX_EQUITY",
                                   "CME_GLOBEX_FX", "CME_GLOBEX_METALS", "FX_24_5", "24_7"));
  std::vector<std::string> datasets;
  for (const auto& located : definitions_.datasets) {
    EXPECT_THAT(Messages(CheckDataset(located.definition)), IsEmpty()) << located.path;
    datasets.push_back(located.definition.name);
  }
  EXPECT_THAT(datasets, UnorderedElementsAre("fact_bars", "fact_bars_utc"));
}

TEST_F(MarketPack, IsWithoutFaultsAndDoubts) {
  Faults faults;
  StoredDefinitions nothing;
  CheckDefinitions(definitions_, nothing, faults);
  EXPECT_OK(faults.ToStatus());
  std::map<std::string, const Dataset*> datasets;
  for (const auto& located : definitions_.datasets) {
    datasets[located.definition.name] = &located.definition;
  }
  for (const auto& located : definitions_.metrics) {
    const MetricDefinition& metric = located.definition;
    for (const Finding& doubt : MetricDoubts(metric, datasets[metric.dataset])) {
      ADD_FAILURE() << metric.id() << ": " << doubt.reason << ": " << doubt.message;
    }
  }
}

TEST_F(MarketPack, EveryMetricHasItsWords) {
  for (const auto& located : definitions_.metrics) {
    const MetricDefinition& metric = located.definition;
    SCOPED_TRACE(metric.name);
    EXPECT_FALSE(metric.description.empty());
    EXPECT_FALSE(metric.unit.empty());
    EXPECT_FALSE(metric.owner.empty());
    EXPECT_FALSE(metric.synonyms.empty());
  }
}

TEST_F(MarketPack, HasTheMetricsThatOthersName) {
  std::vector<std::string> ids;
  for (const auto& located : definitions_.metrics) ids.push_back(located.definition.id());
  EXPECT_THAT(
      ids, IsSupersetOf({"intraday/30m_open_change_us", "price/daily_range_us", "price/rth_open",
                         "price/rth_high", "price/rth_low", "price/rth_close", "price/rth_vwap_us",
                         "volume/rth_volume_us", "volatility/realized_volatility_us",
                         "price/sma_20_us", "price/prev_close_us", "volume/volume_mtd_us",
                         "utc_bars/utc_hour_open", "utc_bars/utc_day_volume"}));
}

}  // namespace
}  // namespace metricstore::registry
