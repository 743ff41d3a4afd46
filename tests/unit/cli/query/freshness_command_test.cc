#include <nlohmann/json.hpp>

#include "tests/unit/cli/catalog_fixture.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kMonday = 1381118400;  // 2013-10-07T04:00:00Z

class FreshnessCommand : public CatalogFixture {
 protected:
  FreshnessCommand() {
    services_.datasets.datasets = {BarDataset()};
    auto& calendar = services_.datasets.calendars.emplace_back();
    calendar.set_name("XNYS");
    calendar.set_time_zone("America/New_York");
    catalog_.metrics = {MetricOf("price", "range"), MetricOf("volume", "shares")};
    Add("price/range", reg::MetricFreshness::STATE_FRESH, "");
    Add("volume/shares", reg::MetricFreshness::STATE_NEWER_ROWS, "run a backfill");
    services_.query.freshness[1].set_latest_version(2);
    AddDates("2013-10-08", "2013-10-09");
    AddDates("2013-10-10", "2013-10-12");
  }

  void AddDates(const std::string& start, const std::string& end) {
    auto* dates = services_.query.freshness[1].add_stale_dates();
    dates->set_start_date(start);
    dates->set_end_date(end);
  }

  void Add(const std::string& id, reg::MetricFreshness::State state, const std::string& reason) {
    auto& metric = services_.query.freshness.emplace_back();
    metric.set_metric(id);
    metric.set_active_version(1);
    metric.set_latest_version(1);
    metric.mutable_newest_bucket_time()->set_seconds(kMonday);
    metric.mutable_newest_row_time()->set_seconds(kMonday + 36000);
    metric.set_grain(reg::GRAIN_DAY);
    metric.set_state(state);
    metric.set_reason(reason);
  }
};

TEST_F(FreshnessCommand, TableShowsDatesOfTheDatasetsCalendar) {
  const Outcome outcome = Run({"freshness", "price/*", "shares"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "METRIC         VERSION         NEWEST_BUCKET  NEWEST_ROW            STATE       "
            "STALE_DATES                      WHY\n"
            "price/range    1               2013-10-07     2013-10-07T14:00:00Z  fresh\n"
            "volume/shares  1 (v2 pending)  2013-10-07     2013-10-07T14:00:00Z  newer_rows  "
            "2013-10-08..2013-10-11, 3 dates  run a backfill\n"
            "1 of 2 metrics stale\n");
  EXPECT_EQ(outcome.err, "metricctl backfill --stale computes them again\n");
  EXPECT_THAT(services_.query.freshness_requests[0].metrics(), ElementsAre("price/*", "shares"));
}

TEST_F(FreshnessCommand, StaleOnesAloneAndTheExitStatusOnRequest) {
  const Outcome stale = Run({"freshness", "--stale", "-o", "json"});
  EXPECT_EQ(stale.exit_code, 0);
  const auto json = nlohmann::json::parse(stale.out);
  ASSERT_EQ(json.size(), 1u);
  EXPECT_EQ(json[0]["metric"], "volume/shares");
  EXPECT_EQ(json[0]["newest_bucket"], "2013-10-07T04:00:00Z");
  EXPECT_EQ(json[0]["stale"], true);
  EXPECT_EQ(json[0]["stale_dates"][1]["start_date"], "2013-10-10");
  EXPECT_EQ(json[0]["stale_dates"][1]["end_date"], "2013-10-12");
  EXPECT_THAT(Run({"freshness", "-o", "csv"}).out,
              HasSubstr("yes,run a backfill,2013-10-08..2013-10-08 2013-10-10..2013-10-11,day\n"));
  EXPECT_EQ(Run({"freshness", "--exit-code"}).exit_code, kExitFound);
  services_.query.freshness.pop_back();
  EXPECT_EQ(Run({"freshness", "--exit-code"}).exit_code, 0);
}

TEST_F(FreshnessCommand, EveryReasonForABackfillIsStale) {
  services_.query.freshness.clear();
  for (const auto state :
       {reg::MetricFreshness::STATE_FRESH, reg::MetricFreshness::STATE_NO_ROWS,
        reg::MetricFreshness::STATE_NOT_COMPUTED, reg::MetricFreshness::STATE_NEVER_COMPUTED,
        reg::MetricFreshness::STATE_NEWER_ROWS, reg::MetricFreshness::STATE_UPSTREAM_STALE,
        reg::MetricFreshness::STATE_ROWS_CHANGED, reg::MetricFreshness::STATE_CALENDAR_CHANGED,
        reg::MetricFreshness::STATE_DATASET_CHANGED,
        reg::MetricFreshness::STATE_UPSTREAM_CHANGED}) {
    Add("a/b", state, "");
  }
  const Outcome outcome = Run({"freshness"});
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("rows_changed"), HasSubstr("calendar_changed"),
                                 HasSubstr("dataset_changed"), HasSubstr("upstream_changed"),
                                 HasSubstr("7 of 10 metrics stale\n")));
}

TEST_F(FreshnessCommand, StalePointsAtOtherGrainsHaveLinesOfTheirOwn) {
  auto* other = services_.query.freshness[0].add_other_grains();
  other->set_grain(reg::GRAIN_MONTH);
  other->set_state(reg::MetricFreshness::STATE_CALENDAR_CHANGED);
  other->set_reason("compute the month again");
  auto* dates = other->add_stale_dates();
  dates->set_start_date("2013-10-01");
  dates->set_end_date("2013-11-01");
  const Outcome table = Run({"freshness"});
  EXPECT_THAT(table.out,
              AllOf(HasSubstr("price/range by month  "), HasSubstr("calendar_changed"),
                    HasSubstr("2013-10-01..2013-10-31, 31 dates"),
                    HasSubstr("compute the month again\n"), HasSubstr("2 of 2 metrics stale\n")));
  EXPECT_THAT(Run({"freshness", "-o", "csv"}).out,
              HasSubstr("price/range,1,1,,,calendar_changed,yes,compute the month again,"
                        "2013-10-01..2013-10-31,month\n"));
  const auto json = nlohmann::json::parse(Run({"freshness", "-o", "json"}).out);
  ASSERT_EQ(json.size(), 3u);
  EXPECT_EQ(json[0]["stale"], false);
  EXPECT_EQ(json[1]["grain"], "month");
  EXPECT_EQ(json[1]["stale_dates"][0]["end_date"], "2013-11-01");
  EXPECT_EQ(json[2]["stale_dates"][0]["start_date"], "2013-10-08");
}

TEST_F(FreshnessCommand, BucketsOfDerivedMetricsAreDatedByTheMetricsThatTheyRead) {
  reg::Metric through = MetricOf("a", "through");
  through.clear_dataset();
  through.add_depends_on("price/range");
  reg::Metric derived = MetricOf("a", "derived");
  derived.clear_dataset();
  derived.add_depends_on("a/through");
  catalog_.metrics = {derived, through, MetricOf("price", "range")};
  services_.query.freshness.clear();
  Add("a/derived", reg::MetricFreshness::STATE_FRESH, "");
  Add("a/through", reg::MetricFreshness::STATE_FRESH, "");
  EXPECT_THAT(Run({"freshness"}).out,
              AllOf(HasSubstr("a/derived  1        2013-10-07     2013-10-07T14:00:00Z"),
                    HasSubstr("a/through  1        2013-10-07     2013-10-07T14:00:00Z")));
}

TEST_F(FreshnessCommand, WithoutDefinitionsInstantsAreShown) {
  catalog_.metrics.clear();
  EXPECT_THAT(Run({"freshness"}).out, HasSubstr("2013-10-07T04:00:00Z  2013-10-07T14:00:00Z"));
}

}  // namespace
}  // namespace metricstore::cli
