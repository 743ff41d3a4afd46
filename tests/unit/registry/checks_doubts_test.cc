// What is doubtful in metrics that are not wrong.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry_service/catalog/validation/catalog_doubts.h"
#include "registry_service/catalog/validation/metric_doubts.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Dataset Sales() {
  Dataset dataset;
  dataset.name = "fact_sales";
  dataset.columns = {{"amount", columns::ColumnType::kFloat64, true, "USD"},
                     {"cost", columns::ColumnType::kFloat64, true, "USD"},
                     {"units", columns::ColumnType::kInt64, false, "pieces"},
                     {"shop", columns::ColumnType::kText, false, ""}};
  return dataset;
}

MetricDefinition Metric(MetricType type, const std::string& unit, const std::string& expression) {
  MetricDefinition metric;
  metric.category = "sales";
  metric.name = "a";
  metric.description = "d";
  metric.owner = "shops";
  metric.dataset = "fact_sales";
  metric.type = type;
  metric.unit = unit;
  metric.expression = expression;
  return metric;
}

std::vector<std::string> Reasons(const std::vector<Finding>& findings) {
  std::vector<std::string> reasons;
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.severity, Severity::kWarning);
    EXPECT_NE(finding.message, "");
    reasons.push_back(finding.reason + " " + finding.field);
  }
  return reasons;
}

std::vector<std::string> Doubts(MetricType type, const std::string& unit,
                                const std::string& expression) {
  const Dataset dataset = Sales();
  return Reasons(MetricDoubts(Metric(type, unit, expression), &dataset));
}

TEST(MetricDoubts, AreNoneOfAPlainMetric) {
  EXPECT_THAT(Doubts(MetricType::kSum, "USD", "sum(amount)"), IsEmpty());
  EXPECT_THAT(Doubts(MetricType::kSum, "", "sum(amount)"), IsEmpty());
  EXPECT_THAT(Doubts(MetricType::kCount, "sales", "count(*)"), IsEmpty());
  EXPECT_THAT(Doubts(MetricType::kDerived, "EUR", "sum(amount) * 0.9"), IsEmpty());
}

TEST(MetricDoubts, OfUnitsThatAreNotTheColumns) {
  for (const char* const expression :
       {"first(amount)", "last(amount)", "coalesce(sum(amount), 0)"}) {
    const bool keeps = expression[0] != 'c';
    EXPECT_THAT(Doubts(MetricType::kDerived, "EUR", expression), SizeIs(keeps ? 1 : 0));
  }
  EXPECT_THAT(Doubts(MetricType::kSum, "EUR", "sum(amount)"), ElementsAre("UNIT_DOUBTFUL unit"));
  EXPECT_THAT(Doubts(MetricType::kAvg, "EUR", "avg(amount)"), ElementsAre("UNIT_DOUBTFUL unit"));
  EXPECT_THAT(Doubts(MetricType::kMin, "EUR", "min(amount)"), ElementsAre("UNIT_DOUBTFUL unit"));
  EXPECT_THAT(Doubts(MetricType::kMax, "EUR", "max(amount)"), ElementsAre("UNIT_DOUBTFUL unit"));
  const Dataset dataset = Sales();
  const auto findings = MetricDoubts(Metric(MetricType::kSum, "EUR", "sum(amount)"), &dataset);
  EXPECT_EQ(findings[0].suggestion, "USD");
}

TEST(MetricDoubts, OfCountsAndRatiosOfMoney) {
  EXPECT_THAT(Doubts(MetricType::kCount, "USD", "count(*)"), ElementsAre("UNIT_DOUBTFUL unit"));
  // Money to something else is money for each of it.
  EXPECT_THAT(Doubts(MetricType::kRatio, "USD", "sum(amount) / count(*)"), IsEmpty());
  EXPECT_THAT(Doubts(MetricType::kRatio, "USD", "sum(amount * units) / sum(units)"), IsEmpty());
  EXPECT_THAT(Doubts(MetricType::kRatio, "USD", "sum(units) / count(*)"),
              ElementsAre("UNIT_DOUBTFUL unit"));
  EXPECT_THAT(Doubts(MetricType::kRatio, "USD", "count(*) / sum(amount)"),
              ElementsAre("UNIT_DOUBTFUL unit"));
}

TEST(MetricDoubts, OfRatiosOfOneUnit) {
  EXPECT_THAT(Doubts(MetricType::kRatio, "USD", "sum(amount) / sum(cost)"),
              ElementsAre("UNIT_DOUBTFUL unit"));
  EXPECT_THAT(Doubts(MetricType::kRatio, "pieces", "coalesce(max(units) / min(units), 0)"),
              ElementsAre("UNIT_DOUBTFUL unit"));
  for (const char* const unit : {"", "ratio", "percent"}) {
    EXPECT_THAT(Doubts(MetricType::kRatio, unit, "sum(amount) / sum(cost)"), IsEmpty());
  }
}

TEST(MetricDoubts, OfTypesThatSayLessThanTheyCould) {
  for (const char* const expression :
       {"sum(units)", "count(*)", "avg(units)", "min(units)", "max(units)"}) {
    EXPECT_THAT(Doubts(MetricType::kDerived, "", expression), ElementsAre("TYPE_DOUBTFUL type"));
  }
  EXPECT_THAT(Doubts(MetricType::kDerived, "", "sum(units) / count(*)"), IsEmpty());
}

TEST(MetricDoubts, OfWhatIsKeptAndNotComputed) {
  MetricDefinition metric = Metric(MetricType::kSum, "USD", "sum(amount)");
  metric.dimensions = {"shop"};
  EXPECT_THAT(Reasons(MetricDoubts(metric, nullptr)), ElementsAre("NOT_COMPUTED expression"));
  metric = Metric(MetricType::kSql, "USD", "");
  metric.sql = "SELECT 1";
  EXPECT_THAT(Reasons(MetricDoubts(metric, nullptr)), ElementsAre("NOT_COMPUTED sql"));
  metric = Metric(MetricType::kDerived, "USD", "metric('a/b')");
  metric.depends_on = {"a/b"};
  EXPECT_THAT(Reasons(MetricDoubts(metric, nullptr)), IsEmpty());
  EXPECT_THAT(Doubts(MetricType::kCounter, "", "count(*)"), ElementsAre("NOT_COMPUTED expression"));
  // Of a release that did not ask cumulative metrics for a window.
  metric = Metric(MetricType::kCumulative, "USD", "sum(amount)");
  EXPECT_THAT(Reasons(MetricDoubts(metric, nullptr)), ElementsAre("NOT_COMPUTED expression"));
  metric.window.reach = calendar::WindowReach::kToDate;
  EXPECT_THAT(Reasons(MetricDoubts(metric, nullptr)), IsEmpty());
  metric.window.reach = calendar::WindowReach::kRolling;
  EXPECT_THAT(Reasons(MetricDoubts(metric, nullptr)), IsEmpty());
  metric.window.reach = calendar::WindowReach::kPrevious;
  EXPECT_THAT(Reasons(MetricDoubts(metric, nullptr)), ElementsAre("NOT_COMPUTED expression"));
}

TEST(MetricDoubts, OfBarsLongerThanAnHourInHourlyMetrics) {
  MetricDefinition metric = Metric(MetricType::kSum, "USD", "sum(amount)");
  metric.timeframe = absl::Hours(2);
  EXPECT_THAT(Reasons(MetricDoubts(metric, nullptr)), IsEmpty()) << "a day has room for them";
  metric.grain = Grain::kHour;
  EXPECT_THAT(Reasons(MetricDoubts(metric, nullptr)), ElementsAre("TIMEFRAME_DOUBTFUL timeframe"));
  metric.timeframe = absl::Hours(1);
  EXPECT_THAT(Reasons(MetricDoubts(metric, nullptr)), IsEmpty());
}

TEST(MetricDoubts, OfRowsThatAMetricOfOtherMetricsAloneDoesNotRead) {
  for (const MetricType type : {MetricType::kDerived, MetricType::kCumulative}) {
    MetricDefinition metric = Metric(type, "USD", "metric('a/b') * 2");
    metric.depends_on = {"a/b"};
    EXPECT_THAT(Reasons(MetricDoubts(metric, nullptr)), IsEmpty());
    metric.window.reach = calendar::WindowReach::kRolling;
    metric.filters = {"units > 1", "units < 9"};
    metric.timeframe = absl::Minutes(15);
    const auto findings = MetricDoubts(metric, nullptr);
    ASSERT_THAT(Reasons(findings),
                ElementsAre("NO_EFFECT window", "NO_EFFECT filters", "NO_EFFECT timeframe"));
    EXPECT_EQ(findings[0].message,
              "has no effect: the expression reads other metrics and no rows; write the window on "
              "the metrics that it reads");
    // Beside them they tell which of its own rows it reads.
    metric.expression = "metric('a/b') / sum(amount)";
    EXPECT_THAT(Reasons(MetricDoubts(metric, nullptr)), IsEmpty());
  }
}

TEST(MetricDoubts, OfMissingWords) {
  MetricDefinition metric = Metric(MetricType::kSum, "USD", "sum(amount)");
  metric.owner = metric.description = "";
  EXPECT_THAT(Reasons(MetricDoubts(metric, nullptr)),
              ElementsAre("NO_DESCRIPTION description", "NO_OWNER owner"));
}

TEST(IsCurrency, KnowsCodesInUse) {
  for (const char* const code : {"AED", "EUR", "JPY", "USD", "ZWG"}) EXPECT_TRUE(IsCurrency(code));
  for (const char* const unit : {"", "usd", "US", "XXX", "shares", "ratio"}) {
    EXPECT_FALSE(IsCurrency(unit)) << unit;
  }
}

void AddImported(Definitions& definitions, const std::string& name, const std::string& meaning,
                 const std::vector<std::string>& synonyms = {}) {
  MetricDefinition metric = Metric(MetricType::kSum, "", "sum(units)");
  metric.name = name;
  metric.meaning = meaning;
  metric.synonyms = synonyms;
  definitions.metrics.emplace_back();
  definitions.metrics.back().definition = metric;
}

std::vector<std::string> Pairs(const Definitions& definitions, const StoredDefinitions& stored) {
  std::vector<std::string> pairs;
  for (const SameMeaningPair& pair : FindSameMeaning(definitions, stored)) {
    pairs.push_back(pair.metric + " = " + pair.other);
  }
  return pairs;
}

TEST(FindSameMeaning, TellsEachPairOnceTheImportFirst) {
  Definitions definitions;
  AddImported(definitions, "c", "one");
  AddImported(definitions, "b", "one");
  AddImported(definitions, "d", "two");
  AddImported(definitions, "unbound", "");
  AddImported(definitions, "unbound_too", "");
  StoredDefinitions stored;
  stored.summaries["sales/a"] = {{}, {}, "one"};
  stored.summaries["sales/d"] = {{}, {}, "one"};  // as the import has it, it says something else
  stored.summaries["sales/e"] = {{}, {}, "three"};
  stored.summaries["sales/f"] = {{}, {}, "three"};
  EXPECT_THAT(Pairs(definitions, stored),
              ElementsAre("sales/b = sales/a", "sales/b = sales/c", "sales/c = sales/a"));
}

TEST(FindSameMeaning, LooksAtExpressionsWhateverSelectsStandBesideThem) {
  Definitions definitions;
  AddImported(definitions, "a", "one");
  AddImported(definitions, "b", "one with SQL");
  definitions.metrics.back().definition.meaning_without_sql = "one";
  AddImported(definitions, "c", "one with other SQL");
  definitions.metrics.back().definition.meaning_without_sql = "one";
  StoredDefinitions stored;
  stored.summaries["sales/d"] = {{}, {}, "one"};
  EXPECT_THAT(Pairs(definitions, stored),
              ElementsAre("sales/a = sales/b", "sales/a = sales/c", "sales/a = sales/d",
                          "sales/b = sales/c", "sales/b = sales/d", "sales/c = sales/d"));
}

TEST(FindSameMeaning, IsBounded) {
  Definitions definitions;
  for (int i = 0; i < 200; ++i) AddImported(definitions, "m" + std::to_string(i), "one");
  EXPECT_THAT(Pairs(definitions, {}), SizeIs(1'000));
  const auto doubts = CatalogDoubts(definitions, {});
  EXPECT_THAT(doubts, SizeIs(200));
  EXPECT_THAT(doubts.at("sales/m0")[0].message, HasSubstr("others"));
}

TEST(CatalogDoubts, TellNearDuplicatesAndSharedSynonyms) {
  Definitions definitions;
  AddImported(definitions, "total", "one", {"takings", "Gross_Sales"});
  AddImported(definitions, "other", "two", {"gross sales"});
  AddImported(definitions, "own", "three", {"own", "OWN"});
  StoredDefinitions stored;
  stored.summaries["sales/again"] = {{}, {"Takings"}, "one"};
  stored.summaries["sales/own"] = {{}, {"own"}, "three"};
  const auto doubts = CatalogDoubts(definitions, stored);
  ASSERT_THAT(doubts, SizeIs(2));
  EXPECT_THAT(Reasons(doubts.at("sales/total")),
              ElementsAre("NEAR_DUPLICATE expression", "SYNONYM_SHARED synonyms[0]",
                          "SYNONYM_SHARED synonyms[1]"));
  EXPECT_EQ(doubts.at("sales/total")[0].suggestion, "sales/again");
  EXPECT_THAT(doubts.at("sales/total")[1].message, HasSubstr("sales/again"));
  EXPECT_THAT(Reasons(doubts.at("sales/other")), ElementsAre("SYNONYM_SHARED synonyms[0]"));
}

Definitions ReadPack(const std::string& pack) {
  std::vector<DefinitionFile> files;
  const auto root = std::filesystem::path(PACKS_DIR) / pack;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files.push_back({std::filesystem::relative(entry.path(), root).string(),
                     {std::istreambuf_iterator<char>(file), {}}});
  }
  Faults faults;
  Definitions definitions = ReadDefinitions(files, faults);
  EXPECT_OK(faults.ToStatus());
  return definitions;
}

TEST(CatalogDoubts, TellAPlainCopyOfAMetricOfThePackWithoutItsSelects) {
  const auto check = [](Definitions& definitions) {
    StoredDefinitions nothing;
    Faults faults;
    CheckDefinitions(definitions, nothing, faults);
    EXPECT_OK(faults.ToStatus());
  };
  Definitions definitions = ReadPack("business");
  check(definitions);
  EXPECT_THAT(CatalogDoubts(definitions, {}), IsEmpty());
  const auto total = std::find_if(
      definitions.metrics.begin(), definitions.metrics.end(),
      [](const auto& located) { return located.definition.id() == "revenue/total_revenue"; });
  ASSERT_NE(total, definitions.metrics.end());
  auto copy = *total;
  ASSERT_TRUE(copy.definition.has_select());
  copy.definition.name = "takings";
  copy.definition.sql.clear();
  copy.definition.sql_variants.clear();
  copy.definition.synonyms.clear();
  copy.definition.tables.clear();  // derived again
  definitions.metrics.push_back(copy);
  check(definitions);
  EXPECT_THAT(Pairs(definitions, {}), ElementsAre("revenue/takings = revenue/total_revenue"));
  const auto doubts = CatalogDoubts(definitions, {});
  ASSERT_THAT(doubts, SizeIs(2));
  EXPECT_THAT(Reasons(doubts.at("revenue/takings")), ElementsAre("NEAR_DUPLICATE expression"));
  EXPECT_THAT(Reasons(doubts.at("revenue/total_revenue")),
              ElementsAre("NEAR_DUPLICATE expression"));
}

}  // namespace
}  // namespace metricstore::registry
