// What differs between definitions, and what follows from it.

#include "registry_service/catalog/diff/metric_diff.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry_service/catalog/diff/broken_readers.h"
#include "registry_service/catalog/diff/ground_diff.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry/changed_metric.h"
#include "tests/unit/registry/definition_cases.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// What changes when `from` is replaced in the metric.
std::vector<FieldChange> Changed(const std::string& from, const std::string& to) {
  std::string yaml = kMetric;
  const size_t place = yaml.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  yaml.replace(place, from.size(), to);
  return DiffMetrics(Bound(kMetric), Bound(yaml));
}

TEST(DiffMetrics, OfEqualDefinitionsIsEmpty) {
  EXPECT_THAT(DiffMetrics(Bound(kMetric), Bound(kMetric)), IsEmpty());
}

TEST(DiffMetrics, OfWordsChangesNoMeaning) {
  for (const auto& [from, line] : std::vector<std::pair<std::string, std::string>>{
           {"Money.", "description: Money. -> X"},
           {"Ask.", "notes: Ask. -> X"},
           {"Checked.", "validation: Checked. -> X"},
           {"markets", "owner: markets -> X"},
           {"Book.", "source: Book. -> X"},
           {"[us]", "tags: [us] -> X"},
           {"[change, \"a: b\"]", "synonyms: [change, \"a: b\"] -> X"}}) {
    const std::string to = from[0] == '[' ? "[X]" : "X";
    const auto changes = Changed(from, to);
    EXPECT_THAT(Lines(changes), ElementsAre(line.substr(0, line.size() - 1) + to));
    EXPECT_FALSE(ChangesMeaning(changes));
    EXPECT_FALSE(IsBreaking(changes));
  }
}

TEST(DiffMetrics, OfWhatIsComputedChangesTheMeaning) {
  EXPECT_THAT(Lines(Changed("last(close) - first(open)", "max(open)")),
              ElementsAre("expression: last(close) - first(open) -> max(open) [meaning]"));
  EXPECT_THAT(Lines(Changed("volume > 0, ", "")),
              ElementsAre("filters: [volume > 0, open > 1] -> [open > 1] [meaning]"));
  EXPECT_THAT(Lines(Changed("SELECT symbol, max(open)", "SELECT symbol, min(open)")),
              ElementsAre(StartsWith("sql: SELECT symbol, max(open)")));
  EXPECT_TRUE(ChangesMeaning(Changed("SELECT symbol, max(open)", "SELECT symbol, min(open)")));
  EXPECT_THAT(Lines(Changed("sql_by_day: SELECT max(open) FROM fact_bars\n", "")),
              ElementsAre("sql_by_day: SELECT max(open) FROM fact_bars ->  [meaning]"));
  EXPECT_THAT(Lines(Changed("sql_by_day: SELECT max", "sql_by_day: SELECT min")),
              ElementsAre(EndsWith("SELECT min(open) FROM fact_bars [meaning]")));
  EXPECT_THAT(
      Lines(Changed("window: rth", "window: {from: '10:00', to: '11:30:05', session: rth}")),
      ElementsAre("window: rth -> 10:00-11:30:05 of rth [meaning]"));
  EXPECT_THAT(Lines(Changed("window: rth", "window: {rolling: 20 sessions, session: rth}")),
              ElementsAre("window: rth -> rolling_20_sessions of rth [meaning]"));
  EXPECT_THAT(Lines(Changed("window: rth\n", "window: first_30m\n")),
              ElementsAre("window: rth -> first_30m [meaning]"));
  EXPECT_THAT(Lines(Changed("window: rth\n", "")), ElementsAre("window: rth ->  [meaning]"));
}

TEST(DiffMetrics, OfFieldsThatNoFileSaysOtherwise) {
  const MetricDefinition before = Bound(kMetric);
  MetricDefinition after = before;
  after.dataset = "fact_ticks";
  after.time_column = "day";
  after.timeframe = absl::Minutes(5);
  after.timeframe_alignment = calendar::BarAlignment::kSession;
  after.name = "b";
  EXPECT_THAT(Lines(DiffMetrics(before, after)),
              ElementsAre("name: a -> b", "table: fact_bars -> fact_ticks [meaning]",
                          "time_column:  -> day [meaning]", "timeframe:  -> 5m [meaning]",
                          "timeframe_alignment:  -> session [meaning]"));
}

TEST(DiffMetrics, OfSpellingSaysSo) {
  EXPECT_THAT(Lines(Changed("last(close) - first(open)", "LAST(close)-FIRST(open)")),
              ElementsAre("expression: last(close) - first(open) -> LAST(close)-FIRST(open) "
                          "(spelled differently, the same expression)"));
  EXPECT_THAT(Lines(Changed("volume > 0, open > 1", "open>1, volume>0")),
              ElementsAre("filters: [volume > 0, open > 1] -> [open>1, volume>0] "
                          "(spelled differently, the same conditions)"));
  EXPECT_THAT(Lines(Changed("sql_by_day: SELECT max", "sql_by_day: select  MAX")),
              ElementsAre(EndsWith("(spelled differently, the same SELECT)")));
}

TEST(DiffMetrics, OfUnboundDefinitionsTrustsTheirHashes) {
  MetricDefinition before = Bound(kMetric);
  MetricDefinition after = before;
  after.expression = "LAST(close) - FIRST(open)";
  before.canonical = after.canonical = {};
  EXPECT_FALSE(ChangesMeaning(DiffMetrics(before, after)));
  after.meaning = "";
  EXPECT_TRUE(ChangesMeaning(DiffMetrics(before, after)));
}

TEST(DiffMetrics, TellsWhatIsBreakingAndWhy) {
  EXPECT_THAT(Lines(Changed("unit: USD", "unit: EUR")),
              ElementsAre("unit: USD -> EUR [meaning] [breaking] (values are in another unit)"));
  EXPECT_THAT(Lines(Changed("grain: day", "grain: week")),
              ElementsAre("grain: day -> week [meaning] [breaking] (buckets are of another size)"));
  EXPECT_THAT(Lines(Changed("type: derived", "type: counter")),
              ElementsAre("type: derived -> counter [meaning] [breaking] "
                          "(it is another kind of number to its readers)"));
  EXPECT_THAT(Lines(Changed("dimensions: [symbol]\n", "")),
              ElementsAre("dimensions: [symbol] ->  [meaning] [breaking] "
                          "(series are split in another way)"));
  EXPECT_THAT(Lines(Changed("rollup: last\n", "")),
              ElementsAre("rollup: last ->  [meaning] [breaking] "
                          "(points no longer fold into coarser grains)"));
  EXPECT_THAT(Lines(Changed("rollup: last", "rollup: sum")),
              ElementsAre("rollup: last -> sum [meaning]"));
  EXPECT_TRUE(IsBreaking(Changed("grain: day", "grain: week")));
}

MetricTest NamedTest(const std::string& name, double value) {
  MetricTest test;
  test.name = name;
  test.rows = {{{"symbol", "A"}, {"open", "1"}}};
  test.expect = {{"2024-03-04", "A", value}, {"2024-03-05", "", std::nullopt}};
  return test;
}

// What changes between metrics of these expressions, over the dataset of definition_cases.h.
std::vector<std::string> PointsChanged(const std::string& from, const std::string& to) {
  const auto metric = [](const std::string& expression) {
    return Bound(Metric("expression", expression));
  };
  static const Dataset dataset = Ground().datasets.at("fact_bars");
  std::vector<FieldChange> changes = DiffMetrics(metric(from), metric(to));
  MarkOtherPoints(metric(from), &dataset, metric(to), &dataset, changes);
  return Lines(changes);
}

TEST(MarkOtherPoints, TellsWhatReadersCannotRead) {
  EXPECT_THAT(PointsChanged("max(open)", "array_agg(open)"),
              ElementsAre("expression: max(open) -> array_agg(open) [meaning] [breaking] "
                          "(points are vectors, no longer numbers)"));
  EXPECT_THAT(PointsChanged("array_agg(open)", "max(symbol)"),
              ElementsAre(EndsWith("[breaking] (points are texts, no longer vectors)")));
  EXPECT_THAT(PointsChanged("max(open) > 1", "max(open)"),
              ElementsAre(EndsWith("[breaking] (points are numbers, no longer conditions)")));
  // Integers are numbers.
  EXPECT_THAT(PointsChanged("max(open)", "count(*)"), ElementsAre(EndsWith("[meaning]")));
}

TEST(MarkOtherPoints, BlamesTheTableWhereTheExpressionIsTheSame) {
  const MetricDefinition before = Bound(Metric("expression", "max(open)"));
  MetricDefinition after = before;
  after.dataset = "texts";
  const Dataset numbers = Ground().datasets.at("fact_bars");
  Dataset texts = numbers;
  for (DatasetColumn& column : texts.columns) column.type = columns::ColumnType::kText;
  std::vector<FieldChange> changes = DiffMetrics(before, after);
  MarkOtherPoints(before, &numbers, after, &texts, changes);
  EXPECT_THAT(Lines(changes), ElementsAre("table: fact_bars -> texts [meaning] [breaking] "
                                          "(points are texts, no longer numbers)"));
  // What does not bind says nothing of its points.
  changes = DiffMetrics(before, after);
  after.canonical.expression.clear();
  MarkOtherPoints(before, &numbers, after, &texts, changes);
  EXPECT_THAT(Lines(changes), ElementsAre(EndsWith("[meaning]")));
}

TEST(DiffMetrics, TellsTestsByName) {
  MetricDefinition before;
  before.tests = {NamedTest("one", 1), NamedTest("two", 2), NamedTest("gone", 3)};
  MetricDefinition after;
  after.tests = {NamedTest("new", 4), NamedTest("one", 1), NamedTest("two", 2.5)};
  after.tests[2].tolerance = 0.01;
  EXPECT_THAT(Lines(DiffMetrics(before, after)),
              ElementsAre("tests[new]:  -> {rows: [{open: \"1\", symbol: A}], expect: [{bucket: "
                          "2024-03-04, entity: A, value: 4}, {bucket: 2024-03-05, value: null}]}",
                          HasSubstr("value: 2}, {bucket: 2024-03-05, value: null}] -> "),
                          "tests[two].tolerance:  -> 0.01", StartsWith("tests[gone]: {rows:")));
  after.tests = {NamedTest("two", 2), NamedTest("gone", 3), NamedTest("one", 1)};
  EXPECT_THAT(Lines(DiffMetrics(before, after)),
              ElementsAre("tests: [one, two, gone] -> [two, gone, one] "
                          "(the same tests in another order)"));
  EXPECT_FALSE(ChangesMeaning(DiffMetrics(before, after)));
}

TEST(DiffMetrics, ShowsLongTextsAroundTheirFirstDifference) {
  MetricDefinition before;
  before.notes = "ä" + std::string(1'000, 'x');
  MetricDefinition after = before;
  after.notes[900] = 'y';
  auto changes = DiffMetrics(before, after);
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_THAT(changes[0].before, StartsWith("...xxx"));
  EXPECT_THAT(changes[0].after, HasSubstr("xyx"));
  EXPECT_LE(changes[0].after.size(), 200u);
  after.notes = std::string(150, 'z');
  for (int i = 0; i < 100; ++i) absl::StrAppend(&after.notes, "ä");
  changes = DiffMetrics(before, after);
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_LE(changes[0].after.size(), 200u);
  EXPECT_THAT(changes[0].after, EndsWith("ä..."));
  EXPECT_THAT(changes[0].before, StartsWith("äxxx"));
}

Dataset Bars() { return Ground().datasets.at("fact_bars"); }

TEST(DiffDatasets, TellsFieldsAndColumns) {
  const Dataset before = Bars();
  EXPECT_THAT(DiffDatasets(before, before), IsEmpty());
  Dataset after = before;
  after.description = "Bars.";
  after.calendar = "24_7";
  after.retention = absl::Hours(24 * 30);
  after.columns[2].unit = "USD";
  after.columns[3].type = columns::ColumnType::kInt64;
  after.columns[4].nullable = true;
  after.columns[4].rollup = ColumnRollup::kSum;
  after.columns[4].description = "Shares.";
  EXPECT_THAT(
      Lines(DiffDatasets(before, after)),
      ElementsAre("description: Minute bars. -> Bars.",
                  "calendar: XNYS -> 24_7 [meaning] (buckets are cut by another calendar)",
                  "retention:  -> 30d", "columns[open].unit:  -> USD",
                  "columns[close].type: float64 -> int64 [breaking] (values are of another type)",
                  "columns[volume].nullable: false -> true", "columns[volume].rollup:  -> sum",
                  "columns[volume].description:  -> Shares."));
}

TEST(DiffDatasets, TellsColumnsThatComeAndGo) {
  const Dataset before = Bars();
  Dataset after = before;
  after.columns.erase(after.columns.begin() + 2);
  after.columns.push_back(
      {"vwap", columns::ColumnType::kFloat64, true, "USD", ColumnRollup::kAvg, "Mean: by volume."});
  after.columns.push_back({"venue", columns::ColumnType::kText});
  EXPECT_THAT(Lines(DiffDatasets(before, after)),
              ElementsAre("columns[vwap]:  -> {name: vwap, type: float64, nullable: true, unit: "
                          "USD, rollup: avg, description: \"Mean: by volume.\"}",
                          "columns[venue]:  -> {name: venue, type: text} [breaking] "
                          "(rows must have a value from now on)",
                          "columns[open]: {name: open, type: float64} ->  [breaking] "
                          "(the column goes)"));
  after = before;
  std::swap(after.columns[2], after.columns[3]);
  EXPECT_THAT(Lines(DiffDatasets(before, after)),
              ElementsAre("columns: [symbol, ts, open, close, volume] -> "
                          "[symbol, ts, close, open, volume] (the same columns in another order)"));
  after = before;
  after.grain = {"symbol"};
  after.columns[2].unit = "USD";
  Dataset other = after;
  other.columns[2].unit = "EUR";
  EXPECT_THAT(Lines(DiffDatasets(before, after)),
              ElementsAre("grain: [symbol, ts] -> [symbol] [breaking] "
                          "(other columns make a row unique)",
                          "columns[open].unit:  -> USD"));
  EXPECT_THAT(
      Lines(DiffDatasets(after, other)),
      ElementsAre("columns[open].unit: USD -> EUR [breaking] (values are in another unit)"));
}

TEST(DiffCalendars, TellsWhichPartsDiffer) {
  const calendar::CalendarSpec before = Ground().calendars.at("XNYS").calendar->spec();
  EXPECT_THAT(DiffCalendars(before, before), IsEmpty());
  calendar::CalendarSpec after = before;
  after.description = "Other.";
  EXPECT_FALSE(ChangesMeaning(DiffCalendars(before, after)));
  after.last_date = absl::CivilDay(2025, 12, 31);
  after.time_zone = "Europe/Berlin";
  after.open_days.pop_back();
  after.sessions[0].close.second_of_day = 13 * 3600;
  after.holidays.push_back({"Day", {calendar::DateRule::MonthDay{12, 25}}});
  std::vector<std::string> parts;
  for (const FieldChange& change : DiffCalendars(before, after)) {
    EXPECT_EQ(change.changes_meaning, change.field != "description");
    EXPECT_NE(change.before, change.after);
    parts.push_back(change.field);
  }
  EXPECT_THAT(parts, ElementsAre("description", "time_zone", "last_date", "open_days", "sessions",
                                 "holidays"));
}

TEST(DiffCalendars, TellOfListsWhatComesAndGoes) {
  calendar::CalendarSpec before = Ground().calendars.at("XNYS").calendar->spec();
  before.holidays.clear();
  calendar::DateRule::Dates dates;
  for (int month = 1; month <= 12; ++month) {
    dates.dates.push_back(absl::CivilDay(2024, month, 7));
    before.holidays.push_back(
        {absl::StrCat("Holiday number ", month), {calendar::DateRule::MonthDay{month, 15}}});
  }
  before.holidays.push_back({"Moon", {dates}});
  calendar::CalendarSpec after = before;
  after.holidays.erase(after.holidays.begin() + 2);
  std::get<calendar::DateRule::Dates>(after.holidays.back().on.rule)
      .dates.push_back(absl::CivilDay(2025, 1, 7));
  EXPECT_THAT(Lines(DiffCalendars(before, after)),
              ElementsAre("holidays: name: Holiday number 3, on: {month: 3, day: 15} -> "
                          "name: Moon, on: {date: 2025-01-07} [meaning]"));
  // Nothing comes or goes where the order changes, and something is told all the same.
  std::swap(after.holidays[0], after.holidays[1]);
  after.holidays.insert(after.holidays.begin() + 2, before.holidays[2]);
  after.holidays.back() = before.holidays.back();
  EXPECT_THAT(DiffCalendars(before, after), SizeIs(1));
}

TEST(DiffMetrics, TellOfLongListsWhatComesAndGoes) {
  MetricDefinition before = Bound(kMetric);
  for (int i = 0; i < 40; ++i) before.tags.push_back(absl::StrCat("label_", i));
  MetricDefinition after = before;
  after.tags.erase(after.tags.begin() + 36);
  after.tags.push_back("fresh");
  EXPECT_THAT(Lines(DiffMetrics(before, after)), ElementsAre("tags: label_35 -> fresh"));
}

TEST(DiffColumnNotes, TellsWhatTheNewOnesSayOtherwise) {
  const std::vector<ColumnNote> before = {{"open", "First.", 0.5, "survey"},
                                          {"close", "Last.", std::nullopt, "survey"}};
  EXPECT_THAT(DiffColumnNotes(before, {before[1]}), IsEmpty());
  EXPECT_THAT(Lines(DiffColumnNotes(before, {{"open", "First price.", 0.75, "survey"},
                                             {"volume", "Shares.", std::nullopt, "import"}})),
              ElementsAre("columns[open].description: First. -> First price.",
                          "columns[open].confidence: 0.5 -> 0.75",
                          "columns[volume].description:  -> Shares.",
                          "columns[volume].source:  -> import"));
}

}  // namespace
}  // namespace metricstore::registry
