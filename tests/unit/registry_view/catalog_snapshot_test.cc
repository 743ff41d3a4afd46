// What a snapshot finds by id, name, pattern, meaning, table and dependency.
#include "registry_service/catalog/view/catalog_snapshot.h"

#include "gmock/gmock.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry_view/entry_builder.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

MetricDefinition Reading(const std::string& id, std::vector<std::string> upstream) {
  MetricDefinition metric = MetricOf(id);
  metric.dataset.clear();
  metric.tables.clear();
  metric.depends_on = std::move(upstream);
  return metric;
}

MetricDefinition Deleted(MetricDefinition metric) {
  metric.delete_time = absl::UnixEpoch();
  return metric;
}

TEST(CatalogSnapshot, FindsIdsAndBareNamesOfOneCategory) {
  const auto snapshot =
      SnapshotOf({EntryOf(MetricOf("finance/arr")), EntryOf(MetricOf("finance/mrr")),
                  EntryOf(MetricOf("growth/mrr"))});
  EXPECT_EQ(snapshot->FindId("finance/arr")->active.name, "arr");
  EXPECT_EQ(snapshot->FindId("finance/nrr"), nullptr);
  ASSERT_OK(snapshot->Resolve("growth/mrr"));
  EXPECT_EQ((*snapshot->Resolve("arr"))->active.id(), "finance/arr");
  const auto ambiguous = snapshot->Resolve("mrr");
  EXPECT_THAT(ambiguous, StatusIs(absl::StatusCode::kInvalidArgument, "METRIC_AMBIGUOUS"));
  EXPECT_THAT(ambiguous, HasMetadata("candidates", "finance/mrr, growth/mrr"));
}

TEST(CatalogSnapshot, SuggestsTheNameThatWasMeant) {
  const auto snapshot = SnapshotOf({EntryOf(MetricOf("finance/total_revenue"))});
  const auto bare = snapshot->Resolve("total_revenu");
  EXPECT_THAT(bare, StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  EXPECT_THAT(bare, HasMetadata("metric", "total_revenu"));
  EXPECT_THAT(bare, HasMetadata("suggestion", "total_revenue"));
  EXPECT_THAT(snapshot->Resolve("finance/total_revenu"),
              HasMetadata("suggestion", "finance/total_revenue"));
  EXPECT_THAT(snapshot->MatchGlobs({"finance/total_revenu"}),
              HasMetadata("suggestion", "finance/total_revenue"));
}

TEST(CatalogSnapshot, DeletedMetricsAreFoundByIdOnly) {
  MetricDefinition gone = Deleted(Reading("finance/arr", {"finance/mrr"}));
  gone.tables = {"fact_orders"};
  gone.synonyms = {"annual run rate"};
  gone.meaning = "m";
  const auto snapshot = SnapshotOf({EntryOf(gone), EntryOf(MetricOf("finance/mrr"))});
  EXPECT_TRUE(snapshot->FindId("finance/arr")->deleted());
  EXPECT_EQ(snapshot->All().size(), 2u);
  ASSERT_OK(snapshot->Resolve("finance/arr"));
  EXPECT_THAT(snapshot->Resolve("arr"), StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  EXPECT_THAT(snapshot->MatchGlobs({"finance/arr"}),
              StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  EXPECT_THAT(snapshot->Search("arr", ""), IsEmpty());
  EXPECT_THAT(snapshot->FindSynonym("annual run rate"), IsEmpty());
  EXPECT_THAT(snapshot->Dependents("finance/mrr"), IsEmpty());
  EXPECT_THAT(snapshot->WithMeaning("m"), IsEmpty());
  EXPECT_THAT(IdsOf(snapshot->TableMap().at("fact_orders")), ElementsAre("finance/mrr"));
}

TEST(CatalogSnapshot, GlobsMatchIdsWithASlashAndBareNamesWithout) {
  const auto snapshot =
      SnapshotOf({EntryOf(MetricOf("finance/arr")), EntryOf(MetricOf("finance/mrr")),
                  EntryOf(MetricOf("growth/churn_rate"))});
  EXPECT_THAT(IdsOf(*snapshot->MatchGlobs({"?rr"})), ElementsAre("finance/arr", "finance/mrr"));
  EXPECT_THAT(IdsOf(*snapshot->MatchGlobs({"growth/*", "arr", "*rr"})),
              ElementsAre("finance/arr", "finance/mrr", "growth/churn_rate"));
  EXPECT_THAT(snapshot->MatchGlobs({"arr", "ops/*"}), HasMetadata("metric", "ops/*"));
  EXPECT_THAT(snapshot->MatchGlobs({std::string(201, 'a')}), ViolatesField("metrics"));
}

TEST(CatalogSnapshot, SynonymsAreTheSameInAnyCaseAndSpelling) {
  MetricDefinition metric = MetricOf("finance/mrr");
  metric.display_name = "Monthly recurring revenue";
  metric.synonyms = {"Recurring-Revenue", "MRR (net)"};
  const auto snapshot = SnapshotOf({EntryOf(metric), EntryOf(MetricOf("finance/arr"))});
  for (const char* name : {"recurring revenue", "RECURRING_REVENUE", " recurring  -revenue ", "MRR",
                           "monthly_recurring_revenue", "mrr (net)"}) {
    EXPECT_THAT(IdsOf(snapshot->FindSynonym(name)), ElementsAre("finance/mrr")) << name;
  }
  EXPECT_THAT(snapshot->FindSynonym("recurring"), IsEmpty());
  EXPECT_THAT(snapshot->FindSynonym("finance/mrr"), IsEmpty());
  EXPECT_THAT(snapshot->FindSynonym(""), IsEmpty());
}

TEST(CatalogSnapshot, TablesKnowTheMetricsThatReadThem) {
  MetricDefinition joined = MetricOf("finance/joined");
  joined.tables = {"event_plans", "fact_orders"};
  const auto snapshot = SnapshotOf({EntryOf(joined), EntryOf(MetricOf("finance/total")),
                                    EntryOf(Reading("finance/arr", {"finance/total"}))});
  ASSERT_EQ(snapshot->TableMap().size(), 2u);
  EXPECT_THAT(IdsOf(snapshot->TableMap().at("event_plans")), ElementsAre("finance/joined"));
  EXPECT_THAT(IdsOf(snapshot->TableMap().at("fact_orders")),
              ElementsAre("finance/joined", "finance/total"));
}

TEST(CatalogSnapshot, DependentsAreThoseOfActiveAndOfPendingVersions) {
  const auto snapshot =
      SnapshotOf({EntryOf(MetricOf("a/base")), EntryOf(Reading("a/direct", {"a/base"})),
                  EntryOf(MetricOf("a/soon"), Reading("a/soon", {"a/base"})),
                  EntryOf(Reading("a/both", {"a/base"}), Reading("a/both", {"a/base", "a/direct"})),
                  EntryOf(Reading("a/far", {"a/soon"}))});
  EXPECT_THAT(IdsOf(snapshot->Dependents("a/base")), ElementsAre("a/both", "a/direct", "a/soon"));
  EXPECT_THAT(snapshot->AllDependents({"a/base"}),
              ElementsAre("a/both", "a/direct", "a/far", "a/soon"));
  EXPECT_THAT(snapshot->AllDependents({"a/base", "a/soon"}),
              ElementsAre("a/both", "a/direct", "a/far"));
  EXPECT_THAT(snapshot->AllDependents({"a/far", "a/unknown"}), IsEmpty());
}

TEST(CatalogSnapshot, LineageIsAllUpstreamAndDownstream) {
  MetricDefinition base = MetricOf("a/base");
  base.reads = {"fact_orders.amount"};
  const auto snapshot =
      SnapshotOf({EntryOf(base), EntryOf(Reading("a/middle", {"a/base"})),
                  EntryOf(Reading("a/top", {"a/middle"})), EntryOf(MetricOf("a/stranger"))});
  const auto nodes = snapshot->Lineage("a/middle");
  ASSERT_EQ(nodes.size(), 3u);
  EXPECT_EQ(nodes[0].id, "a/middle");
  EXPECT_EQ(nodes[0].version, 1);
  EXPECT_THAT(nodes[0].upstream, ElementsAre("a/base"));
  EXPECT_THAT(nodes[0].downstream, ElementsAre("a/top"));
  EXPECT_EQ(nodes[1].id, "a/base");
  EXPECT_THAT(nodes[1].tables, ElementsAre("fact_orders"));
  EXPECT_THAT(nodes[1].columns, ElementsAre("fact_orders.amount"));
  EXPECT_EQ(nodes[2].id, "a/top");
  EXPECT_THAT(snapshot->Lineage("a/nothing"), IsEmpty());
}

TEST(CatalogSnapshot, MeaningsAreThoseOfBothVersions) {
  MetricDefinition one = MetricOf("a/one");
  one.meaning = "same";
  MetricDefinition two = MetricOf("a/two");
  two.meaning = "other";
  MetricDefinition next = two;
  next.meaning = "same";
  const auto snapshot = SnapshotOf({EntryOf(one), EntryOf(two, next), EntryOf(MetricOf("a/x"))});
  EXPECT_THAT(snapshot->WithMeaning("same"), ElementsAre("a/one", "a/two"));
  EXPECT_THAT(snapshot->WithMeaning("other"), ElementsAre("a/two"));
  EXPECT_THAT(snapshot->WithMeaning(""), IsEmpty());
}

TEST(CatalogSnapshot, EmptyCatalogueAnswers) {
  const auto snapshot = SnapshotOf({});
  EXPECT_THAT(snapshot->Search("a", ""), IsEmpty());
  EXPECT_EQ(snapshot->FindId("a/b"), nullptr);
  EXPECT_THAT(snapshot->MatchGlobs({"*"}),
              StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
}

}  // namespace
}  // namespace metricstore::registry
