// What an import does with each definition.

#include "registry_service/catalog/diff/import_changes.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry/changed_metric.h"
#include "tests/unit/registry/definition_cases.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Classifies the files over the ground, and over metrics given as bound definitions.
ImportChanges Classify(const std::vector<DefinitionFile>& files, StoredDefinitions stored,
                       bool promote = false) {
  Faults faults;
  Definitions definitions = ReadDefinitions(files, faults);
  CheckDefinitions(definitions, stored, faults);
  EXPECT_OK(faults.ToStatus());
  return ClassifyImport(definitions, stored, promote);
}

StoredDefinitions WithMetric(int active_version, int latest_version, bool deleted = false) {
  StoredDefinitions stored = Ground();
  const MetricDefinition metric = Bound(kMetric);
  stored.metrics["m/a"] = {metric, metric, active_version, latest_version, deleted};
  return stored;
}

ImportChange ClassifyMetric(const std::string& yaml, StoredDefinitions stored,
                            bool promote = false) {
  const ImportChanges changes = Classify({{"m/a.yaml", yaml}}, std::move(stored), promote);
  EXPECT_THAT(changes.metrics, SizeIs(1));
  return changes.metrics.empty() ? ImportChange() : changes.metrics[0];
}

std::string Edited(const std::string& from, const std::string& to) {
  std::string yaml = kMetric;
  return yaml.replace(yaml.find(from), from.size(), to);
}

TEST(ClassifyImport, MetricsThatAreNewHaveTheirFirstVersionServed) {
  const ImportChange change = ClassifyMetric(kMetric, Ground());
  EXPECT_EQ(change.outcome.action, ImportAction::kCreated);
  EXPECT_EQ(change.outcome.kind, "metric");
  EXPECT_EQ(change.outcome.name, "m/a");
  EXPECT_EQ(change.outcome.path, "m/a.yaml");
  EXPECT_EQ(change.outcome.version, 1);
  EXPECT_EQ(change.outcome.active_version, 1);
  EXPECT_TRUE(change.makes_version);
}

TEST(ClassifyImport, MetricsThatAreStoredLikeThisAreUnchanged) {
  const ImportChange change = ClassifyMetric(kMetric, WithMetric(2, 3));
  EXPECT_EQ(change.outcome.action, ImportAction::kUnchanged);
  EXPECT_EQ(change.outcome.version, 3);
  EXPECT_EQ(change.outcome.active_version, 2);
  EXPECT_FALSE(change.makes_version);
}

TEST(ClassifyImport, WordsChangeInPlace) {
  const ImportChange change = ClassifyMetric(Edited("Money.", "More."), WithMetric(2, 3));
  EXPECT_EQ(change.outcome.action, ImportAction::kChanged);
  EXPECT_EQ(change.outcome.version, 3);
  EXPECT_EQ(change.outcome.active_version, 2);
  EXPECT_FALSE(change.makes_version);
  EXPECT_THAT(change.changes, SizeIs(1));
}

TEST(ClassifyImport, AnotherMeaningMakesAVersionThatWaitsUnlessPromoted) {
  const std::string yaml = Edited("first(open)", "min(open)");
  ImportChange change = ClassifyMetric(yaml, WithMetric(2, 3));
  EXPECT_EQ(change.outcome.action, ImportAction::kChanged);
  EXPECT_EQ(change.outcome.version, 4);
  EXPECT_EQ(change.outcome.active_version, 2);
  EXPECT_TRUE(change.makes_version);
  change = ClassifyMetric(yaml, WithMetric(2, 3), true);
  EXPECT_EQ(change.outcome.active_version, 4);
}

TEST(ClassifyImport, AVersionThatWaitsIsPromotedThoughItsContentIsUnchanged) {
  StoredDefinitions stored = WithMetric(2, 3);
  stored.metrics["m/a"].active = Bound(Edited("dimensions: [symbol]\n", ""));
  ImportChange change = ClassifyMetric(kMetric, stored, true);
  EXPECT_EQ(change.outcome.action, ImportAction::kChanged);
  EXPECT_EQ(change.outcome.version, 3);
  EXPECT_EQ(change.outcome.active_version, 3);
  EXPECT_FALSE(change.makes_version);
  EXPECT_THAT(
      Lines(change.changes),
      ElementsAre("active_version: 2 -> 3 [breaking] (version 3, which waited, is served)"));
  change = ClassifyMetric(Edited("Money.", "More."), stored, true);
  EXPECT_EQ(change.outcome.active_version, 3);
  EXPECT_THAT(Lines(change.changes),
              ElementsAre("description: Money. -> More.", StartsWith("active_version: 2 -> 3")));
  EXPECT_FALSE(change.makes_version);
  // Served already: nothing to promote.
  change = ClassifyMetric(kMetric, WithMetric(3, 3), true);
  EXPECT_EQ(change.outcome.action, ImportAction::kUnchanged);
  EXPECT_THAT(change.changes, IsEmpty());
}

TEST(ClassifyImport, WhileAVersionWaitsTheServedOneIsComparedToo) {
  StoredDefinitions stored = WithMetric(2, 3);
  stored.metrics.at("m/a").active.unit = "EUR";
  ImportChange change = ClassifyMetric(Edited("Money.", "More."), stored);
  EXPECT_THAT(Lines(change.changes), ElementsAre("description: Money. -> More."));
  EXPECT_EQ(change.served_version, 2);
  EXPECT_THAT(Lines(change.served_changes),
              ElementsAre("description: Money. -> More.",
                          "unit: EUR -> USD [meaning] [breaking] (values are in another unit)"));
  change = ClassifyMetric(Edited("Money.", "More."), WithMetric(3, 3));
  EXPECT_EQ(change.served_version, 0);
  EXPECT_THAT(change.served_changes, IsEmpty());
}

TEST(ClassifyImport, DeletedMetricsAreRestored) {
  ImportChange change = ClassifyMetric(kMetric, WithMetric(2, 2, true));
  EXPECT_EQ(change.outcome.action, ImportAction::kRestored);
  EXPECT_EQ(change.outcome.version, 2);
  EXPECT_FALSE(change.makes_version);
  change = ClassifyMetric(Edited("first(open)", "min(open)"), WithMetric(2, 2, true));
  EXPECT_EQ(change.outcome.action, ImportAction::kRestored);
  EXPECT_EQ(change.outcome.version, 3);
  EXPECT_TRUE(change.makes_version);
}

TEST(ClassifyImport, CalendarsDatasetsAndNotesByName) {
  const std::vector<DefinitionFile> files = {
      {"a.yaml", CalendarWith(0, "")},
      {"b.yaml", DatasetWith(0, "")},
      {"n.yaml",
       "kind: columns\ntable: fact_bars\ncolumns: [{name: open, description: First.}]\n"}};
  StoredDefinitions stored = Ground();
  ImportChanges changes = Classify(files, stored);
  ASSERT_THAT(changes.calendars, SizeIs(1));
  EXPECT_EQ(changes.calendars[0].outcome.action, ImportAction::kCreated);
  EXPECT_EQ(changes.calendars[0].outcome.version, 1);
  ASSERT_THAT(changes.datasets, SizeIs(1));
  EXPECT_EQ(changes.datasets[0].outcome.action, ImportAction::kCreated);
  ASSERT_THAT(changes.columns, SizeIs(1));
  EXPECT_EQ(changes.columns[0].outcome.action, ImportAction::kCreated);
  EXPECT_EQ(changes.columns[0].outcome.name, "fact_bars");

  stored.column_notes["fact_bars"] = {{"open", "", std::nullopt, "definition"},
                                      {"close", "Last.", std::nullopt, "survey"}};
  EXPECT_EQ(Classify({files[2]}, stored).columns[0].outcome.action, ImportAction::kCreated);
  stored.column_notes["fact_bars"][0] = {"open", "First.", std::nullopt, "import"};
  EXPECT_EQ(Classify({files[2]}, stored).columns[0].outcome.action, ImportAction::kUnchanged);
  stored.column_notes["fact_bars"][0].source = "survey";
  changes = Classify({files[2]}, stored);
  EXPECT_EQ(changes.columns[0].outcome.action, ImportAction::kChanged);
  EXPECT_THAT(Lines(changes.columns[0].changes),
              ElementsAre("columns[open].source: survey -> import"));
}

TEST(ClassifyImport, StoredCalendarsAndDatasetsAreComparedByContent) {
  Faults faults;
  const std::vector<DefinitionFile> files = {{"a.yaml", CalendarWith(0, "")},
                                             {"b.yaml", DatasetWith(0, "")}};
  const Definitions definitions = ReadDefinitions(files, faults);
  StoredDefinitions stored = Ground();
  stored.calendars["CME"] = {*calendar::Calendar::Create(definitions.calendars[0].definition, 7),
                             absl::UnixEpoch()};
  stored.datasets["fact_ticks"] = definitions.datasets[0].definition;
  ImportChanges changes = Classify(files, stored);
  EXPECT_EQ(changes.calendars[0].outcome.action, ImportAction::kUnchanged);
  EXPECT_EQ(changes.calendars[0].outcome.version, 7);
  EXPECT_EQ(changes.datasets[0].outcome.action, ImportAction::kUnchanged);
  changes = Classify({{"a.yaml", CalendarWith(6, "last_date: 2025-12-31")},
                      {"b.yaml", DatasetWith(3, "description: Other.")}},
                     stored);
  EXPECT_EQ(changes.calendars[0].outcome.action, ImportAction::kChanged);
  EXPECT_EQ(changes.calendars[0].outcome.version, 8);
  EXPECT_THAT(Lines(changes.calendars[0].changes),
              ElementsAre("last_date: 2024-12-31 -> 2025-12-31 [meaning]"));
  EXPECT_EQ(changes.datasets[0].outcome.action, ImportAction::kChanged);
  EXPECT_EQ(changes.datasets[0].outcome.version, 0);
  EXPECT_THAT(Lines(changes.datasets[0].changes), ElementsAre("description: Ticks. -> Other."));
}

}  // namespace
}  // namespace metricstore::registry
