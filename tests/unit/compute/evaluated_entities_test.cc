// The entities of a call of Evaluate: those that have rows in one dataset or another, and names
// that no dataset knows.

#include <memory>
#include <string>
#include <vector>

#include "common/status/error.h"
#include "gmock/gmock.h"
#include "tests/unit/compute/evaluate_call_fixture.h"

namespace metricstore::compute {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(EvaluateTest, AnEntityWithoutOwnRowsIsShownInItsPlace) {
  AddRow("fact_other", "AA", Utc(2024, 3, 4, 10), 1, 7);
  AddRow("fact_other", "Z", Utc(2024, 3, 4, 10), 1, 8);
  Add(BarsMetric("a/x", "sum(close)"));
  Add(OfOther(BarsMetric("a/y", "sum(volume)")));
  Define("both", "coalesce(metric('a/x'), 0) + coalesce(metric('a/y'), 0)")->clear_dataset();
  std::vector<std::string> entities;
  for (const auto& series : Series()) entities.push_back(series.entity());
  EXPECT_THAT(entities, ElementsAre("A", "AA", "B", "Z"));
}

TEST_F(EvaluateTest, AnEntityThatNoDatasetKnowsIsAnError) {
  AddRow("fact_other", "OLD", Utc(2019, 3, 4, 10), 1);
  Add(BarsMetric("a/x", "sum(close)"));
  Add(OfOther(BarsMetric("a/y", "sum(volume)")));
  Name("a/x");
  request_.add_entities("A");
  request_.add_entities("acme");
  const absl::Status unknown = Run();
  EXPECT_THAT(unknown, StatusIs(absl::StatusCode::kNotFound, "ENTITY_NOT_FOUND"));
  EXPECT_THAT(unknown, HasMetadata("dataset", "fact_bars"));
  EXPECT_THAT(unknown, HasMetadata("entity", "acme"));
  EXPECT_EQ(std::string(unknown.message()), "no rows of entity \"acme\" are stored in fact_bars");
  EXPECT_THAT(writer_.messages, IsEmpty());
  *request_.mutable_entities(1) = "OLD";
  EXPECT_THAT(Run(), HasMetadata("entity", "OLD"));
  Name("a/y");
  EXPECT_THAT(Run(), IsOk()) << "its rows are of other dates, and of one dataset only";
  *request_.mutable_entities(0) = "acme";
  const absl::Status of_both = Run();
  EXPECT_THAT(of_both, HasMetadata("entity", "acme"));
  EXPECT_EQ(std::string(of_both.message()),
            "no rows of entity \"acme\" are stored in fact_bars or fact_other");
}

TEST_F(EvaluateTest, EntitiesOfMetricsThatAreOnlyReadAreKnown) {
  AddRow("fact_other", "OLD", Utc(2019, 3, 4, 10), 1);
  Add(BarsMetric("a/x", "sum(close)"));
  Add(OfOther(BarsMetric("a/y", "sum(volume)")));
  Define("both", "coalesce(metric('a/x'), 0) + coalesce(metric('a/y'), 0)")->clear_dataset();
  request_.add_entities("OLD");
  EXPECT_THAT(Run(), IsOk());
}

TEST_F(EvaluateTest, OfDatasetsWithoutEntitiesNamesDoNotMatter) {
  Dataset dataset = *registry_.datasets.at("fact_bars");
  dataset.entity_column.clear();
  registry_.datasets["fact_bars"] = std::make_shared<const Dataset>(dataset);
  Define("x", "sum(close)");
  request_.add_entities("acme");
  EXPECT_THAT(Run(), IsOk());
}

TEST_F(EvaluateTest, ARegistryThatFailsWhileAnEntityIsLookedUpIsNotMistakenForATypo) {
  Define("x", "sum(close)");
  request_.add_entities("acme");
  registry_.stream = [this](const WindowRequest&, const WindowSink&, const CallBounds&) {
    if (registry_.windows().size() < 2) return absl::OkStatus();
    return status::ErrorBuilder(absl::StatusCode::kAborted, "STREAM_STALLED", "stalled").Build();
  };
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kAborted, "STREAM_STALLED"));
}

}  // namespace
}  // namespace metricstore::compute
