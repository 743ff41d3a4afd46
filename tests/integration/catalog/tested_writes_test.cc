// Metric tests run before the transaction that writes: they hold nobody up, and what is written was
// tested as it is.

#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// Gives every evaluation the point that TestedFile expects, after it has called `meanwhile`.
class InterruptedEvaluator final : public RowEvaluator {
 public:
  absl::StatusOr<std::vector<EvaluatedRows>> Evaluate(const std::vector<RowEvaluation>& evaluations,
                                                      const CallBounds&) override {
    for (const RowEvaluation& evaluation : evaluations) {
      evaluated.push_back(evaluation.metric->expression);
    }
    if (meanwhile != nullptr) meanwhile();
    EvaluatedRows rows;
    rows.points = {{"A",
                    absl::FromCivil(absl::CivilSecond(2024, 1, 2, 5, 0, 0), absl::UTCTimeZone()),
                    3.0, true}};
    return std::vector<EvaluatedRows>(evaluations.size(), rows);
  }

  std::function<void()> meanwhile;
  std::vector<std::string> evaluated;  // expressions
};

DefinitionFile TestedFile() {
  return {"metrics/price/tested.yaml", R"yaml(
name: tested
description: Mean price.
type: avg
unit: USD
grain: day
table: fact_bars
expression: avg(close)
tests:
  - name: one bar
    rows:
      - {symbol: A, ts: "2024-01-02T15:00:00Z", open: 1, close: 3, volume: 5}
    expect: [{bucket: 2024-01-02, entity: A, value: 3}]
)yaml"};
}

DefinitionFile DescribedOpening(const std::string& description) {
  return Edited(OpeningFile(), "Price of the first trade.", description);
}

class TestedWritesTest : public CatalogTest {
 protected:
  void SetUp() override { ASSERT_OK(Import(BaseFiles())); }

  absl::StatusOr<ImportResult> ImportTested(const std::vector<DefinitionFile>& files,
                                            const WriteOptions& options = {}) {
    return tested_importer_.Import(project_, files, options, {});
  }
  // Once, while the next test runs.
  void Meanwhile(std::function<void()> action) {
    interrupted_.meanwhile = [this, action = std::move(action)] {
      // Itself, which lives until it is through.
      const auto once = std::exchange(interrupted_.meanwhile, nullptr);
      action();
    };
  }
  // price/tested with that expression, as it is stored otherwise.
  MetricDefinition Tested(const std::string& expression) {
    MetricDefinition metric = Metric("price/tested");
    metric.expression = expression;
    return metric;
  }

  InterruptedEvaluator interrupted_;
  MetricTestRunner runner_{interrupted_};
  Importer tested_importer_{pool_, datasets_, runner_};
  MetricEditor tested_editor_{pool_, runner_};
};

// Runs `write` on a thread until its tests run, does `other`, and lets the tests go on.
template <typename Write, typename Other>
void WhileTestsHang(InterruptedEvaluator& evaluator, Write write, Other other) {
  absl::Notification entered, released;
  evaluator.meanwhile = [&] {
    if (!entered.HasBeenNotified()) entered.Notify();
    released.WaitForNotification();
  };
  std::jthread thread(write);
  // A write that is refused before its tests never enters them.
  EXPECT_TRUE(entered.WaitForNotificationWithTimeout(absl::Seconds(60)));
  other();
  released.Notify();
}

TEST_F(TestedWritesTest, WritesGoThroughWhileTheTestsOfAnImportHang) {
  absl::StatusOr<ImportResult> tested;
  WhileTestsHang(
      interrupted_, [&] { tested = ImportTested({TestedFile()}); },
      [&] {
        EXPECT_THAT(Lines(Import({DescribedOpening("First.")})),
                    ElementsAre("metric price/opening changed 1"));
        EXPECT_OK(editor_.Delete(project_, "price/opening", {}, {}));
      });
  EXPECT_THAT(Lines(tested), ElementsAre("metric price/tested created 1"));
  EXPECT_EQ(tested->outcomes[0].tests_run, 1);
  EXPECT_THAT(interrupted_.evaluated, SizeIs(1));
}

TEST_F(TestedWritesTest, WritesGoThroughWhileTheTestsOfASingleWriteHang) {
  ASSERT_OK(ImportTested({TestedFile()}));
  MetricDefinition another = Tested("avg(open)");
  another.name = "another";
  absl::Status created, updated;
  WhileTestsHang(
      interrupted_, [&] { created = tested_editor_.Create(project_, another, {}, {}).status(); },
      [&] { EXPECT_OK(Import({DescribedOpening("First.")})); });
  EXPECT_OK(created);
  MetricDefinition typed = Tested("max(close)");
  typed.type = MetricType::kMax;
  WhileTestsHang(
      interrupted_,
      [&] {
        updated = tested_editor_.Update(project_, typed, {"expression", "type"}, {}, {}).status();
      },
      [&] { EXPECT_OK(Import({DescribedOpening("Second.")})); });
  EXPECT_OK(updated);
  EXPECT_THAT(interrupted_.evaluated, ElementsAre("avg(close)", "avg(open)", "max(close)"));
}

TEST_F(TestedWritesTest, TestsRunAgainWhereTheirGroundChangedMeanwhile) {
  Meanwhile([&] { EXPECT_OK(Import({Edited(CalendarFile(), "\"16:00\"", "\"15:00\"")})); });
  const auto done = ImportTested({TestedFile()});
  EXPECT_THAT(Lines(done), ElementsAre("metric price/tested created 1"));
  EXPECT_THAT(interrupted_.evaluated, SizeIs(2));
}

TEST_F(TestedWritesTest, OnlyTestsWhoseMetricsChangedRunAgain) {
  ASSERT_OK(ImportTested({TestedFile()}));
  interrupted_.evaluated.clear();
  // The same metric, from another state.
  Meanwhile([&] {
    MetricDefinition other = Metric("price/tested");
    other.notes = "Ask first.";
    EXPECT_OK(editor_.Update(project_, other, {"notes"}, {.skip_tests = true}, {}));
  });
  MetricDefinition wanted = Tested("avg(open)");
  const auto updated = tested_editor_.Update(project_, wanted, {"expression"}, {}, {});
  ASSERT_OK(updated);
  EXPECT_EQ(updated->metric.notes, "Ask first.");
  EXPECT_EQ(updated->metric.expression, "avg(open)");
  EXPECT_THAT(interrupted_.evaluated, ElementsAre("avg(open)", "avg(open)"));
}

TEST_F(TestedWritesTest, AnEtagIsCheckedAgainAfterTheTests) {
  ASSERT_OK(ImportTested({TestedFile()}));
  const std::string etag = Metric("price/tested").etag;
  Meanwhile([&] {
    MetricDefinition other = Metric("price/tested");
    other.notes = "Ask first.";
    EXPECT_OK(editor_.Update(project_, other, {"notes"}, {.skip_tests = true}, {}));
  });
  EXPECT_THAT(
      tested_editor_.Update(project_, Tested("avg(open)"), {"expression"}, {.etag = etag}, {}),
      testing::StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_EQ(Metric("price/tested").latest_version, 1);
}

TEST_F(TestedWritesTest, AWriteWhoseGroundNeverRestsGivesUp) {
  int changes = 0;
  interrupted_.meanwhile = [&] {
    const std::string close = absl::StrCat("\"15:", 10 + ++changes, "\"");
    EXPECT_OK(Import({Edited(CalendarFile(), "\"16:00\"", close)}));
  };
  EXPECT_THAT(ImportTested({TestedFile()}),
              testing::StatusIs(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT"));
  EXPECT_EQ(changes, 5);
  EXPECT_EQ(Ask("SELECT count(*) FROM metric_definitions WHERE name = 'tested'"), "0");
}

TEST_F(TestedWritesTest, ARequestThatWasDoneRunsNoTestsAgain) {
  const WriteOptions options{.request_id = "one", .request_sha256 = "sha"};
  ASSERT_OK(ImportTested({TestedFile()}, options));
  const auto again = ImportTested({TestedFile()}, options);
  EXPECT_THAT(Lines(again), ElementsAre("metric price/tested created 1"));
  EXPECT_THAT(interrupted_.evaluated, SizeIs(1));
}

TEST_F(TestedWritesTest, AnImportThatOnlyValidatesRunsTestsToo) {
  const auto checked = ImportTested({TestedFile()}, {.validate_only = true});
  ASSERT_OK(checked);
  EXPECT_EQ(checked->outcomes[0].tests_run, 1);
  EXPECT_EQ(Ask("SELECT count(*) FROM metric_definitions WHERE name = 'tested'"), "0");
}

}  // namespace
}  // namespace metricstore::registry
