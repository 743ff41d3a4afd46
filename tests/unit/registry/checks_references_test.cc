// Metrics that read metrics, across an import and what is stored; what checks derive; edits.

#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry/definition_cases.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Reading(const std::string& name, const std::vector<std::string>& ids) {
  std::vector<std::string> terms;
  for (const std::string& id : ids) terms.push_back(absl::StrCat("metric('", id, "')"));
  return absl::StrCat("- name: ", name, "\n  description: d\n  type: derived\n  grain: day\n",
                      "  expression: \"", absl::StrJoin(terms, " + "), "\"\n");
}

// Checks one file of metrics of category m over what is stored.
absl::Status CheckOver(StoredDefinitions stored, const std::string& yaml,
                       Definitions* checked = nullptr) {
  Faults faults;
  const std::vector<DefinitionFile> files = {{"m/file.yaml", yaml}};
  Definitions definitions = ReadDefinitions(files, faults);
  CheckDefinitions(definitions, stored, faults);
  if (checked != nullptr) *checked = definitions;
  return faults.ToStatus();
}

void AddStored(StoredDefinitions& stored, const std::string& id,
               const std::vector<std::string>& depends_on, bool deleted = false) {
  stored.metrics[id].deleted = deleted;
  if (!deleted) stored.summaries[id] = {depends_on, {}, ""};
}

TEST(References, MayBeOfTheImportInAnyOrderAndOfTheStore) {
  StoredDefinitions stored = Ground();
  AddStored(stored, "m/old", {});
  Definitions definitions;
  ASSERT_OK(CheckOver(stored, Reading("a", {"m/b", "m/old", "m/b"}) + Reading("b", {"m/old"}),
                      &definitions));
  const MetricDefinition& metric = definitions.metrics[0].definition;
  EXPECT_THAT(metric.depends_on, ElementsAre("m/b", "m/old"));
  EXPECT_THAT(metric.tables, IsEmpty());
  EXPECT_THAT(metric.columns, IsEmpty());
  EXPECT_EQ(WhyNotComputed(metric), "");
  EXPECT_EQ(WhyNotTested(metric), "reads other metrics");
}

TEST(References, ToNothingAreToldWithASuggestion) {
  StoredDefinitions stored = Ground();
  AddStored(stored, "m/total", {});
  const absl::Status status = CheckOver(stored, Reading("a", {"m/totl"}));
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kInvalidArgument, "METRIC_NOT_FOUND"));
  EXPECT_THAT(status, testing::ViolatesField("m/file.yaml:5"));
  EXPECT_THAT(status, testing::HasMetadata("metric", "m/totl"));
  EXPECT_THAT(status, testing::HasMetadata("suggestion", "m/total"));
  EXPECT_THAT(status, testing::HasMetadata("field", "expression"));
}

TEST(References, ToNothingAreNeverTakenForTheirReader) {
  const absl::Status status = CheckOver(Ground(), Reading("c1", {"m/c2"}));
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kInvalidArgument, "METRIC_NOT_FOUND"));
  EXPECT_EQ(status::DetailsOf(status)->metadata.count("suggestion"), 0u);
  // Another one that is as near may be meant.
  StoredDefinitions stored = Ground();
  AddStored(stored, "m/c1", {});
  AddStored(stored, "m/c3", {});
  EXPECT_THAT(CheckOver(stored, Reading("c1", {"m/c2"})),
              testing::HasMetadata("suggestion", "m/c3"));
  EXPECT_THAT(CheckOver(Ground(), Reading("c1", {"m/c2"}) + Reading("c4", {"m/c3", "m/c1"})),
              testing::HasMetadata("suggestion", "m/c4"));
}

TEST(References, ToWhatWasDeletedAreRefusedUntilTheImportBringsItBack) {
  StoredDefinitions stored = Ground();
  AddStored(stored, "m/gone", {}, true);
  AddStored(stored, "m/total", {});
  const absl::Status status = CheckOver(stored, Reading("a", {"m/gone"}));
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kInvalidArgument, "METRIC_NOT_FOUND"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("was deleted"));
  EXPECT_OK(CheckOver(stored, Reading("a", {"m/gone"}) + Reading("gone", {"m/total"})));
}

TEST(References, InACircleAreToldOnceAtAMetricOfTheImport) {
  const absl::Status status =
      CheckOver(Ground(), Reading("x", {"m/a"}) + Reading("a", {"m/b"}) + Reading("b", {"m/c"}) +
                              Reading("c", {"m/a"}));
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEPENDENCY_CYCLE"));
  EXPECT_THAT(Places(status), ElementsAre("m/file.yaml:10"));
  EXPECT_THAT(status, testing::HasMetadata("cycle", "m/a -> m/b -> m/c -> m/a"));
}

TEST(References, InACircleThroughTheStoreAreTold) {
  StoredDefinitions stored = Ground();
  AddStored(stored, "m/b", {"m/c"});
  AddStored(stored, "m/c", {"m/a"});
  AddStored(stored, "m/a", {});
  const absl::Status status = CheckOver(stored, Reading("a", {"m/b"}));
  EXPECT_THAT(status, testing::HasMetadata("cycle", "m/a -> m/b -> m/c -> m/a"));
  // What the import says of a stored metric counts, not what was stored.
  EXPECT_OK(CheckOver(stored, Reading("a", {"m/b"}) + Reading("c", {"m/d"}) +
                                  "- name: d\n  description: d\n  type: max\n  grain: day\n"
                                  "  table: fact_bars\n  expression: max(open)\n"));
}

TEST(References, OfTwoCirclesEachIsTold) {
  EXPECT_THAT(Places(CheckOver(Ground(), Reading("a", {"m/b"}) + Reading("b", {"m/a"}) +
                                             Reading("c", {"m/d"}) + Reading("d", {"m/c"}))),
              ElementsAre("m/file.yaml:5", "m/file.yaml:15"));
}

TEST(References, OfLongChainsAreFollowed) {
  StoredDefinitions stored = Ground();
  AddStored(stored, "m/s0", {"m/a"});
  for (int i = 1; i < 20'000; ++i) {
    AddStored(stored, absl::StrCat("m/s", i), {absl::StrCat("m/s", i - 1)});
  }
  AddStored(stored, "m/a", {});
  const absl::Status status = CheckOver(stored, Reading("a", {"m/s19999"}));
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEPENDENCY_CYCLE"));
  EXPECT_THAT(status::DetailsOf(status)->metadata.at("cycle"), HasSubstr("-> ... -> m/a"));
}

constexpr char kEveryPart[] = R"yaml(
name: a
description: d
type: derived
grain: day
table: fact_bars
expression: "last(close) - first(open)"
filters: [volume > 0]
dimensions: [symbol]
sql: SELECT count(*) FROM metadata_symbols m WHERE m.symbol <> ''
sql_by_day: "SELECT date_trunc('day', ts), max(volume) FROM fact_bars GROUP BY 1"
time_column: ts
timeframe: 1m
)yaml";

TEST(Binding, FillsInWhatEveryPartReads) {
  Definitions definitions;
  ASSERT_OK(CheckOver(Ground(), kEveryPart, &definitions));
  const MetricDefinition& metric = definitions.metrics[0].definition;
  EXPECT_THAT(metric.columns, ElementsAre("close", "open", "volume"));
  EXPECT_THAT(metric.tables, ElementsAre("fact_bars", "metadata_symbols"));
  EXPECT_THAT(metric.reads,
              ElementsAre("fact_bars.close", "fact_bars.open", "fact_bars.symbol", "fact_bars.ts",
                          "fact_bars.volume", "metadata_symbols.symbol"));
  EXPECT_EQ(metric.canonical.expression, "(last(close) - first(open))");
  EXPECT_THAT(metric.canonical.filters, SizeIs(1));
  EXPECT_NE(metric.canonical.sql, "");
  EXPECT_THAT(metric.canonical.sql_variants, SizeIs(1));
  EXPECT_THAT(metric.meaning, SizeIs(24));
  EXPECT_THAT(metric.meaning_without_sql, SizeIs(24));
  EXPECT_EQ(metric.time_column, "");
  EXPECT_EQ(metric.timeframe, std::nullopt);
}

TEST(Binding, GivesOneMeaningToAllSpellingsAndNamesOfTheSame) {
  const auto meaning = [](const std::string& more, const std::string& expression = "max(open)",
                          const std::string& name = "a") {
    Definitions definitions;
    EXPECT_OK(
        CheckOver(Ground(),
                  absl::StrCat("name: ", name, "\ndescription: d\ntype: derived\ngrain: day\n",
                               "table: fact_bars\nexpression: ", expression, "\n", more),
                  &definitions));
    return definitions.metrics[0].definition.meaning;
  };
  const std::string plain = meaning("");
  EXPECT_EQ(plain, "768cdf7f056095ad499d4dd5") << "hashes that are stored must stay";
  EXPECT_EQ(meaning("timeframe: 1m\ntimeframe_alignment: clock\n"), plain);
  EXPECT_EQ(meaning("", "MAX( open )"), plain);
  EXPECT_EQ(meaning("unit: USD\nowner: me\n", "max(open)", "b"), plain);
  EXPECT_EQ(meaning("filters: [volume > 0, open > 1]\n"),
            meaning("filters: [open>1.0, volume > 0]\n"));
  std::vector<std::string> others = {plain,
                                     meaning("", "max(close)"),
                                     meaning("window: rth\n"),
                                     meaning("window: first_30m\n"),
                                     meaning("window: rolling_20_sessions of rth\n"),
                                     meaning("window: month_to_date\n"),
                                     meaning("window: rth\ntimeframe: 5m\n", "max(close)"),
                                     meaning("window: rth\ntimeframe: 5m\n"
                                             "timeframe_alignment: session\n",
                                             "max(close)"),
                                     meaning("filters: [volume > 0]\n"),
                                     meaning("dimensions: [symbol]\n"),
                                     meaning("sql: SELECT max(open) FROM fact_bars\n"),
                                     meaning("sql_by_a: SELECT max(open) FROM fact_bars\n")};
  std::sort(others.begin(), others.end());
  EXPECT_EQ(std::adjacent_find(others.begin(), others.end()), others.end());
}

TEST(Binding, LikensMetricsByTheirExpressionsWhateverSelectsStandBesideThem) {
  const auto bound = [](const std::string& lines) {
    Definitions definitions;
    EXPECT_OK(CheckOver(Ground(), "name: a\ndescription: d\ngrain: day\n" + lines, &definitions));
    return definitions.metrics[0].definition;
  };
  const std::string expression =
      "type: derived\ntable: fact_bars\nfilters: [volume > 0]\nexpression: max(open)\n";
  const std::string sql = "sql: SELECT max(open) AS value FROM fact_bars\n";
  const std::string by_symbol =
      "sql_by_symbol: SELECT symbol, max(open) FROM fact_bars GROUP BY 1\n";
  const MetricDefinition plain = bound(expression);
  EXPECT_EQ(plain.meaning_without_sql, "");
  EXPECT_EQ(plain.likeness(), plain.meaning);
  for (const std::string& selects : {sql, by_symbol, sql + by_symbol}) {
    const MetricDefinition metric = bound(expression + selects);
    EXPECT_NE(metric.meaning, plain.meaning) << selects;
    EXPECT_EQ(metric.likeness(), plain.meaning) << selects;
  }
  for (const char* const more : {"window: rth\n", "dimensions: [symbol]\n"}) {
    EXPECT_NE(bound(expression + sql + more).likeness(), plain.likeness()) << more;
    EXPECT_EQ(bound(expression + sql + more).likeness(), bound(expression + more).likeness());
  }
  // Of SELECTs alone these count.
  const MetricDefinition select = bound("type: sql\n" + sql);
  EXPECT_EQ(select.likeness(), select.meaning);
  EXPECT_NE(bound("type: sql\n" + sql + by_symbol).likeness(), select.likeness());
}

TEST(Binding, LeavesBarsOfTheDatasetsOwnTimeframeOut) {
  Definitions definitions;
  ASSERT_OK(CheckOver(Ground(),
                      "name: a\ndescription: d\ntype: derived\ngrain: day\ntable: fact_bars\n"
                      "expression: max(open)\nwindow: rth\ntimeframe: 1m\n"
                      "timeframe_alignment: session\n",
                      &definitions));
  const MetricDefinition& metric = definitions.metrics[0].definition;
  EXPECT_EQ(metric.timeframe, std::nullopt);
  EXPECT_EQ(metric.timeframe_alignment, calendar::BarAlignment::kClock);
}

TEST(Binding, GivesStoredMetricsOfTheImportTheirCanonicalForms) {
  StoredDefinitions stored = Ground();
  StoredMetric& metric = stored.metrics["m/a"];
  metric.latest.dataset = "fact_bars";
  metric.latest.expression = "MAX(open)";
  metric.latest.filters = {"volume>0"};
  metric.latest.sql = "select 1";
  metric.active = metric.latest;
  Faults faults;
  const std::vector<DefinitionFile> files = {{"m/a.yaml", Metric("name", "a")}};
  Definitions definitions = ReadDefinitions(files, faults);
  CheckDefinitions(definitions, stored, faults);
  ASSERT_OK(faults.ToStatus());
  EXPECT_EQ(stored.metrics["m/a"].latest.canonical.expression, "max(open)");
  EXPECT_THAT(stored.metrics["m/a"].active.canonical.filters, SizeIs(1));
  EXPECT_NE(stored.metrics["m/a"].latest.canonical.sql, "");
}

// A stored metric over fact_bars, with one part that reads column `close`.
StoredDefinitions OverBars(void (*change)(MetricDefinition&)) {
  StoredDefinitions stored = Ground();
  MetricDefinition metric;
  metric.name = "a";
  metric.category = "m";
  metric.dataset = "fact_bars";
  metric.expression = "max(open)";
  metric.tables = {"fact_bars"};
  change(metric);
  stored.metrics["m/a"] = {metric, metric, 1, 1, false};
  stored.summaries["m/a"] = {};
  return stored;
}

constexpr char kBarsWithoutClose[] =
    "kind: dataset\nname: fact_bars\ndescription: d\ngrain: [symbol, ts]\ntime_column: ts\n"
    "entity_column: symbol\ncalendar: XNYS\ntimeframe: 1m\ncolumns:\n"
    "  - {name: symbol, type: text}\n  - {name: ts, type: timestamp}\n"
    "  - {name: open, type: float64}\n  - {name: volume, type: float64}\n";

TEST(StoredMetrics, KeepEveryPartOfTheirGround) {
  EXPECT_OK(CheckOver(OverBars([](MetricDefinition&) {}), kBarsWithoutClose));
  const std::vector<void (*)(MetricDefinition&)> parts = {
      [](MetricDefinition& metric) { metric.expression = "max(close)"; },
      [](MetricDefinition& metric) { metric.filters = {"close > 1"}; },
      [](MetricDefinition& metric) { metric.dimensions = {"close"}; },
      [](MetricDefinition& metric) { metric.sql = "SELECT close FROM fact_bars"; },
      [](MetricDefinition& metric) { metric.sql_variants["x"] = "SELECT close FROM fact_bars"; },
      [](MetricDefinition& metric) {
        metric.dataset = metric.expression = "";
        metric.sql = "SELECT close FROM fact_bars";
      }};
  for (const auto& part : parts) {
    const absl::Status status = CheckOver(OverBars(part), kBarsWithoutClose);
    EXPECT_THAT(status,
                testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
    EXPECT_THAT(status, testing::ViolatesField("m/file.yaml:2"));
    EXPECT_THAT(std::string(status.message()), HasSubstr("metric \"m/a\" would no longer"));
  }
}

TEST(StoredMetrics, ThatAreServedKeepTheirGroundToo) {
  StoredDefinitions stored = OverBars([](MetricDefinition&) {});
  stored.metrics["m/a"].active.expression = "max(close)";
  EXPECT_THAT(CheckOver(stored, kBarsWithoutClose),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  stored.metrics["m/a"].deleted = true;
  EXPECT_OK(CheckOver(stored, kBarsWithoutClose));
}

TEST(StoredMetrics, AreOfNoConcernToImportsThatChangeNothingUnderThem) {
  const StoredDefinitions stored =
      OverBars([](MetricDefinition& metric) { metric.expression = "max(no_such_column)"; });
  EXPECT_OK(CheckOver(stored, Metric("name", "b")));
}

// As the editor checks one metric that no file defines.
absl::Status CheckEdit(const MetricDefinition& metric) {
  Definitions definitions;
  definitions.metrics.emplace_back();
  definitions.metrics.back().definition = metric;
  StoredDefinitions stored = Ground();
  Faults faults;
  CheckDefinitions(definitions, stored, faults);
  return faults.ToStatus();
}

MetricDefinition Opening() {
  MetricDefinition metric;
  metric.name = "opening";
  metric.category = "us";
  metric.description = "d";
  metric.dataset = "fact_bars";
  metric.expression = "first(open)";
  return metric;
}

TEST(Edits, AreCheckedLikeFilesAndNameFields) {
  EXPECT_OK(CheckEdit(Opening()));
  MetricDefinition metric = Opening();
  metric.expression = "first(opn)";
  metric.description = "";
  EXPECT_THAT(Places(CheckEdit(metric)), ElementsAre("metric.description", "metric.expression"));
  metric = Opening();
  metric.dataset = "fact_bar";
  EXPECT_THAT(Places(CheckEdit(metric)), ElementsAre("metric.table"));
}

TEST(Edits, HaveTheirTablesAndReferencesDerivedAnew) {
  MetricDefinition metric = Opening();
  metric.tables = {"fact_other"};
  metric.depends_on = {"us/other"};
  EXPECT_OK(CheckEdit(metric));
}

TEST(CheckDefinitions, TakesAThousandMetricsInNoTime) {
  std::string yaml;
  for (int i = 0; i < 1'000; ++i) {
    absl::StrAppend(&yaml, "- name: m", i,
                    "\n  description: d\n  type: derived\n  grain: day\n  table: fact_bars\n",
                    "  window: rth\n  expression: last(close) / first(open) - ", i,
                    "\n  filters: [volume > ", i, ", open > 0]\n");
    if (i % 10 == 0) {
      absl::StrAppend(&yaml, "  sql: SELECT symbol, max(open) + ", i,
                      " AS value FROM fact_bars GROUP BY 1\n");
    }
  }
  Faults faults;
  const std::vector<DefinitionFile> files = {{"m/file.yaml", yaml}};
  Definitions definitions = ReadDefinitions(files, faults);
  StoredDefinitions stored = Ground();
  const auto start = std::chrono::steady_clock::now();
  CheckDefinitions(definitions, stored, faults);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  EXPECT_OK(faults.ToStatus());
  RecordProperty("seconds", absl::StrCat(elapsed.count()));
  std::cout << "1,000 metrics checked in " << elapsed.count() << " s\n";
  // Far above what it takes, so that a busy machine does not fail it: each text is parsed once.
  EXPECT_LT(elapsed.count(), 5);
}

}  // namespace
}  // namespace metricstore::registry
