#include "cli/jobs/stale_backfills.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/unit/cli/harness.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using State = reg::MetricFreshness::State;
using Ranges = std::vector<std::pair<std::string, std::string>>;

reg::MetricFreshness Metric(const std::string& id, State state, const Ranges& ranges) {
  reg::MetricFreshness metric;
  metric.set_metric(id);
  metric.set_state(state);
  metric.set_reason("because");
  for (const auto& [start, end] : ranges) {
    auto* dates = metric.add_stale_dates();
    dates->set_start_date(start);
    dates->set_end_date(end);
  }
  return metric;
}

void AddOther(reg::MetricFreshness& metric, reg::Grain grain, const std::string& start,
              const std::string& end) {
  auto* other = metric.add_other_grains();
  other->set_grain(grain);
  other->set_state(reg::MetricFreshness::STATE_ROWS_CHANGED);
  other->set_reason("because");
  auto* dates = other->add_stale_dates();
  dates->set_start_date(start);
  dates->set_end_date(end);
}

// "2024-01-16..2024-01-17 a/x a/y", at another grain than the metrics' own with its number before.
std::vector<std::string> Texts(const std::vector<StaleJob>& jobs) {
  std::vector<std::string> texts;
  for (const StaleJob& job : jobs) {
    std::string text = FormatDate(job.dates.start) + ".." + FormatDate(job.dates.end);
    if (job.grain != reg::GRAIN_UNSPECIFIED) text = std::to_string(job.grain) + " " + text;
    for (const std::string& metric : job.metrics) text += " " + metric;
    texts.push_back(text);
  }
  return texts;
}

TEST(PlanStaleJobs, MetricsOfTheSameDatesShareAJob) {
  const auto jobs =
      PlanStaleJobs(
          {Metric("a/x", reg::MetricFreshness::STATE_ROWS_CHANGED,
                  {{"2024-01-16", "2024-01-17"}, {"2024-02-01", "2024-02-03"}}),
           Metric("a/y", reg::MetricFreshness::STATE_ROWS_CHANGED, {{"2024-01-16", "2024-01-19"}}),
           Metric("a/z", reg::MetricFreshness::STATE_ROWS_CHANGED, {{"2024-01-16", "2024-01-17"}})})
          .jobs;
  EXPECT_THAT(Texts(jobs), ElementsAre("2024-01-16..2024-01-17 a/x a/z",
                                       "2024-01-16..2024-01-19 a/y", "2024-02-01..2024-02-03 a/x"));
  EXPECT_TRUE(PlanStaleJobs({}).jobs.empty());
}

TEST(PlanStaleJobs, RangesAreNeverJoinedHoweverManyThereAre) {
  std::vector<reg::MetricFreshness> metrics;
  const absl::CivilDay first(2020, 1, 1);
  for (int i = 0; i < 50; ++i) {
    metrics.push_back(Metric(std::string("a/") + std::to_string(i),
                             reg::MetricFreshness::STATE_ROWS_CHANGED,
                             {{FormatDate(first + 3 * i), FormatDate(first + 3 * i + 1)}}));
  }
  const StalePlan plan = PlanStaleJobs(metrics);
  ASSERT_EQ(plan.jobs.size(), 50u);
  for (const StaleJob& job : plan.jobs) {
    EXPECT_EQ(job.dates.end - job.dates.start, 1);
    EXPECT_EQ(job.metrics.size(), 1u);
  }
  EXPECT_FALSE(plan.is_cut);
}

TEST(PlanStaleJobs, ARangeThatStandsForTheRestIsLeftForLater) {
  Ranges ranges;
  const absl::CivilDay first(2020, 1, 1);
  for (int i = 0; i < kMostNamedRanges; ++i) {
    ranges.emplace_back(FormatDate(first + 3 * i), FormatDate(first + 3 * i + 1));
  }
  ranges.back().second = "2024-01-01";
  const StalePlan plan =
      PlanStaleJobs({Metric("a/x", reg::MetricFreshness::STATE_ROWS_CHANGED, ranges)});
  EXPECT_TRUE(plan.is_cut);
  ASSERT_EQ(plan.jobs.size(), 99u);
  EXPECT_EQ(plan.jobs.back().dates.end, first + 3 * 98 + 1);
}

TEST(PlanStaleJobs, OtherGrainsHaveJobsOfTheirOwn) {
  auto x = Metric("a/x", reg::MetricFreshness::STATE_FRESH, {});
  AddOther(x, reg::GRAIN_MONTH, "2024-01-01", "2024-02-01");
  auto y = Metric("a/y", reg::MetricFreshness::STATE_ROWS_CHANGED, {{"2024-01-16", "2024-01-17"}});
  AddOther(y, reg::GRAIN_MONTH, "2024-01-01", "2024-02-01");
  AddOther(y, reg::GRAIN_YEAR, "2024-01-01", "2025-01-01");
  const std::vector<std::string> apart = {"2024-01-16..2024-01-17 a/y",
                                          "4 2024-01-01..2024-02-01 a/x a/y",
                                          "6 2024-01-01..2025-01-01 a/y"};
  EXPECT_EQ(Texts(PlanStaleJobs({x, y}).jobs), apart);
}

class StaleBackfills : public ::testing::Test {
 protected:
  StaleBackfills() {
    auto& job = *services_.backfills.create_response.mutable_backfill();
    job.set_id(12);
    job.set_state(reg::Backfill::STATE_SUCCEEDED);
    job.set_shards_total(1);
    job.set_shards_done(1);
    job.set_rows_read(5);
  }

  Outcome Run(const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {"backfill", "--stale"};
    args.insert(args.end(), more.begin(), more.end());
    args.insert(args.end(),
                {"--registry", services_.endpoint(), "--compute", services_.endpoint()});
    return harness_.Run(args);
  }

  FakeServices services_;
  Harness harness_;
};

TEST_F(StaleBackfills, NothingStaleIsSaid) {
  services_.query.freshness = {Metric("a/x", reg::MetricFreshness::STATE_FRESH, {})};
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "nothing is stale\n");
  EXPECT_EQ(Run({"-o", "json"}).out, "[]\n");
  EXPECT_TRUE(services_.backfills.creates.empty());
}

TEST_F(StaleBackfills, AJobForEachRangeComputesWhatIsStaleThere) {
  services_.query.freshness = {
      Metric("a/fresh", reg::MetricFreshness::STATE_FRESH, {}),
      Metric("a/x", reg::MetricFreshness::STATE_ROWS_CHANGED, {{"2024-01-16", "2024-01-17"}}),
      Metric("a/y", reg::MetricFreshness::STATE_CALENDAR_CHANGED, {{"2024-01-24", "2024-01-25"}}),
      Metric("a/up", reg::MetricFreshness::STATE_UPSTREAM_STALE, {})};
  const Outcome outcome = Run({"--metrics", "a/*", "--metrics", "b/*", "-o", "json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(services_.query.freshness_requests[0].metrics(), ElementsAre("a/*", "b/*"));
  ASSERT_EQ(services_.backfills.creates.size(), 2u);
  EXPECT_THAT(services_.backfills.creates[0].metrics(), ElementsAre("a/x"));
  EXPECT_EQ(services_.backfills.creates[0].dates().start_date(), "2024-01-16");
  EXPECT_EQ(services_.backfills.creates[0].dates().end_date(), "2024-01-17");
  EXPECT_THAT(services_.backfills.creates[1].metrics(), ElementsAre("a/y"));
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("skipped a/up, which has no dates to compute: because"),
                    HasSubstr("backfill 12 succeeded"), Not(HasSubstr("nothing is stale"))));
  const auto json = nlohmann::json::parse(outcome.out);
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[1]["state"], "succeeded");
}

TEST_F(StaleBackfills, PointsAtOtherGrainsAreComputedAtThese) {
  services_.query.freshness = {
      Metric("a/x", reg::MetricFreshness::STATE_ROWS_CHANGED, {{"2024-01-16", "2024-01-17"}}),
      Metric("a/y", reg::MetricFreshness::STATE_FRESH, {})};
  AddOther(services_.query.freshness[0], reg::GRAIN_WEEK, "2024-01-15", "2024-01-22");
  AddOther(services_.query.freshness[1], reg::GRAIN_MONTH, "2024-01-01", "2024-02-01");
  EXPECT_EQ(Run({"--detach"}).exit_code, 0);
  ASSERT_EQ(services_.backfills.creates.size(), 3u);
  EXPECT_TRUE(services_.backfills.creates[0].grains().empty());
  EXPECT_THAT(services_.backfills.creates[1].grains(), ElementsAre(reg::GRAIN_WEEK));
  EXPECT_THAT(services_.backfills.creates[1].metrics(), ElementsAre("a/x"));
  EXPECT_THAT(services_.backfills.creates[2].grains(), ElementsAre(reg::GRAIN_MONTH));
  EXPECT_EQ(services_.backfills.creates[2].dates().end_date(), "2024-02-01");
  // A grain that is asked for leaves the others out.
  services_.backfills.creates.clear();
  EXPECT_EQ(Run({"--detach", "--grain", "month", "a/y"}).exit_code, 0);
  ASSERT_EQ(services_.backfills.creates.size(), 2u);
  EXPECT_THAT(services_.backfills.creates[1].grains(), ElementsAre(reg::GRAIN_MONTH));
}

TEST_F(StaleBackfills, AFailedJobDoesNotStopTheOthers) {
  auto& job = *services_.backfills.create_response.mutable_backfill();
  job.set_state(reg::Backfill::STATE_FAILED);
  job.set_shards_failed(1);
  job.set_error("why it failed");
  services_.query.freshness = {
      Metric("a/x", reg::MetricFreshness::STATE_NEWER_ROWS,
             {{"2024-01-16", "2024-01-17"}, {"2024-01-24", "2024-01-25"}})};
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, kExitFailure);
  EXPECT_EQ(services_.backfills.creates.size(), 2u);
  EXPECT_THAT(outcome.err, HasSubstr("failed: 2024-01-16, a/x: backfill 12 failed in 1 shard: "
                                     "why it failed\nfailed: 2024-01-24, a/x: "));
  EXPECT_THAT(outcome.err, HasSubstr("error: 2 of 2 jobs failed\n"));
}

TEST_F(StaleBackfills, NorDoesOneThatTheRegistryRefuses) {
  services_.backfills.refused_starts = {"2024-01-16"};
  services_.query.freshness = {
      Metric("a/x", reg::MetricFreshness::STATE_NEWER_ROWS,
             {{"2024-01-16", "2024-01-17"}, {"2024-01-24", "2024-01-25"}})};
  const Outcome outcome = Run({"-o", "json"});
  EXPECT_EQ(outcome.exit_code, kExitFailure);
  EXPECT_EQ(services_.backfills.creates.size(), 2u);
  EXPECT_EQ(nlohmann::json::parse(outcome.out).size(), 1u);
  EXPECT_THAT(outcome.err, HasSubstr("these dates are refused\nerror: 1 of 2 jobs failed\n"));
  EXPECT_THAT(outcome.err, HasSubstr("failed: 2024-01-16, a/x: "));
}

TEST_F(StaleBackfills, AJobThatNoWorkerTouchesStopsTheOthers) {
  services_.backfills.create_response.mutable_backfill()->set_state(reg::Backfill::STATE_RUNNING);
  services_.query.freshness = {
      Metric("a/x", reg::MetricFreshness::STATE_NEWER_ROWS,
             {{"2024-01-16", "2024-01-17"}, {"2024-01-24", "2024-01-25"}})};
  services_.backfills.watches = {
      {{}, grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "nothing to see")}};
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, kExitFailure);
  EXPECT_EQ(services_.backfills.creates.size(), 1u);
  EXPECT_THAT(outcome.err, HasSubstr("1 more job not created; the same command again goes on"));
}

TEST_F(StaleBackfills, AJobWithNothingToReadSaysSo) {
  auto& job = *services_.backfills.create_response.mutable_backfill();
  job.set_shards_total(0);
  job.set_shards_done(0);
  job.set_rows_read(0);
  services_.query.freshness = {
      Metric("a/x", reg::MetricFreshness::STATE_CALENDAR_CHANGED, {{"2024-01-16", "2024-01-17"}})};
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--detach"}}) {
    const Outcome outcome = Run(more);
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.err, HasSubstr("backfill 12 succeeded with nothing to read: "));
    EXPECT_THAT(outcome.err, Not(HasSubstr("backfills watch")));
  }
}

TEST_F(StaleBackfills, MoreRangesThanAreNamedAtOnceTakeAnotherRound) {
  Ranges ranges;
  const absl::CivilDay first(2020, 1, 1);
  for (int i = 0; i < kMostNamedRanges; ++i) {
    ranges.emplace_back(FormatDate(first + 3 * i), FormatDate(first + 3 * i + 1));
  }
  services_.query.freshness = {Metric("a/x", reg::MetricFreshness::STATE_ROWS_CHANGED, ranges)};
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(services_.query.freshness_requests.size(), 2u);
  EXPECT_EQ(services_.backfills.creates.size(), 99u) << "the same dates again would be for ever";
  EXPECT_THAT(Run({"--detach"}).err, HasSubstr("more dates are stale than are named at once"));
}

TEST_F(StaleBackfills, DetachedJobsAreAllCreated) {
  services_.query.freshness = {
      Metric("a/x", reg::MetricFreshness::STATE_NEVER_COMPUTED,
             {{"2024-01-16", "2024-01-17"}, {"2024-01-24", "2024-01-25"}})};
  const Outcome outcome = Run({"a/x", "b/*", "--metrics", "c/y", "--detach", "--grain", "day"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(services_.query.freshness_requests[0].metrics(), ElementsAre("c/y", "a/x", "b/*"));
  ASSERT_EQ(services_.backfills.creates.size(), 2u);
  EXPECT_THAT(services_.backfills.creates[1].grains(), ElementsAre(reg::GRAIN_DAY));
  EXPECT_EQ(services_.backfills.watch_calls, 0);
}

TEST_F(StaleBackfills, OptionsThatSayWhatToComputeContradictIt) {
  const std::vector<std::vector<std::string>> cases = {{"--from", "2024-01-01"},
                                                       {"--to", "2024-01-01"},
                                                       {"--entity", "SPY"},
                                                       {"--latest"},
                                                       {"--request-id", "x"}};
  for (const auto& more : cases) {
    const Outcome outcome = Run(more);
    EXPECT_EQ(outcome.exit_code, kExitUsage) << more[0];
    EXPECT_THAT(outcome.err, HasSubstr("--stale does not go with " + more[0]));
  }
}

}  // namespace
}  // namespace metricstore::cli
