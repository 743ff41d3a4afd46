#include "cli/jobs/backfill_command.h"

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

using State = reg::Backfill::State;

reg::Backfill Job(int64_t done, State state = reg::Backfill::STATE_RUNNING) {
  reg::Backfill job;
  job.set_id(12);
  job.set_state(state);
  job.set_shards_total(40);
  job.set_shards_done(done);
  job.set_rows_read(done * 1000);
  job.set_points(done * 10);
  job.mutable_dates()->set_start_date("2013-10-04");
  job.mutable_dates()->set_end_date("2013-11-01");
  job.add_metrics()->mutable_metric()->set_id("intraday/rth_open");
  return job;
}

reg::WatchBackfillResponse Message(const reg::Backfill& job, int64_t idle_seconds = 0) {
  reg::WatchBackfillResponse message;
  *message.mutable_backfill() = job;
  message.mutable_idle()->set_seconds(idle_seconds);
  return message;
}

const grpc::Status kUnavailable(grpc::StatusCode::UNAVAILABLE, "Socket closed");

class BackfillCommand : public ::testing::Test {
 protected:
  BackfillCommand() { *services_.backfills.create_response.mutable_backfill() = Job(0); }

  static BackfillOptions Options() {
    return {.metrics = {"intraday/*"}, .from = "2013-10-04", .to = "2013-10-31"};
  }
  Outcome Run(const BackfillOptions& options = Options(),
              OutputFormat format = OutputFormat::kTable, const Clock& clock = Clock::System()) {
    return harness_.Run(&RunBackfill, options, services_, format, clock);
  }
  std::deque<FakeBackfills::Watch>& watches() { return services_.backfills.watches; }

  FakeServices services_;
  Harness harness_;
};

TEST_F(BackfillCommand, CreatesWatchesAndSumsUp) {
  watches() = {
      {{Message(Job(0)), Message(Job(7)), Message(Job(40, reg::Backfill::STATE_SUCCEEDED))},
       grpc::Status::OK}};
  BackfillOptions options = Options();
  options.entities = {"SPY", "BAC"};
  options.grains = {"hour", "day"};
  options.request_id = "nightly";
  const Outcome outcome = Run(options, OutputFormat::kJson);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("backfill 12: 1 metric in 40 shards, 2013-10-04 to 2013-10-31"),
                    HasSubstr("backfill 12 succeeded: 40 of 40 shards done, 40,000 rows read, "
                              "400 points")));
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["state"], "succeeded");
  EXPECT_EQ(json["points"], 400);
  ASSERT_EQ(services_.backfills.creates.size(), 1u);
  const auto& request = services_.backfills.creates[0];
  EXPECT_EQ(request.dates().end_date(), "2013-11-01");
  EXPECT_THAT(request.entities(), ElementsAre("SPY", "BAC"));
  EXPECT_THAT(request.grains(), ElementsAre(reg::GRAIN_HOUR, reg::GRAIN_DAY));
  EXPECT_EQ(request.request_id(), "nightly");
}

TEST_F(BackfillCommand, SkippedMetricsAreNamedWithTheirReasons) {
  auto* skipped = services_.backfills.create_response.add_skipped();
  skipped->set_metric("intraday/ratio");
  skipped->set_reason("reads other metrics");
  watches() = {{{Message(Job(40, reg::Backfill::STATE_SUCCEEDED))}, grpc::Status::OK}};
  BackfillOptions options = Options();
  options.latest = true;
  const Outcome outcome = Run(options);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("skipped intraday/ratio, which is not computed: "
                                     "reads other metrics\n"));
  EXPECT_TRUE(services_.backfills.creates[0].latest_versions());
}

TEST_F(BackfillCommand, MetricsAreCountedOnceForAllGrains) {
  reg::Backfill job = Job(0);
  job.clear_metrics();
  for (const char* id : {"a/x", "a/y"}) {
    for (const auto grain : {reg::GRAIN_HOUR, reg::GRAIN_DAY}) {
      auto* metric = job.add_metrics();
      metric->mutable_metric()->set_id(id);
      metric->set_grain(grain);
    }
  }
  *services_.backfills.create_response.mutable_backfill() = job;
  watches() = {{{Message(Job(40, reg::Backfill::STATE_SUCCEEDED))}, grpc::Status::OK}};
  EXPECT_THAT(Run().err, HasSubstr("backfill 12: 2 metrics at hour and day in 40 shards"));
}

TEST_F(BackfillCommand, NothingReadIsSaidPlainly) {
  reg::Backfill job = Job(40, reg::Backfill::STATE_SUCCEEDED);
  job.set_rows_read(0);
  watches() = {{{Message(job)}, grpc::Status::OK}};
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("note: it read 0 rows"));
}

TEST_F(BackfillCommand, NothingReadOnClosedDatesIsNoAlarm) {
  reg::Backfill job = Job(40, reg::Backfill::STATE_SUCCEEDED);
  job.set_rows_read(0);
  auto& metric = services_.catalog.metrics.emplace_back();
  metric.set_id("intraday/rth_open");
  metric.set_dataset("fact_bars");
  services_.datasets.datasets = {BarDataset()};
  services_.datasets.sessions.resize(1);  // a page without sessions
  watches() = {{{Message(job)}, grpc::Status::OK}};
  EXPECT_THAT(Run().err, HasSubstr("note: it read 0 rows: calendar XNYS has no session on "
                                   "2013-10-04 to 2013-10-31, so none was to be expected\n"));
  EXPECT_EQ(services_.datasets.session_requests.at(0).dates().end_date(), "2013-11-01");
  services_.datasets.sessions[0].add_sessions();
  watches() = {{{Message(job)}, grpc::Status::OK}};
  EXPECT_THAT(Run().err, HasSubstr("the datasets have no rows for these dates"));
}

TEST_F(BackfillCommand, UnfinishedJobIsResumed) {
  services_.backfills.create_response.set_existing(true);
  *services_.backfills.create_response.mutable_backfill() = Job(7);
  watches() = {{{Message(Job(40, reg::Backfill::STATE_SUCCEEDED))}, grpc::Status::OK}};
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("resuming backfill 12: 7 of 40 shards done"));
}

TEST_F(BackfillCommand, WatchingGoesOnAfterTheRegistryWasAway) {
  watches() = {{{Message(Job(3))}, kUnavailable},
               {{Message(Job(9))}, kUnavailable},
               {{Message(Job(40, reg::Backfill::STATE_SUCCEEDED))}, grpc::Status::OK}};
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(services_.backfills.watch_calls, 3);
  EXPECT_THAT(outcome.err, HasSubstr("cannot be reached (Socket closed); trying again"));
}

TEST_F(BackfillCommand, FailedJobFails) {
  reg::Backfill job = Job(39, reg::Backfill::STATE_FAILED);
  job.set_shards_failed(1);
  job.set_error("expression gave up");
  watches() = {{{Message(job)}, grpc::Status::OK}};
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("error: backfill 12 failed in 1 shard: expression gave up"));
}

TEST_F(BackfillCommand, CancelledJobFails) {
  watches() = {{{Message(Job(5, reg::Backfill::STATE_CANCELLED))}, grpc::Status::OK}};
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("backfill 12 was cancelled"));
}

TEST_F(BackfillCommand, NothingIsCreatedWhenComputeIsAway) {
  const std::string closed = ClosedEndpoint();
  const Outcome outcome =
      harness_.Run({"backfill", "--metrics", "*", "--from", "2024-01-01", "--to", "2024-01-02",
                    "--registry", services_.endpoint(), "--compute", closed});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("compute at " + closed + " cannot be reached"),
                                 HasSubstr("nothing was created")));
  EXPECT_TRUE(services_.backfills.creates.empty());
}

TEST_F(BackfillCommand, DetachNeedsNoComputeAndDoesNotWait) {
  const Outcome outcome =
      harness_.Run({"backfill", "--metrics", "*", "--from", "2024-01-01", "--to", "2024-01-02",
                    "--detach", "--registry", services_.endpoint(), "-o", "json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("metricctl backfills watch 12"));
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["backfill"], 12);
  EXPECT_EQ(services_.backfills.watch_calls, 0);
}

TEST_F(BackfillCommand, ComputeWithoutRegistryIsAWarning) {
  services_.compute.registry_reachable = false;
  watches() = {{{Message(Job(40, reg::Backfill::STATE_SUCCEEDED))}, grpc::Status::OK}};
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("does not reach the registry: connection refused"));
}

TEST_F(BackfillCommand, IdleWorkersAreWarnedAboutThenGivenUp) {
  watches() = {{std::vector(20, Message(Job(7), 1000)), grpc::Status::OK}};
  const SteppingClock clock(absl::Seconds(3));
  const Outcome outcome = Run(Options(), OutputFormat::kTable, clock);
  EXPECT_EQ(outcome.exit_code, 1);
  const std::string warning = "warning: no worker has touched backfill 12";
  EXPECT_THAT(outcome.err, AllOf(HasSubstr(warning), HasSubstr("error: no worker has touched"),
                                 HasSubstr("metricctl backfills watch 12")));
  EXPECT_EQ(outcome.err.find(warning), outcome.err.rfind(warning)) << "warned more than once";
}

TEST_F(BackfillCommand, IdleTimeBeforeWatchingDoesNotCount) {
  watches() = {{{Message(Job(7), 100'000), Message(Job(40, reg::Backfill::STATE_SUCCEEDED))},
                grpc::Status::OK}};
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, Not(HasSubstr("warning")));
}

TEST_F(BackfillCommand, RegistryThatStaysAwayIsGivenUp) {
  watches() = {{{Message(Job(7))}, kUnavailable}};
  for (int i = 0; i < 100; ++i) watches().push_back({{}, kUnavailable});
  const SteppingClock clock(absl::Seconds(10));
  const Outcome outcome = Run(Options(), OutputFormat::kTable, clock);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("cannot be reached"), HasSubstr("metricctl backfills watch 12")));
}

TEST_F(BackfillCommand, CtrlCLeavesTheJobRunning) {
  watches() = {{{Message(Job(7))}, grpc::Status::OK, [this] { harness_.interrupt().Cancel(); }}};
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 130);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("metricctl backfills watch 12"),
                                 HasSubstr("metricctl backfills cancel 12")));
}

TEST_F(BackfillCommand, JobsAreListedShownWatchedAndCancelled) {
  services_.backfills.backfills = {Job(7), Job(40, reg::Backfill::STATE_SUCCEEDED)};
  services_.backfills.backfills[1].set_id(11);
  const auto run = [&](std::vector<std::string> args) {
    args.insert(args.end(), {"--registry", services_.endpoint()});
    return Harness().Run(args);
  };
  EXPECT_EQ(run({"backfills", "list", "-o", "csv"}).out,
            "id,state,done,shards,failed,metrics,from,to,rows_read,points,created\n"
            "12,running,7,40,0,1,2013-10-04,2013-10-31,7000,70,\n"
            "11,succeeded,40,40,0,1,2013-10-04,2013-10-31,40000,400,\n");
  EXPECT_THAT(run({"backfills", "list", "--limit", "1", "-o", "csv"}).out, Not(HasSubstr("\n11,")));
  EXPECT_THAT(run({"backfills", "show", "12"}).out, HasSubstr("shards     7 of 40 shards done"));
  watches() = {{{Message(Job(40, reg::Backfill::STATE_SUCCEEDED))}, grpc::Status::OK}};
  EXPECT_EQ(run({"backfills", "watch", "12"}).exit_code, 0);
  EXPECT_THAT(run({"backfills", "cancel", "12"}).out, HasSubstr("state      cancelled"));
  EXPECT_EQ(run({"backfills", "watch", "99"}).exit_code, 1);
}

}  // namespace
}  // namespace metricstore::cli
