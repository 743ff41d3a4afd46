// Unit tests of metrics: rows to columns, points compared, what is sent to the evaluator.

#include "registry_service/catalog/store/metric_test_runner.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/time/iso8601.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry_service/catalog/store/fixture_rows.h"
#include "registry_service/catalog/validation/metric_test_rules.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry/definition_cases.h"

namespace metricstore::registry {
namespace {

using columns::Column;
using columns::ColumnType;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Answers by a function, and keeps what it was asked.
class FakeRowEvaluator final : public RowEvaluator {
 public:
  using Answer = std::function<EvaluatedRows(const RowEvaluation&)>;

  absl::StatusOr<std::vector<EvaluatedRows>> Evaluate(const std::vector<RowEvaluation>& evaluations,
                                                      const CallBounds&) override {
    if (!failure.ok()) return failure;
    calls.push_back(evaluations.size());
    std::vector<EvaluatedRows> results;
    for (const RowEvaluation& evaluation : evaluations) {
      asked.push_back(evaluation.rows);
      results.push_back(answer(evaluation));
    }
    return results;
  }

  Answer answer = [](const RowEvaluation&) { return EvaluatedRows(); };
  absl::Status failure;
  std::vector<size_t> calls;  // sizes
  std::vector<columns::ColumnBatch> asked;
};

Dataset Payments() {
  Dataset dataset;
  dataset.name = "fact_payments";
  dataset.columns = {{"user_id", ColumnType::kText},      {"paid_at", ColumnType::kTimestamp},
                     {"amount", ColumnType::kFloat64},    {"pieces", ColumnType::kInt64, true},
                     {"refund", ColumnType::kBool, true}, {"due", ColumnType::kDate, true},
                     {"note", ColumnType::kText, true}};
  dataset.time_column = "paid_at";
  dataset.entity_column = "user_id";
  dataset.calendar = "XNYS";
  return dataset;
}

absl::Time Start(const std::string& date) {
  const StoredDefinitions ground = Ground();
  return *BucketStart(date, Grain::kDay, *ground.calendars.at("XNYS").calendar);
}

class MetricTestRunnerTest : public ::testing::Test {
 protected:
  MetricTestRunnerTest() {
    metric_.category = "m";
    metric_.name = "paid";
    metric_.type = MetricType::kSum;
    metric_.dataset = "fact_payments";
    metric_.expression = "sum(amount)";
    metric_.columns = {"amount"};
    test_.name = "two payments";
    test_.rows = {Row("u1", "2024-03-04T10:00:00Z", "10"), Row("u1", "2024-03-04T11:00:00Z", "20")};
  }

  static MetricTest::Row Row(const std::string& user, const std::string& at,
                             const std::string& amount) {
    return {{"user_id", user}, {"paid_at", at}, {"amount", amount}};
  }

  // The fake gives these points whatever it is asked.
  void Gives(std::vector<EvaluatedRows::Point> points) {
    evaluator_.answer = [points](const RowEvaluation&) {
      EvaluatedRows rows;
      rows.points = points;
      return rows;
    };
  }

  absl::StatusOr<std::vector<TestReport>> RunAll(const std::vector<TestedMetric>& metrics) {
    return runner_.Run(metrics, {});
  }

  TestReport Run() {
    metric_.tests = {test_};
    const auto reports = RunAll({{&metric_, &dataset_, calendar_.get()}});
    EXPECT_OK(reports);
    return reports.ok() && reports->size() == 1 ? reports->front() : TestReport();
  }

  // What the reading of the test's rows refuses, "field: message".
  std::vector<std::string> Refusals() {
    std::vector<std::string> lines;
    for (const FieldFault& fault : ReadFixtureRows(test_, "tests[0]", metric_, dataset_).faults) {
      EXPECT_EQ(fault.reason, "DEFINITION_INVALID");
      lines.push_back(absl::StrCat(fault.field, ": ", fault.message));
    }
    return lines;
  }

  const std::shared_ptr<const calendar::Calendar> calendar_ =
      Ground().calendars.at("XNYS").calendar;
  const absl::Time day_ = Start("2024-03-04");
  Dataset dataset_ = Payments();
  MetricDefinition metric_;
  MetricTest test_;
  FakeRowEvaluator evaluator_;
  MetricTestRunner runner_{evaluator_};
};

std::vector<std::string> Messages(const TestReport& report) {
  std::vector<std::string> messages;
  for (const FieldFault& fault : report.faults) {
    messages.push_back(absl::StrCat(fault.reason, " ", fault.field, ": ", fault.message));
  }
  return messages;
}

TEST_F(MetricTestRunnerTest, AnExpectedZeroAllowsForRounding) {
  test_.expect = {{"2024-03-04", "u1", 0}};
  Gives({{"u1", day_, 0.1 + 0.2 - 0.3, true}});
  EXPECT_EQ(Run().passed, 1);
  Gives({{"u1", day_, 2e-12, true}});
  EXPECT_EQ(Run().passed, 0);
  // A tolerance is of the expected value, so it adds nothing here.
  test_.tolerance = 0.1;
  EXPECT_EQ(Run().passed, 0);
}

TEST_F(MetricTestRunnerTest, PassesWhereExactlyTheExpectedPointsComeOut) {
  test_.expect = {{"2024-03-04", "u1", 30}, {"2024-03-04", "u2", std::nullopt}};
  Gives({{"u1", day_, 30.0, true}, {"u2", day_, std::nullopt, true}});
  const TestReport report = Run();
  EXPECT_EQ(report.passed, 1);
  EXPECT_THAT(report.faults, IsEmpty());
}

TEST_F(MetricTestRunnerTest, TellsAWrongValueWithTestBucketAndEntity) {
  test_.expect = {{"2024-03-04", "u1", 31}};
  Gives({{"u1", day_, 30.0, true}});
  const TestReport report = Run();
  EXPECT_EQ(report.passed, 0);
  EXPECT_THAT(Messages(report),
              ElementsAre("TEST_FAILED tests[0].expect[0]: test \"two payments\": bucket "
                          "2024-03-04 of u1 is 30, expected 31"));
  EXPECT_THAT(report.faults[0].metadata,
              ::testing::IsSupersetOf(
                  {std::make_pair("test", "two payments"), std::make_pair("bucket", "2024-03-04"),
                   std::make_pair("entity", "u1"), std::make_pair("expected", "31"),
                   std::make_pair("actual", "30")}));
}

TEST_F(MetricTestRunnerTest, TellsPointsThatAreMissingOrTooMany) {
  test_.expect = {{"2024-03-04", "u1", 30}};
  Gives({{"u1", Start("2024-03-05"), 30.0, true}, {"u2", day_, 0.1, true}});
  EXPECT_THAT(
      Messages(Run()),
      ElementsAre("TEST_FAILED tests[0].expect[0]: test \"two payments\": bucket 2024-03-04 of u1 "
                  "is missing, expected 30",
                  "TEST_FAILED tests[0].expect: test \"two payments\": bucket 2024-03-05 of u1 is "
                  "30, expected no such point",
                  "TEST_FAILED tests[0].expect: test \"two payments\": bucket 2024-03-04 of u2 is "
                  "0.1, expected no such point"));
}

TEST_F(MetricTestRunnerTest, TellsNullFromNumbersAndFromWhatIsNotFinite) {
  test_.expect = {{"2024-03-04", "u1", std::nullopt},
                  {"2024-03-04", "u2", 0},
                  {"2024-03-04", "u3", std::nullopt}};
  Gives({{"u1", day_, 0.0, true},
         {"u2", day_, std::nullopt, true},
         {"u3", day_, std::nullopt, false}});
  std::vector<std::string> ends;
  for (const FieldFault& fault : Run().faults) {
    ends.push_back(fault.message.substr(fault.message.find(" is ")));
  }
  EXPECT_THAT(ends, ElementsAre(" is 0, expected NULL", " is NULL, expected 0",
                                " is not finite, expected NULL"));
}

TEST_F(MetricTestRunnerTest, AllowsDifferencesRelativeToTheExpectedValue) {
  const auto passes = [&](double expected, double actual, double tolerance) {
    test_.expect = {{"2024-03-04", "u1", expected}};
    test_.tolerance = tolerance;
    Gives({{"u1", day_, actual, true}});
    return Run().passed == 1;
  };
  EXPECT_TRUE(passes(1e6, 1e6 * (1 + 0.9e-9), 0));
  EXPECT_FALSE(passes(1e6, 1e6 * (1 + 1.1e-9), 0));
  EXPECT_TRUE(passes(-100, -101, 0.01));
  EXPECT_FALSE(passes(-100, -101.1, 0.01));
  EXPECT_TRUE(passes(0, 0, 0));
  EXPECT_TRUE(passes(0, -0.0, 0));
  EXPECT_FALSE(passes(0, 1.1e-12, 0.1));
}

TEST_F(MetricTestRunnerTest, NamesBucketsOfHoursByTheirInstants) {
  metric_.grain = Grain::kHour;
  test_.expect = {{"2024-03-04T05:00:00-05:00", "u1", 10}};
  Gives({{"u1", absl::FromUnixSeconds(1709546400), 10.0, true},
         {"u1", absl::FromUnixSeconds(1709550000), 20.0, true}});
  EXPECT_THAT(Messages(Run()),
              ElementsAre("TEST_FAILED tests[0].expect: test \"two payments\": bucket "
                          "2024-03-04T11:00:00Z of u1 is 20, expected no such point"));
}

TEST_F(MetricTestRunnerTest, TestsWithoutRowsAskNobody) {
  test_.rows.clear();
  EXPECT_EQ(Run().passed, 1);
  test_.expect = {{"2024-03-04", "u1", 30}};
  EXPECT_THAT(Run().faults, SizeIs(1));
  EXPECT_THAT(evaluator_.calls, IsEmpty());
}

TEST_F(MetricTestRunnerTest, WhatCannotBeEvaluatedIsToldWithItsReason) {
  evaluator_.answer = [](const RowEvaluation&) {
    EvaluatedRows rows;
    rows.error_reason = "EXPRESSION_INVALID";
    rows.error = "no such thing";
    return rows;
  };
  EXPECT_THAT(Messages(Run()),
              ElementsAre("EXPRESSION_INVALID tests[0]: test \"two payments\" cannot be run: no "
                          "such thing"));
}

TEST_F(MetricTestRunnerTest, MetricsThatAreNotComputedHaveNoTests) {
  metric_.dimensions = {"note"};
  const TestReport report = Run();
  ASSERT_THAT(report.faults, SizeIs(1));
  EXPECT_EQ(report.faults[0].reason, "NOT_SUPPORTED");
  EXPECT_EQ(report.faults[0].field, "tests");
  EXPECT_THAT(evaluator_.calls, IsEmpty());
  metric_.dimensions.clear();
  metric_.tests = {test_};
  const auto reports = RunAll({{&metric_, nullptr, nullptr}});
  ASSERT_OK(reports);
  ASSERT_THAT(reports->front().faults, SizeIs(1));
  EXPECT_EQ(reports->front().faults[0].reason, "NOT_SUPPORTED");
}

TEST_F(MetricTestRunnerTest, EvaluatesInBatchesAndReportsEachMetric) {
  MetricDefinition other = metric_;
  MetricDefinition untested = metric_;
  for (int i = 0; i < 700; ++i) {
    test_.name = absl::StrCat("test ", i);
    test_.expect = {{"2024-03-04", "u1", i == 3 ? 31.0 : 30.0}};
    metric_.tests.push_back(test_);
    if (i != 3) other.tests.push_back(test_);
  }
  Gives({{"u1", day_, 30.0, true}});
  const TestedMetric tested{&metric_, &dataset_, calendar_.get()};
  const auto reports = RunAll(
      {tested, {&untested, &dataset_, calendar_.get()}, {&other, &dataset_, calendar_.get()}});
  ASSERT_OK(reports);
  ASSERT_THAT(*reports, SizeIs(3));
  EXPECT_EQ((*reports)[0].passed, 699);
  EXPECT_EQ((*reports)[0].faults[0].field, "tests[3].expect[0]");
  EXPECT_EQ((*reports)[1].passed, 0);
  EXPECT_EQ((*reports)[2].passed, 699);
  EXPECT_THAT(evaluator_.calls, ElementsAre(1'000, 399));
}

TEST_F(MetricTestRunnerTest, SendsLargeRowsInSeveralCalls) {
  test_.rows.clear();
  for (int i = 0; i < 100; ++i) {
    test_.rows.push_back(Row(absl::StrCat("u", i), "2024-03-04T10:00:00Z", "1"));
    test_.rows.back()["note"] = std::string(3'000, 'x') + std::to_string(i);
  }
  metric_.tests.assign(5, test_);
  ASSERT_OK(RunAll({{&metric_, &dataset_, calendar_.get()}}));
  EXPECT_THAT(evaluator_.calls, ElementsAre(3, 2));
}

TEST_F(MetricTestRunnerTest, PassesOnThatNobodyAnswers) {
  evaluator_.failure =
      status::ErrorBuilder(absl::StatusCode::kUnavailable, "COMPUTE_UNAVAILABLE", "nobody").Build();
  metric_.tests = {test_};
  EXPECT_THAT(RunAll({{&metric_, &dataset_, calendar_.get()}}),
              testing::StatusIs(absl::StatusCode::kUnavailable, "COMPUTE_UNAVAILABLE"));
}

TEST_F(MetricTestRunnerTest, RowsWithFaultsAreNotSent) {
  test_.rows[0]["amount"] = "lots";
  const TestReport report = Run();
  EXPECT_THAT(Messages(report),
              ElementsAre("DEFINITION_INVALID tests[0].rows[0].amount: tests[0].rows[0].amount "
                          "must be a finite number, not \"lots\""));
  EXPECT_THAT(evaluator_.calls, IsEmpty());
}

TEST_F(MetricTestRunnerTest, RowsAreSentByEntityAndTimeWithTypedColumns) {
  test_.rows = {Row("u2", "2024-03-04T10:00:00Z", "1"), Row("u10", "2024-03-04 12:00-05:00", "2.5"),
                Row("u10", "2024-03-04T10:00:00.000001Z", "-3e2"),
                Row("u2", "2024-03-04T10:00:00Z", "4")};
  test_.rows[0]["pieces"] = "-9223372036854775808";
  test_.rows[1]["refund"] = "true";
  test_.rows[1]["due"] = "2024-03-05";
  test_.rows[3]["refund"] = "false";
  Run();
  ASSERT_THAT(evaluator_.asked, SizeIs(1));
  const columns::ColumnBatch& rows = evaluator_.asked[0];
  EXPECT_EQ(rows.rows, 4u);
  std::vector<std::string> names;
  for (const Column& column : rows.columns) names.push_back(column.name);
  EXPECT_THAT(names, ElementsAre("user_id", "paid_at", "amount", "pieces", "refund", "due"));
  const Column& users = *rows.Find("user_id");
  EXPECT_THAT(users.dictionary, ElementsAre("u10", "u2"));
  EXPECT_THAT(users.codes, ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(rows.Find("paid_at")->int64,
              ElementsAre(1709546400000001, 1709571600000000, 1709546400000000, 1709546400000000));
  // Rows of one entity and time keep their order.
  EXPECT_THAT(rows.Find("amount")->float64, ElementsAre(-300, 2.5, 1, 4));
  const Column& pieces = *rows.Find("pieces");
  EXPECT_FALSE(pieces.validity.valid(0));
  EXPECT_TRUE(pieces.validity.valid(2));
  EXPECT_EQ(pieces.int64[2], std::numeric_limits<int64_t>::min());
  EXPECT_THAT(rows.Find("refund")->boolean, ElementsAre(0, 1, 0, 0));
  EXPECT_TRUE(rows.Find("refund")->validity.valid(3));
  EXPECT_FALSE(rows.Find("refund")->validity.valid(0));
  EXPECT_EQ(rows.Find("due")->date[1], ToEpochDays(absl::CivilDay(2024, 3, 5)));
  EXPECT_TRUE(rows.Find("amount")->validity.all_valid());
}

TEST_F(MetricTestRunnerTest, ValuesMustBeOfTheirColumnsTypes) {
  for (const auto& [column, text] :
       std::vector<std::pair<std::string, std::string>>{{"amount", ""},
                                                        {"amount", "1,5"},
                                                        {"amount", "nan"},
                                                        {"amount", "1e999"},
                                                        {"amount", " 1"},
                                                        {"pieces", "1.5"},
                                                        {"pieces", "9223372036854775808"},
                                                        {"refund", "yes"},
                                                        {"refund", "True"},
                                                        {"due", "2024-02-30"},
                                                        {"due", "today"},
                                                        {"paid_at", "2024-03-04T10:00:00"},
                                                        {"paid_at", "2024-03-04"},
                                                        {"paid_at", "2024-03-04T25:00:00Z"},
                                                        {"paid_at", "infinite-future"},
                                                        {"user_id", ""}}) {
    test_.rows = {Row("u1", "2024-03-04T10:00:00Z", "1")};
    test_.rows[0][column] = text;
    EXPECT_THAT(Refusals(), ElementsAre(::testing::StartsWith("tests[0].rows[0]." + column)))
        << text;
  }
  test_.rows[0] = Row("u1", "2024-03-04T10:00:00", "1");
  EXPECT_THAT(Refusals(), ElementsAre(::testing::HasSubstr("an instant with its offset")));
}

TEST_F(MetricTestRunnerTest, RowsHaveWhatTheMetricNeeds) {
  test_.rows = {{{"note", "x"}}, {{"amuont", "1"}}};
  EXPECT_THAT(Refusals(),
              ElementsAre("tests[0].rows[1].amuont: dataset \"fact_payments\" has no column "
                          "\"amuont\"; did you mean \"amount\"?",
                          "tests[0].rows[0].user_id: tests[0].rows[0].user_id is required",
                          "tests[0].rows[0].paid_at: tests[0].rows[0].paid_at is required",
                          "tests[0].rows[0].amount: tests[0].rows[0].amount is required",
                          "tests[0].rows[1].user_id: tests[0].rows[1].user_id is required",
                          "tests[0].rows[1].paid_at: tests[0].rows[1].paid_at is required",
                          "tests[0].rows[1].amount: tests[0].rows[1].amount is required"));
  // A column that must have a value and that the metric does not read may be left out.
  metric_.columns = {"pieces"};
  test_.rows = {Row("u1", "2024-03-04T10:00:00Z", "1"), Row("u1", "2024-03-04T11:00:00Z", "1")};
  test_.rows[1].erase("amount");
  EXPECT_THAT(Refusals(), IsEmpty());
}

TEST(BucketText, IsReadBackForEveryGrain) {
  const StoredDefinitions ground = Ground();
  const calendar::Calendar& calendar = *ground.calendars.at("XNYS").calendar;
  for (const auto& [grain, text] :
       std::vector<std::pair<Grain, std::string>>{{Grain::kHour, "2024-03-10T06:00:00Z"},
                                                  {Grain::kDay, "2024-03-10"},
                                                  {Grain::kWeek, "2024-03-11"},
                                                  {Grain::kMonth, "2024-03-01"},
                                                  {Grain::kQuarter, "2024-04-01"},
                                                  {Grain::kYear, "2024-01-01"}}) {
    const auto start = BucketStart(text, grain, calendar);
    ASSERT_TRUE(start.has_value()) << text;
    EXPECT_EQ(BucketText(*start, grain, calendar), text);
  }
}

TEST(BucketText, NamesTradeDatesThatStartTheEveningBefore) {
  Faults faults;
  const std::vector<DefinitionFile> files = {{"c.yaml", CalendarWith(0, "")}};
  const Definitions definitions = ReadDefinitions(files, faults);
  const auto calendar = calendar::Calendar::Create(definitions.calendars[0].definition, 1);
  ASSERT_OK(calendar);
  const auto start = BucketStart("2024-03-05", Grain::kDay, **calendar);
  ASSERT_TRUE(start.has_value());
  EXPECT_EQ(FormatInstant(*start), "2024-03-04T23:00:00Z");
  EXPECT_EQ(BucketText(*start, Grain::kDay, **calendar), "2024-03-05");
  EXPECT_FALSE(BucketStart("2024-03-05T23:30:00Z", Grain::kHour, **calendar).has_value());
}

}  // namespace
}  // namespace metricstore::registry
