#include "compute_service/api/run_day_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/error.h"
#include "metricstore/registry/v1/backfill.pb.h"
#include "tests/testing/matchers.h"
#include "tests/unit/compute/collecting_writer.h"
#include "tests/unit/compute/fake_registry_client.h"

namespace metricstore::compute {
namespace {

namespace pb = ::metricstore::registry::v1;

using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::ElementsAre;
using ::testing::SizeIs;

BackfillMessage State(pb::Backfill::State state, int64_t done) {
  auto backfill = std::make_shared<pb::Backfill>();
  backfill->set_id(9);
  backfill->set_state(state);
  backfill->set_shards_done(done);
  return backfill;
}

class RunDayTest : public ::testing::Test {
 protected:
  RunDayTest() {
    request_.set_project("north");
    request_.add_metrics("a/*");
    request_.add_entities("A");
    request_.set_date("2024-02-29");
    request_.set_request_id("nightly-1");
    registry_.backfill_states = {State(pb::Backfill::STATE_RUNNING, 0),
                                 State(pb::Backfill::STATE_FAILED, 1)};
  }

  absl::Status Run(const CallBounds& bounds = {}) {
    return RunDay(registry_, request_, bounds, writer_);
  }

  FakeRegistryClient registry_;
  v1::RunDayRequest request_;
  CollectingWriter<v1::RunDayResponse> writer_;
};

TEST_F(RunDayTest, CreatesABackfillOfTheDateAndStreamsItsStates) {
  EXPECT_THAT(Run(), IsOk()) << "a job that fails is no error of the call";
  ASSERT_THAT(registry_.backfill_requests(), SizeIs(1));
  const BackfillRequest asked = registry_.backfill_requests()[0];
  EXPECT_EQ(asked.project, "north");
  EXPECT_THAT(asked.metrics, ElementsAre("a/*"));
  EXPECT_THAT(asked.entities, ElementsAre("A"));
  EXPECT_EQ(asked.dates, (DateRange{absl::CivilDay(2024, 2, 29), absl::CivilDay(2024, 3, 1)}));
  EXPECT_EQ(asked.request_id, "nightly-1");
  ASSERT_THAT(writer_.messages, SizeIs(2));
  EXPECT_EQ(writer_.messages[0].backfill().id(), 9);
  EXPECT_EQ(writer_.messages[1].backfill().state(), pb::Backfill::STATE_FAILED);
  EXPECT_EQ(writer_.messages[1].backfill().shards_done(), 1);
}

TEST_F(RunDayTest, RequestsThatCannotBeUnderstoodAreRefused) {
  request_.set_date("yesterday");
  EXPECT_THAT(Run(), ViolatesField("date"));
  request_.clear_date();
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
  request_.clear_metrics();
  EXPECT_THAT(Run(), ViolatesField("metrics"));
  EXPECT_THAT(registry_.backfill_requests(), SizeIs(0));
}

TEST_F(RunDayTest, TheRegistrysErrorsAreTheCalls) {
  registry_.FailCreateBackfill(
      status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "BACKFILL_EMPTY", "nothing")
          .Build());
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kInvalidArgument, "BACKFILL_EMPTY"));
  registry_.after_watch = [](const CallBounds&) {
    return status::ErrorBuilder(absl::StatusCode::kUnavailable, "DRAINING", "later").Build();
  };
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kUnavailable, "DRAINING"));
}

TEST_F(RunDayTest, ACancelledCallStopsWatching) {
  CallBounds bounds;
  writer_.after_write = [&bounds](const v1::RunDayResponse&) {
    bounds.cancel.Cancel();
    return absl::OkStatus();
  };
  registry_.after_watch = [](const CallBounds& inner) { return inner.Check(); };
  EXPECT_THAT(Run(bounds), StatusIs(absl::StatusCode::kCancelled, "CANCELLED"));
}

}  // namespace
}  // namespace metricstore::compute
