// Writes to a metric that meet: those of one state, of which the first is done, and those of one
// request, which are done once.

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/metric_editor_fixture.h"

namespace metricstore::registry {
namespace {

using ::testing::SizeIs;

TEST_F(MetricEditorTest, OfTwoUpdatesOfOneStateTheSecondIsAborted) {
  const std::string etag = Metric("price/opening").etag;
  const auto first = Describe("First price.", {.etag = etag});
  ASSERT_OK(first);
  const auto second = Describe("Price at first.", {.etag = etag});
  EXPECT_THAT(second, testing::StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(second, testing::HasMetadata("etag", first->metric.etag));
  EXPECT_THAT(second, testing::HasMetadata("metric", "price/opening"));
  EXPECT_OK(Describe("Price at first.", {.etag = first->metric.etag}));
  EXPECT_OK(Describe("The last write wins."));
  EXPECT_EQ(Metric("price/opening").description, "The last write wins.");
}

TEST_F(MetricEditorTest, ConcurrentUpdatesOfOneStateAreDoneOnce) {
  const MetricDefinition before = Metric("price/opening");
  std::vector<absl::StatusOr<UpdateOutcome>> outcomes(4, absl::UnknownError("not run"));
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < outcomes.size(); ++i) {
      threads.emplace_back([&, i] {
        MetricDefinition metric = before;
        metric.notes = absl::StrCat("by ", i);
        outcomes[i] = editor_.Update(project_, metric, {"notes"}, {.etag = before.etag}, {});
      });
    }
  }
  int done = 0;
  for (const auto& outcome : outcomes) {
    if (outcome.ok()) {
      ++done;
    } else {
      EXPECT_THAT(outcome, testing::StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
      EXPECT_THAT(outcome, testing::HasMetadata("etag", Metric("price/opening").etag));
    }
  }
  EXPECT_EQ(done, 1);
}

TEST_F(MetricEditorTest, EveryKindOfChangeChangesTheEtag) {
  std::set<std::string> etags = {Metric("price/opening").etag};
  ASSERT_OK(Describe("First price."));
  etags.insert(Metric("price/opening").etag);
  ASSERT_OK(Express("last(open)"));
  etags.insert(Metric("price/opening").etag);
  ASSERT_OK(editor_.Promote(project_, "price/opening", 0, {}, {}));
  etags.insert(Metric("price/opening").etag);
  ASSERT_OK(editor_.Promote(project_, "price/opening", 1, {}, {}));
  etags.insert(Metric("price/opening").etag);
  ASSERT_OK(editor_.Delete(project_, "price/opening", {}, {}));
  etags.insert(Metric("price/opening").etag);
  EXPECT_THAT(etags, SizeIs(6));
}

TEST_F(MetricEditorTest, TheSameRequestCreatesOnce) {
  const WriteOptions request{.request_id = "c", .request_sha256 = "one"};
  const auto first = editor_.Create(project_, Closing(), request, {});
  ASSERT_OK(first);
  const auto again = editor_.Create(project_, Closing(), request, {});
  ASSERT_OK(again);
  EXPECT_EQ(again->etag, first->etag);
  EXPECT_THAT(editor_.Create(project_, Closing(), {.request_id = "c", .request_sha256 = "two"}, {}),
              testing::StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  EXPECT_THAT(editor_.Create(project_, Closing(), {.request_id = "d", .request_sha256 = "one"}, {}),
              testing::StatusIs(absl::StatusCode::kAlreadyExists, "METRIC_EXISTS"));
  EXPECT_EQ(Ask("SELECT count(*) FROM metric_versions"), "2");
}

TEST_F(MetricEditorTest, ConcurrentRequestsOfOneIdAreDoneOnce) {
  const WriteOptions request{.request_id = "c", .request_sha256 = "one"};
  std::vector<absl::Status> statuses(4);
  {
    std::vector<std::jthread> threads;
    for (absl::Status& status : statuses) {
      threads.emplace_back(
          [&] { status = editor_.Create(project_, Closing(), request, {}).status(); });
    }
  }
  for (const absl::Status& status : statuses) EXPECT_OK(status);
  EXPECT_EQ(Ask("SELECT count(*) FROM metric_versions"), "2");
}

TEST_F(MetricEditorTest, ARepeatedUpdateTellsItsChangesAndTheMetricAsItIs) {
  const WriteOptions request{
      .request_id = "u", .request_sha256 = "one", .etag = Metric("price/opening").etag};
  const auto first = Describe("First price.", request);
  ASSERT_OK(first);
  ASSERT_OK(Describe("Another's words."));
  const auto again = Describe("First price.", request);
  ASSERT_OK(again);
  EXPECT_EQ(again->metric.description, "Another's words.");
  ASSERT_THAT(again->changes, SizeIs(1));
  EXPECT_EQ(again->changes[0].field, "description");
  EXPECT_EQ(again->changes[0].after, first->changes[0].after);
}

TEST_F(MetricEditorTest, ARepeatedPromotionTellsWhatItReplaced) {
  ASSERT_OK(Express("last(open)"));
  const WriteOptions request{.request_id = "p", .request_sha256 = "one"};
  ASSERT_OK(editor_.Promote(project_, "price/opening", 2, request, {}));
  const auto again = editor_.Promote(project_, "price/opening", 2, request, {});
  ASSERT_OK(again);
  EXPECT_EQ(again->previous_version, 1);
  EXPECT_EQ(again->metric.version, 2);
}

}  // namespace
}  // namespace metricstore::registry
