// What is doubtful in metrics for the metrics that they read.
#include "registry_service/catalog/validation/reading_doubts.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry_service/catalog/diff/broken_readers.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry/changed_metric.h"
#include "tests/unit/registry/definition_cases.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kNotComputed[] = "this release keeps the metric and does not compute it: ";

std::string OverRows(const std::string& name, const std::string& expression) {
  return absl::StrCat("- {name: ", name, ", description: D., type: derived, grain: day, ",
                      "table: fact_bars, expression: \"", expression, "\"}\n");
}

std::string OverMetrics(const std::string& name, const std::string& expression) {
  return absl::StrCat("- {name: ", name, ", description: D., type: derived, grain: day, ",
                      "expression: \"", expression, "\"}\n");
}

// Definitions that have no faults, checked over what is stored.
Definitions Checked(const std::string& yaml, StoredDefinitions& stored) {
  Faults faults;
  Definitions definitions =
      ReadDefinitions(std::vector<DefinitionFile>{{"m/all.yaml", yaml}}, faults);
  CheckDefinitions(definitions, stored, faults);
  EXPECT_OK(faults.ToStatus());
  return definitions;
}

// "id reason field: message" of all doubts.
std::vector<std::string> Doubts(const std::string& yaml, StoredDefinitions stored = Ground()) {
  const Definitions definitions = Checked(yaml, stored);
  std::vector<std::string> lines;
  for (const auto& [id, findings] : ReadingDoubts(definitions, stored)) {
    for (const Finding& finding : findings) {
      EXPECT_EQ(finding.severity, Severity::kWarning);
      lines.push_back(
          absl::StrCat(id, " ", finding.reason, " ", finding.field, ": ", finding.message));
    }
  }
  return lines;
}

// What is stored once the metrics are imported.
StoredDefinitions Having(const std::string& yaml) {
  StoredDefinitions stored = Ground();
  for (const auto& located : Checked(yaml, stored).metrics) {
    const MetricDefinition& metric = located.definition;
    stored.metrics[metric.id()] = {metric, metric, 1, 1, false};
    stored.summaries[metric.id()].depends_on = metric.depends_on;
  }
  return stored;
}

TEST(ReadingDoubts, AreNoneWhereNumbersAreRead) {
  EXPECT_THAT(Doubts(OverRows("a", "sum(volume)") + OverMetrics("b", "2 * metric('m/a')")),
              IsEmpty());
}

TEST(ReadingDoubts, OfWhatIsNoNumberSayWhichReferenceAndWhy) {
  const std::string read = OverRows("a", "sum(volume)") +
                           OverRows("hist", "histogram(close, 0, 10, 5)") +
                           OverRows("words", "string_agg(symbol, ',')") +
                           OverRows("rising", "last(close) > first(open)");
  const std::string readers = OverMetrics("x", "metric('m/a') + metric('m/hist')") +
                              OverMetrics("y", "metric('m/words')") +
                              OverMetrics("z", "metric('m/rising')");
  const auto told = ElementsAre(
      absl::StrCat("m/x NOT_COMPUTED expression: position 24: ", kNotComputed,
                   "reads m/hist, whose points are vectors: other metrics read numbers only"),
      absl::StrCat("m/y NOT_COMPUTED expression: position 8: ", kNotComputed,
                   "reads m/words, whose points are texts: other metrics read numbers only"),
      absl::StrCat("m/z NOT_COMPUTED expression: position 8: ", kNotComputed,
                   "reads m/rising, whose points are conditions: other metrics read numbers only"));
  EXPECT_THAT(Doubts(read + readers), told) << "in one import";
  EXPECT_THAT(Doubts(readers, Having(read)), told) << "over what is stored";
}

TEST(ReadingDoubts, OfWhatIsReadThroughOthersNameTheCause) {
  EXPECT_THAT(Doubts(OverRows("hist", "top_k(close, 3)") + OverMetrics("x", "metric('m/hist')") +
                     OverMetrics("y", "1 + metric('m/x')")),
              ElementsAre(HasSubstr("m/x NOT_COMPUTED"),
                          HasSubstr("m/y NOT_COMPUTED expression: position 12: " +
                                    std::string(kNotComputed) +
                                    "reads m/x, which is not computed: reads m/hist")));
}

TEST(ReadingDoubts, AreNotToldTwiceOfWhatIsNotComputedByItself) {
  EXPECT_THAT(Doubts(OverRows("hist", "top_k(close, 3)") +
                     "- {name: x, description: D., type: counter, grain: day, "
                     "expression: \"metric('m/hist')\"}\n"),
              IsEmpty());
}

std::string Monthly(const std::string& name, const std::string& window) {
  return absl::StrCat("- {name: ", name, ", description: D., type: derived, grain: month, ",
                      "table: fact_bars, window: ", window, ", expression: sum(volume)}\n");
}

TEST(ReadingDoubts, OfACoarserGrainWhoseWindowDoesNotRunOn) {
  const std::string reader = OverMetrics("share", "metric('m/day') / metric('m/month')");
  const std::string day = OverRows("day", "sum(volume)");
  const auto told = ElementsAre(
      "m/share GRAIN_DOUBTFUL expression: position 26: m/month is a month metric, and is computed "
      "here over the bucket of the day; for the month so far read a metric with a window to date: "
      "window: month_to_date");
  EXPECT_THAT(Doubts(day + Monthly("month", "rth") + reader), told);
  EXPECT_THAT(Doubts(day + Monthly("month", "previous of rth") + reader), told);
  EXPECT_THAT(Doubts(day + Monthly("month", "month_to_date of rth") + reader), IsEmpty());
  EXPECT_THAT(Doubts(day + Monthly("month", "rolling_20_sessions of rth") + reader), IsEmpty());
}

TEST(ReadingDoubts, OfACoarserGrainLookThroughWhatReadsMetricsAlone) {
  const std::string twice =
      "- {name: twice, description: D., type: derived, grain: month, expression: \"2 * "
      "metric('m/month')\"}\n" +
      OverMetrics("x", "metric('m/twice')");
  EXPECT_THAT(
      Doubts(Monthly("month", "rth") + twice),
      ElementsAre(HasSubstr("m/x GRAIN_DOUBTFUL expression: position 8: m/twice is a month")));
  EXPECT_THAT(Doubts(Monthly("month", "month_to_date") + twice), IsEmpty());
}

TEST(ReadingDoubts, AreNoneOfAFinerGrain) {
  EXPECT_THAT(Doubts(OverRows("day", "sum(volume)") +
                     "- {name: x, description: D., type: derived, grain: month, expression: "
                     "\"metric('m/day')\"}\n"),
              IsEmpty());
}

// By name, what the import says of changed metrics.
std::vector<ImportChange> Changes(const std::string& yaml, StoredDefinitions stored) {
  const Definitions definitions = Checked(yaml, stored);
  return ClassifyImport(definitions, stored, true).metrics;
}

TEST(BrokenReaders, AreToldOfTheChangeThatBreaksThem) {
  const StoredDefinitions stored =
      Having(OverRows("close", "last(close)") + OverMetrics("gap", "1 - metric('m/close')"));
  const auto changes = Changes(OverRows("close", "array_agg(close)"), stored);
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_THAT(Lines(changes[0].changes),
              ElementsAre("expression: last(close) -> array_agg(close) [meaning] [breaking] "
                          "(points are vectors, no longer numbers; m/gap reads it and can then not "
                          "be computed: reads m/close, whose points are vectors: other metrics "
                          "read numbers only)"));
  ASSERT_THAT(changes[0].broken_readers, SizeIs(1));
  EXPECT_EQ(changes[0].broken_readers[0].metric, "m/gap");
}

TEST(BrokenReaders, AreNoneThatGoOnReadingNumbersOrReadNoMore) {
  const StoredDefinitions stored =
      Having(OverRows("close", "last(close)") + OverMetrics("gap", "1 - metric('m/close')"));
  const auto other_number = Changes(OverRows("close", "first(close)"), stored);
  ASSERT_THAT(other_number, SizeIs(1));
  EXPECT_THAT(other_number[0].broken_readers, IsEmpty());
  EXPECT_FALSE(other_number[0].changes[0].breaking);
  const auto read_no_more =
      Changes(OverRows("close", "array_agg(close)") + OverRows("gap", "1 - last(close)"), stored);
  ASSERT_THAT(read_no_more, SizeIs(2));
  EXPECT_THAT(read_no_more[0].broken_readers, IsEmpty());
}

TEST(BrokenReaders, AreNoneOfWhatWasNotComputedBefore) {
  const StoredDefinitions stored =
      Having(OverRows("close", "top_k(close, 2)") + OverMetrics("gap", "1 - metric('m/close')"));
  const auto changes = Changes(OverRows("close", "top_k(close, 3)"), stored);
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_THAT(changes[0].broken_readers, IsEmpty());
  EXPECT_FALSE(changes[0].changes[0].breaking) << "vectors they were";
}

TEST(BrokenReaders, AreNamedUpToThree) {
  std::string readers;
  for (const char* const name : {"r1", "r2", "r3", "r4", "r5"}) {
    readers += OverMetrics(name, "metric('m/close')");
  }
  const auto changes = Changes(OverRows("close", "array_agg(close)"),
                               Having(OverRows("close", "last(close)") + readers));
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_THAT(BrokenReadersText(changes[0]),
              HasSubstr("m/r1, m/r2, m/r3 and 2 more read it and can then not be computed: "));
}

}  // namespace
}  // namespace metricstore::registry
