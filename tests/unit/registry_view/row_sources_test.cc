// Which metrics and rows points are made of.
#include "registry_service/catalog/sources/row_sources.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry_view/entry_builder.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(MetricCallsIn, AreReadFromLeftToRight) {
  EXPECT_THAT(MetricCallsIn("metric('b/y', offset => '1 MONTHS') / nullif(METRIC('a/x'), 0) + "
                            "sum(amount) - metric('b/y', '7 days')"),
              ElementsAre(MetricCall{"b/y", "1 month"}, MetricCall{"a/x", ""},
                          MetricCall{"b/y", "7 days"}));
  EXPECT_THAT(MetricCallsIn("sum(amount)"), IsEmpty());
  EXPECT_THAT(MetricCallsIn("metric('b/y'"), IsEmpty());
}

class SourcesTest : public ::testing::Test {
 protected:
  SourcesTest() {
    AddDataset("fact_orders", "X", "customer");
    AddDataset("fact_visits", "X", "customer");
    AddDataset("fact_ticks", "X", "");
    AddDataset("fact_fx", "FX", "customer");
    Add("m/orders", "fact_orders", "sum(amount)");
    Add("m/visits", "fact_visits", "sum(amount)");
    Add("m/ticks", "fact_ticks", "sum(amount)");
    Add("m/fx", "fact_fx", "sum(amount)");
  }

  void AddDataset(const std::string& name, const std::string& calendar, const std::string& entity) {
    datasets_[name] = {.name = name, .entity_column = entity, .calendar = calendar};
  }

  MetricDefinition& Add(const std::string& id, const std::string& dataset,
                        const std::string& expression) {
    MetricDefinition metric = MetricOf(id);
    metric.dataset = dataset;
    metric.expression = expression;
    for (const MetricCall& call : MetricCallsIn(expression)) metric.depends_on.push_back(call.id);
    return metrics_[id] = metric;
  }

  MetricSources Of(const std::string& id) { return finder_.Of(metrics_.at(id)); }

  std::vector<std::string> Texts(const std::string& id, Grain grain) {
    std::vector<std::string> texts;
    for (const RowSource& source : RowSourcesOf(metrics_.at(id), grain, finder_).sources) {
      texts.push_back(TextOf(source));
    }
    return texts;
  }

  std::map<std::string, MetricDefinition> metrics_;
  std::map<std::string, Dataset> datasets_;
  SourceFinder finder_{[this](const std::string& id) {
                         const auto found = metrics_.find(id);
                         return found == metrics_.end() ? nullptr : &found->second;
                       },
                       [this](const std::string& name) {
                         const auto found = datasets_.find(name);
                         return found == datasets_.end() ? nullptr : &found->second;
                       }};
};

TEST_F(SourcesTest, TheHomeIsTheOwnDatasetOrThatOfTheFirstMetricThatIsRead) {
  Add("a/inner", "", "metric('m/visits') / metric('m/orders')");
  Add("a/outer", "", "metric('a/inner') + metric('m/orders')");
  Add("a/own", "fact_orders", "sum(amount) / metric('m/visits')");
  EXPECT_EQ(Of("a/outer").home, "fact_visits");
  EXPECT_THAT(Of("a/outer").datasets, ElementsAre("fact_orders", "fact_visits"));
  EXPECT_EQ(Of("a/outer").why_not, "");
  EXPECT_EQ(Of("a/own").home, "fact_orders");
  EXPECT_EQ(Of("m/orders").home, "fact_orders");
  EXPECT_THAT(Of("m/orders").datasets, ElementsAre("fact_orders"));
}

TEST_F(SourcesTest, WhatCannotBeComputedSaysWhy) {
  Add("a/apart", "", "metric('m/orders') / metric('m/fx')");
  Add("a/mixed", "fact_ticks", "sum(amount) / metric('m/orders')");
  Add("a/nothing", "", "metric('m/gone')");
  Add("a/itself", "", "metric('a/itself')");
  Add("a/none", "", "1 + 1");
  metrics_["m/split"] = metrics_["m/orders"];
  metrics_["m/split"].name = "split";
  metrics_["m/split"].dimensions = {"plan"};
  Add("a/split", "", "metric('m/split')");
  EXPECT_EQ(Of("a/apart").why_not,
            "reads datasets of different calendars: fact_orders on X, fact_fx on FX");
  EXPECT_EQ(Of("a/mixed").why_not,
            "reads datasets with and without entities: fact_orders has them, fact_ticks has none");
  EXPECT_EQ(Of("a/nothing").why_not, "reads m/gone, which is not defined");
  EXPECT_EQ(Of("a/itself").why_not, "reads a/itself in a circle");
  EXPECT_EQ(Of("a/none").why_not, "has no table");
  EXPECT_EQ(Of("a/split").why_not, "reads m/split, which is not computed: has dimensions");
}

TEST_F(SourcesTest, OtherMetricsReadNumbersOnly) {
  datasets_["fact_orders"].columns = {{.name = "amount"},
                                      {.name = "city", .type = columns::ColumnType::kText}};
  Add("t/count", "fact_orders", "count(*)");
  Add("t/text", "fact_orders", "max(city)");
  Add("t/vector", "fact_orders", "top_k(amount, 3)");
  Add("t/condition", "fact_orders", "bool_and(amount > 0)");
  Add("t/word", "", "CASE WHEN metric('t/count') > 3 THEN 'many' ELSE 'few' END");
  for (const auto& [name, points] : std::map<std::string, std::string>{{"text", "texts"},
                                                                       {"vector", "vectors"},
                                                                       {"condition", "conditions"},
                                                                       {"word", "texts"}}) {
    Add("a/" + name, "", "metric('t/" + name + "')");
    EXPECT_EQ(Of("a/" + name).why_not, "reads t/" + name + ", whose points are " + points +
                                           ": other metrics read numbers only");
    EXPECT_EQ(Of("t/" + name).why_not, "");
  }
  Add("a/fine", "", "metric('t/count') + metric('m/orders')");
  EXPECT_EQ(Of("a/fine").why_not, "");
  Add("a/outer", "", "metric('a/word') + 1");
  EXPECT_EQ(Of("a/outer").why_not,
            "reads a/word, which is not computed: reads t/word, whose points are texts: other "
            "metrics read numbers only");
}

TEST_F(SourcesTest, LevelsAreBoundedWhicheverIsAskedForFirst) {
  Add("a/m1", "fact_orders", "sum(amount)");
  constexpr int kDepth = 5'000;
  for (int i = 2; i <= kDepth; ++i) {
    Add(absl::StrCat("a/m", i), "", absl::StrCat("metric('a/m", i - 1, "')"));
  }
  EXPECT_NE(Of(absl::StrCat("a/m", kDepth)).why_not, "");
  EXPECT_EQ(Of("a/m32").why_not, "");
  EXPECT_EQ(Of("a/m33").why_not, "metrics are read through one another over more than 32 levels");
}

TEST_F(SourcesTest, RowsComeThroughEveryWindowAndOffset) {
  Add("a/change", "", "metric('m/orders') / metric('m/orders', offset => '1 month')");
  EXPECT_THAT(Texts("a/change", Grain::kMonth),
              ElementsAre("fact_orders|full_day|4|4 ", "fact_orders|full_day|4|4 1 month"));
  metrics_["m/orders"].rollup = "sum";
  metrics_["m/orders"].grain = Grain::kDay;
  EXPECT_THAT(Texts("a/change", Grain::kMonth),
              ElementsAre("fact_orders|full_day|2|4 ", "fact_orders|full_day|2|4 1 month"));
  Add("a/own", "fact_visits", "sum(amount) / metric('a/change') / metric('a/change')");
  EXPECT_THAT(Texts("a/own", Grain::kMonth),
              ElementsAre("fact_visits|full_day|4", "fact_orders|full_day|2|4 |4 ",
                          "fact_orders|full_day|2|4 1 month|4 "));
}

TEST_F(SourcesTest, ManyWaysAreCutAndSaidToBe) {
  Add("a/m0", "fact_orders", "sum(amount)");
  for (int i = 1; i <= 12; ++i) {
    const std::string read = absl::StrCat("metric('a/m", i - 1, "'");
    Add(absl::StrCat("a/m", i), "", absl::StrCat(read, ") - ", read, ", '1 day')"));
  }
  const RowSources sources = RowSourcesOf(metrics_.at("a/m12"), Grain::kDay, finder_);
  EXPECT_EQ(sources.sources.size(), kMostRowSources);
  EXPECT_TRUE(sources.is_cut);
}

class OffsetsTest : public ::testing::Test {
 protected:
  OffsetsTest() {
    calendar::CalendarSpec spec;
    spec.name = "X";
    spec.time_zone = "America/New_York";
    spec.open_days = {absl::Weekday::monday};
    spec.sessions = {{.name = "all", .open = {0, 0}, .close = {86400, 0}}};
    spec.first_date = absl::CivilDay(2023, 1, 1);
    spec.last_date = absl::CivilDay(2024, 12, 31);
    const auto calendar = calendar::Calendar::Create(spec, 1);
    EXPECT_OK(calendar);
    calendar_ = calendar.value_or(nullptr);
  }

  // "2024-03-01/2024-04-01".
  std::string Read(Grain grain, const std::string& offset, absl::CivilDay start,
                   absl::CivilDay end) {
    const DateRange dates = DatesThatRead(*calendar_, grain, offset, {start, end});
    if (dates.start >= dates.end) return "";
    return FormatDate(dates.start) + "/" + FormatDate(dates.end);
  }

  std::shared_ptr<const calendar::Calendar> calendar_;
};

TEST_F(OffsetsTest, TheBucketsThatReadOthersAreThoseLater) {
  const auto day = [](int month, int date) { return absl::CivilDay(2024, month, date); };
  EXPECT_EQ(Read(Grain::kDay, "", day(3, 5), day(3, 6)), "2024-03-05/2024-03-06");
  EXPECT_EQ(Read(Grain::kDay, "7 days", day(3, 5), day(3, 6)), "2024-03-12/2024-03-13");
  EXPECT_EQ(Read(Grain::kMonth, "1 month", day(3, 1), day(4, 1)), "2024-04-01/2024-05-01");
  EXPECT_EQ(Read(Grain::kMonth, "1 month", day(3, 9), day(3, 10)), "2024-04-01/2024-05-01");
  EXPECT_EQ(Read(Grain::kQuarter, "1 year", absl::CivilDay(2023, 4, 1), absl::CivilDay(2023, 7, 1)),
            "2024-04-01/2024-07-01");
  EXPECT_EQ(Read(Grain::kWeek, "1 week", day(3, 4), day(3, 11)), "2024-03-11/2024-03-18");
  // Going back a month from March 30 and 31 ends on February 29.
  EXPECT_EQ(Read(Grain::kDay, "1 month", day(2, 29), day(3, 1)), "2024-03-29/2024-04-01");
  // No day of February is a month before January 31: nobody reads it.
  EXPECT_EQ(Read(Grain::kDay, "1 month", day(1, 30), day(2, 1)), "");
  // A bucket reads the one that holds the date so long before its first.
  EXPECT_EQ(Read(Grain::kWeek, "1 month", day(3, 4), day(3, 11)), "2024-04-08/2024-04-15");
  EXPECT_EQ(Read(Grain::kHour, "1 day", day(3, 5), day(3, 6)), "2024-03-05/2024-03-08");
  EXPECT_EQ(Read(Grain::kHour, "36 hours", day(3, 5), day(3, 6)), "2024-03-06/2024-03-08");
  EXPECT_EQ(Read(Grain::kMonth, "1 month", day(12, 1), day(12, 31)), "");
}

}  // namespace
}  // namespace metricstore::registry
