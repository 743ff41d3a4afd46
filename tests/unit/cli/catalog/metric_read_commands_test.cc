#include <nlohmann/json.hpp>

#include "tests/unit/cli/catalog_fixture.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class MetricReads : public CatalogFixture {
 protected:
  MetricReads() {
    catalog_.metrics = {MetricOf("price", "range"), MetricOf("volume", "shares"),
                        MetricOf("volume", "turnover")};
    catalog_.metrics[1].set_latest_version(2);
    catalog_.metrics[2].add_synonyms("umsatz");
  }
};

TEST_F(MetricReads, ListIsGroupedByCategoryWithCountsAndATotal) {
  const Outcome list = Run({"metrics", "list"});
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_EQ(list.out,
            "  NAME      DISPLAY_NAME  TYPE  GRAIN  UNIT  TABLE      VERSION\n"
            "price (1)\n"
            "  range     The range     sum   day    USD   fact_bars  1\n"
            "volume (2)\n"
            "  shares    The shares    sum   day    USD   fact_bars  1 (v2 pending)\n"
            "  turnover  The turnover  sum   day    USD   fact_bars  1\n"
            "3 metrics in 2 categories, 1 with a version that waits\n");
}

TEST_F(MetricReads, ListForProgramsIsFlat) {
  const Outcome csv = Run({"metrics", "list", "-o", "csv"});
  EXPECT_THAT(csv.out, AllOf(HasSubstr("id,version,type,grain,table,window,unit,expression,"
                                       "display_name,latest_version,deleted,category,owner,tags,"
                                       "description\n"),
                             HasSubstr("volume/shares,1,sum,day,fact_bars,full_day,USD,sum(volume),"
                                       "The shares,2,no,volume,,,What shares is.\n")));
  EXPECT_EQ(csv.err, "3 metrics in 2 categories, 1 with a version that waits\n");
  catalog_.metrics[1].set_owner("markets");
  catalog_.metrics[1].add_tags("core");
  const auto json = nlohmann::json::parse(Run({"metrics", "list", "-o", "json"}).out)[1];
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["deleted"], false);
  EXPECT_EQ(json["table"], "fact_bars");
  EXPECT_EQ(json["category"], "volume");
  EXPECT_EQ(json["owner"], "markets");
  EXPECT_EQ(json["tags"][0], "core");
  EXPECT_EQ(json["description"], "What shares is.");
}

TEST_F(MetricReads, ListSendsItsConditions) {
  EXPECT_EQ(Run({"metrics", "list", "--category", "volume", "--filter",
                 "owner = \"a\" OR owner = "
                 "\"b\"",
                 "--table", "fact_bars", "--deleted"})
                .exit_code,
            0);
  const auto& request = catalog_.lists.front();
  EXPECT_EQ(request.category(), "volume");
  EXPECT_TRUE(request.show_deleted());
  EXPECT_EQ(request.filter(), "(owner = \"a\" OR owner = \"b\") AND tables:\"fact_bars\"");
  EXPECT_EQ(Run({"metrics", "list", "--table", "t\"x"}).exit_code, 0);
  EXPECT_EQ(catalog_.lists.back().filter(), "tables:\"t\\\"x\"");
}

TEST_F(MetricReads, DeletedMetricsAreListedAloneOrWithTheOthers) {
  const auto count = catalog_.metrics.size();
  catalog_.metrics.push_back(MetricOf("volume", "zgone"));
  catalog_.metrics.back().mutable_delete_time()->set_seconds(1);
  const auto lines = [&](const char* flag) {
    return nlohmann::json::parse(Run({"metrics", "list", flag, "-o", "json"}).out).size();
  };
  EXPECT_EQ(lines("--deleted"), count + 1);
  EXPECT_EQ(lines("--deleted-only"), 1u);
  EXPECT_EQ(Run({"metrics", "list", "--deleted-only", "--search", "x"}).exit_code, kExitUsage);
}

TEST_F(MetricReads, VersionsAreShownByNameAndNumber) {
  const std::string at = Run({"metrics", "show", "shares@2", "-o", "json"}).out;
  EXPECT_EQ(at, Run({"metrics", "show", "shares", "--version", "2", "-o", "json"}).out);
  EXPECT_EQ(nlohmann::json::parse(at)["version"], 2);
  EXPECT_THAT(Run({"metrics", "show", "shares@2", "--version", "3"}).err,
              HasSubstr("are two versions"));
  EXPECT_THAT(Run({"metrics", "show", "shares@x"}).err, HasSubstr("NAME@2 is version 2 of NAME"));
}

TEST_F(MetricReads, EmptyListSaysSo) {
  catalog_.metrics.clear();
  EXPECT_EQ(Run({"metrics", "list"}).out, "0 metrics in 0 categories\n");
}

TEST_F(MetricReads, SearchShowsWhereWordsWereFoundUpToTheLimit) {
  for (const auto& metric : catalog_.metrics) {
    auto& hit = catalog_.hits.emplace_back();
    *hit.mutable_metric() = metric;
    hit.set_score(2.5);
    hit.add_matched_fields("name");
    hit.add_matched_fields("tags");
  }
  const Outcome found = Run({"metrics", "list", "--search", "range of", "--limit", "2"});
  EXPECT_EQ(found.exit_code, 0) << found.err;
  EXPECT_THAT(found.out, AllOf(HasSubstr("price/range    The range     name, tags"),
                               HasSubstr("volume/shares"), Not(HasSubstr("turnover")),
                               HasSubstr("2 of 3 hits; --limit N shows more\n")));
  EXPECT_EQ(catalog_.searches.front().query(), "range of");
  const auto json =
      nlohmann::json::parse(Run({"metrics", "list", "--search", "x", "-o", "json"}).out);
  EXPECT_EQ(json[1]["score"], 2.5);
  EXPECT_EQ(json[1]["version"], 1);
  const Outcome mixed = Run({"metrics", "list", "--search", "x", "--table", "t"});
  EXPECT_EQ(mixed.exit_code, kExitUsage);
}

TEST_F(MetricReads, ShowHasSectionsAndSaysWhyNothingIsComputed) {
  reg::Metric& metric = catalog_.metrics[1];
  metric.set_sql("SELECT 1\nFROM fact_bars");
  (*metric.mutable_sql_variants())["plan"] = "SELECT 2";
  metric.add_reads("fact_bars.volume");
  metric.add_synonyms("volume");
  metric.set_not_computed("reads other metrics");
  metric.set_etag("e7");
  auto* test = metric.add_tests();
  test->set_name("adds up");
  test->add_rows();
  test->add_expect();
  const Outcome show = Run({"metrics", "show", "shares"});
  EXPECT_EQ(show.exit_code, 0) << show.err;
  EXPECT_EQ(show.out,
            "identity\n"
            "  id            volume/shares\n"
            "  display_name  The shares\n"
            "  description   What shares is.\n"
            "\n"
            "what it computes\n"
            "  type          sum\n"
            "  unit          USD\n"
            "  grain         day\n"
            "  table         fact_bars\n"
            "  expression    sum(volume)\n"
            "  window        full_day\n"
            "  not computed  reads other metrics\n"
            "\n"
            "sql\n"
            "  sql           SELECT 1\n"
            "                FROM fact_bars\n"
            "  sql_by_plan   SELECT 2\n"
            "\n"
            "reads\n"
            "  columns       fact_bars.volume\n"
            "\n"
            "versions\n"
            "  version       1\n"
            "  active        this one is served\n"
            "  pending       version 2 waits: metricctl metrics promote volume/shares\n"
            "  etag          e7\n"
            "\n"
            "words\n"
            "  synonyms      volume\n"
            "\n"
            "tests\n"
            "  test          adds up (1 row, 1 point)\n");
  const Outcome json = Run({"metrics", "show", "shares", "--version", "2", "-o", "json"});
  EXPECT_EQ(nlohmann::json::parse(json.out)["version"], 2);
  EXPECT_EQ(nlohmann::json::parse(json.out)["type"], "sum");
  EXPECT_EQ(nlohmann::json::parse(json.out)["table"], "fact_bars");
  EXPECT_EQ(Run({"metrics", "show", "nothing"}).exit_code, kExitFailure);
}

TEST_F(MetricReads, TableMapListsMetricsUnderTables) {
  auto& use = catalog_.table_uses.emplace_back();
  use.set_table("fact_bars");
  use.add_metrics("price/range");
  use.add_metrics("volume/shares");
  catalog_.table_uses.emplace_back().set_table("fact_orders");
  EXPECT_EQ(Run({"metrics", "tables"}).out,
            "fact_bars (2)\n  price/range\n  volume/shares\nfact_orders (0)\n2 tables\n");
  EXPECT_EQ(Run({"metrics", "tables", "-o", "csv"}).out,
            "table,metric\nfact_bars,price/range\nfact_bars,volume/shares\n");
  EXPECT_EQ(nlohmann::json::parse(Run({"metrics", "tables", "-o", "json"}).out).size(), 2u);
  EXPECT_THAT(Run({"metrics", "tables", "fact_bars"}).out, HasSubstr("volume/turnover"));
  const Outcome nobody = Run({"metrics", "tables", "fact_x"});
  EXPECT_EQ(nobody.exit_code, 0);
  EXPECT_THAT(nobody.err, HasSubstr("no metric reads \"fact_x\""));
}

TEST_F(MetricReads, SynonymFindsWhatPeopleMean) {
  EXPECT_THAT(Run({"metrics", "synonym", "umsatz"}).out, HasSubstr("volume/turnover"));
  const Outcome nothing = Run({"metrics", "synonym", "gewinn", "-o", "json"});
  EXPECT_EQ(nothing.out, "[]\n");
  EXPECT_THAT(nothing.err, HasSubstr("no metric is called \"gewinn\""));
  catalog_.metrics[0].add_synonyms("umsatz");
  EXPECT_THAT(Run({"metrics", "synonym", "umsatz"}).err, HasSubstr("ambiguous"));
}

reg::LineageNode Node(const std::string& id, const std::vector<std::string>& upstream,
                      const std::vector<std::string>& downstream) {
  reg::LineageNode node;
  node.set_id(id);
  node.set_version(1);
  node.mutable_upstream()->Assign(upstream.begin(), upstream.end());
  node.mutable_downstream()->Assign(downstream.begin(), downstream.end());
  return node;
}

TEST_F(MetricReads, LineageIsATreeInWhichSharedMetricsAreDrawnOnce) {
  reg::LineageNode base = Node("a/base", {}, {"a/left", "a/right"});
  base.add_tables("fact_bars");
  base.add_columns("fact_bars.close");
  base.add_columns("fact_bars.open");
  for (const auto& node :
       {Node("a/top", {"a/left", "a/right"}, {"a/report"}), base,
        Node("a/left", {"a/base"}, {"a/top"}), Node("a/right", {"a/base"}, {"a/top"}),
        Node("a/report", {"a/top"}, {})}) {
    *catalog_.lineage.add_nodes() = node;
  }
  EXPECT_EQ(Run({"metrics", "lineage", "top"}).out,
            "a/top v1\n"
            "├─ made from\n"
            "│  ├─ a/left v1\n"
            "│  │  └─ a/base v1\n"
            "│  │     └─ table fact_bars\n"
            "│  │        ├─ close\n"
            "│  │        └─ open\n"
            "│  └─ a/right v1\n"
            "│     └─ a/base v1 (see above)\n"
            "└─ read by\n"
            "   └─ a/report v1\n");
  EXPECT_EQ(
      nlohmann::json::parse(Run({"metrics", "lineage", "top", "-o", "json"}).out)["nodes"].size(),
      5u);
  EXPECT_THAT(Run({"metrics", "lineage", "top", "-o", "csv"}).out,
              HasSubstr("a/base,column,fact_bars.close\n"));
}

TEST_F(MetricReads, LineageOfALonelyMetricSaysNothing) {
  *catalog_.lineage.add_nodes() = Node("a/alone", {}, {});
  EXPECT_EQ(Run({"metrics", "lineage", "alone"}).out,
            "a/alone v1\n├─ made from nothing\n└─ read by nothing\n");
}

}  // namespace
}  // namespace metricstore::cli
