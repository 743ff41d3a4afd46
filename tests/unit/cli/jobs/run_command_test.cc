#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/jobs/backfill_command.h"
#include "tests/unit/cli/harness.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

reg::Backfill Job(int64_t done, reg::Backfill::State state = reg::Backfill::STATE_RUNNING) {
  reg::Backfill job;
  job.set_id(12);
  job.set_state(state);
  job.set_shards_total(4);
  job.set_shards_done(done);
  job.set_rows_read(done * 1000);
  job.set_points(done * 10);
  job.mutable_dates()->set_start_date("2024-03-04");
  job.mutable_dates()->set_end_date("2024-03-05");
  job.add_metrics()->mutable_metric()->set_id("intraday/rth_open");
  return job;
}

class RunCommand : public ::testing::Test {
 protected:
  Outcome Run(OutputFormat format = OutputFormat::kTable) {
    const RunDayOptions options{.metrics = {"intraday/*"},
                                .entities = {"SPY"},
                                .date = "2024-03-04",
                                .request_id = "nightly"};
    return harness_.Run(&RunDay, options, services_, format);
  }

  FakeServices services_;
  Harness harness_;
};

TEST_F(RunCommand, FollowsTheJobToItsEnd) {
  services_.compute.day_messages = {Job(0), Job(3), Job(4, reg::Backfill::STATE_SUCCEEDED)};
  const Outcome outcome = Run(OutputFormat::kJson);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("backfill 12: 1 metric in 4 shards, 2024-03-04\n"),
                                 HasSubstr("backfill 12 succeeded: 4 of 4 shards done, 4,000 rows "
                                           "read, 40 points")));
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["points"], 40);
  ASSERT_EQ(services_.compute.days.size(), 1u);
  EXPECT_THAT(services_.compute.days[0].metrics(), ElementsAre("intraday/*"));
  EXPECT_THAT(services_.compute.days[0].entities(), ElementsAre("SPY"));
  EXPECT_EQ(services_.compute.days[0].date(), "2024-03-04");
  EXPECT_EQ(services_.compute.days[0].request_id(), "nightly");
}

TEST_F(RunCommand, AJobThatFailsIsAnError) {
  reg::Backfill failed = Job(3, reg::Backfill::STATE_FAILED);
  failed.set_shards_failed(1);
  failed.set_error("no such column");
  services_.compute.day_messages = {failed};
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("backfill 12 failed in 1 shard: no such column"));
}

TEST_F(RunCommand, AStreamThatBreaksIsFollowedAtTheRegistry) {
  services_.compute.day_messages = {Job(1)};
  services_.compute.status = grpc::Status(grpc::StatusCode::UNAVAILABLE, "Socket closed");
  reg::WatchBackfillResponse end;
  *end.mutable_backfill() = Job(4, reg::Backfill::STATE_SUCCEEDED);
  services_.backfills.watches = {{{end}, grpc::Status::OK}};
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("watching the job at the registry"),
                                 HasSubstr("backfill 12 succeeded")));
}

TEST_F(RunCommand, ARefusalIsTold) {
  services_.compute.status = grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no metrics match");
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("no metrics match"));
}

TEST_F(RunCommand, DatesThatDoNotExistAreRefusedBeforehand) {
  const Outcome outcome = Harness().Run(
      {"run", "rth_close", "--date", "2023-02-29", "--compute", services_.endpoint()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err,
              HasSubstr("--date \"2023-02-29\" does not exist: February 2023 has 28 days"));
}

}  // namespace
}  // namespace metricstore::cli
