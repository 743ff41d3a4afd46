// What a search finds, and in which order.
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "tests/unit/registry_view/entry_builder.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Found(const CatalogSnapshot& snapshot, std::string_view query,
                               std::string_view category = "") {
  std::vector<std::string> ids;
  for (const SearchMatch& match : snapshot.Search(query, category)) {
    ids.push_back(match.entry->active.id());
  }
  return ids;
}

TEST(Search, FieldsWeighByTheirKind) {
  std::vector<CatalogEntryPtr> entries;
  for (int field = 0; field < 5; ++field) {
    MetricDefinition metric = MetricOf(absl::StrCat("c/m", field));
    if (field == 0) metric.description = "About churn.";
    if (field == 1) metric.tags = {"churn"};
    if (field == 2) metric.display_name = "Churn of users";
    if (field == 3) metric.synonyms = {"logo churn"};
    if (field == 4) metric.name = "churn_rate";
    entries.push_back(EntryOf(metric));
  }
  entries.push_back(EntryOf(MetricOf("churn/m5")));
  const auto snapshot = SnapshotOf(entries);
  EXPECT_THAT(Found(*snapshot, "churn"),
              ElementsAre("c/churn_rate", "c/m3", "c/m2", "c/m1", "churn/m5", "c/m0"));
  EXPECT_THAT(snapshot->Search("churn", "")[0].fields, ElementsAre("name"));
  EXPECT_THAT(snapshot->Search("churn", "")[4].fields, ElementsAre("category"));
}

TEST(Search, BestFieldOutweighsAllLesserOnesTogether) {
  MetricDefinition named = MetricOf("c/z_margin");
  MetricDefinition wordy = MetricOf("margin/a");
  wordy.display_name = wordy.description = "Margin";
  wordy.synonyms = {"gross margin"};
  wordy.tags = {"margin"};
  const auto snapshot = SnapshotOf({EntryOf(named), EntryOf(wordy)});
  // Its display name as a whole is the query.
  EXPECT_THAT(Found(*snapshot, "margin"), ElementsAre("margin/a", "c/z_margin"));
  EXPECT_THAT(Found(*snapshot, "margi"), ElementsAre("c/z_margin", "margin/a"));
  EXPECT_THAT(snapshot->Search("margin", "")[0].fields,
              ElementsAre("display_name", "synonyms", "tags", "category", "description"));
}

TEST(Search, EveryWordMustOccurAndTheLastMayBeABeginning) {
  MetricDefinition metric = MetricOf("finance/recurring_revenue");
  metric.description = "Monthly, of all plans.";
  const auto snapshot = SnapshotOf({EntryOf(metric), EntryOf(MetricOf("finance/revenue"))});
  EXPECT_THAT(Found(*snapshot, "revenue"),
              ElementsAre("finance/revenue", "finance/recurring_revenue"));
  EXPECT_THAT(Found(*snapshot, "monthly reven"), ElementsAre("finance/recurring_revenue"));
  EXPECT_THAT(Found(*snapshot, "REVENUE, monthly"), ElementsAre("finance/recurring_revenue"));
  EXPECT_THAT(Found(*snapshot, "month revenue"), IsEmpty());
  EXPECT_THAT(Found(*snapshot, "revenue weekly"), IsEmpty());
  EXPECT_THAT(Found(*snapshot, "evenue"), IsEmpty());
  EXPECT_THAT(Found(*snapshot, ""), IsEmpty());
  EXPECT_THAT(Found(*snapshot, " -_/ "), IsEmpty());
}

TEST(Search, WholeWordsRankAboveBeginnings) {
  MetricDefinition whole = MetricOf("z/other");
  whole.description = "User count.";
  const auto snapshot = SnapshotOf({EntryOf(whole), EntryOf(MetricOf("a/users"))});
  EXPECT_THAT(Found(*snapshot, "user"), ElementsAre("z/other", "a/users"));
}

TEST(Search, WholeNameRanksFirstAndAWholeSynonymNext) {
  MetricDefinition synonym = MetricOf("a/arr_total");
  synonym.synonyms = {"arr"};
  MetricDefinition words = MetricOf("a/arr_arr_growth");
  words.synonyms = {"arr of arr"};
  words.display_name = "ARR growth";
  words.tags = {"arr"};
  const auto snapshot = SnapshotOf({EntryOf(synonym), EntryOf(words), EntryOf(MetricOf("z/arr"))});
  EXPECT_THAT(Found(*snapshot, "ARR"), ElementsAre("z/arr", "a/arr_total", "a/arr_arr_growth"));
}

TEST(Search, EqualsAreInOrderOfIdAndPagesFitTogether) {
  std::vector<CatalogEntryPtr> entries;
  for (int i = 0; i < 100; ++i) entries.push_back(EntryOf(MetricOf(absl::StrCat("c/cost_", i))));
  const auto snapshot = SnapshotOf(entries);
  const std::vector<std::string> all = Found(*snapshot, "cost");
  ASSERT_EQ(all.size(), 100u);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  std::vector<std::string> paged;
  for (size_t offset = 0; offset < 110; offset += 30) {
    const SearchPage page = snapshot->Search("cost", "", offset, 30);
    EXPECT_EQ(page.total, 100u);
    for (const SearchMatch& match : page.matches) paged.push_back(match.entry->active.id());
  }
  EXPECT_EQ(paged, all);
}

TEST(Search, KeepsToACategory) {
  const auto snapshot = SnapshotOf({EntryOf(MetricOf("a/cost")), EntryOf(MetricOf("b/cost")),
                                    EntryOf(MetricOf("b/cost_of_goods"))});
  EXPECT_THAT(Found(*snapshot, "cost", "b"), ElementsAre("b/cost", "b/cost_of_goods"));
  EXPECT_EQ(snapshot->Search("cost", "b", 0, 1).total, 2u);
}

TEST(Search, LettersOfOtherAlphabetsAreLetters) {
  MetricDefinition metric = MetricOf("c/m");
  metric.synonyms = {"Größe", "売上 高"};
  const auto snapshot = SnapshotOf({EntryOf(metric)});
  EXPECT_THAT(Found(*snapshot, "größ"), ElementsAre("c/m"));
  EXPECT_THAT(Found(*snapshot, "売上"), ElementsAre("c/m"));
  EXPECT_THAT(Found(*snapshot, "上"), IsEmpty());
}

// What search, and a plain reading of its rules, agree on.
bool Fits(const MetricDefinition& metric, const std::vector<std::string>& words) {
  const std::string text = absl::StrCat(" ", metric.name, " ", metric.description, " ");
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string wanted = absl::StrCat(" ", words[i], i + 1 == words.size() ? "" : " ");
    if (text.find(wanted) == std::string::npos) return false;
  }
  return true;
}

TEST(Search, FindsWhatItsRulesSayAfterAnyChainOfChanges) {
  std::mt19937 random(20261121);
  const auto word = [&] { return absl::StrCat("w", random() % 60); };
  const auto change = [&](size_t place) {
    MetricDefinition metric = MetricOf(absl::StrCat("c/", word()));
    metric.category = absl::StrCat("c", 1000 + place);
    for (int i = 0; i < 4; ++i) absl::StrAppend(&metric.description, i == 0 ? "" : " ", word());
    return EntryOf(metric);
  };
  std::vector<CatalogEntryPtr> entries;
  for (size_t place = 0; place < 300; ++place) entries.push_back(change(place));
  auto snapshot = CatalogSnapshot::Build(0, entries);
  for (int revision = 1; revision <= 40; ++revision) {
    for (int i = 0; i < 3; ++i) {
      const size_t place = random() % entries.size();
      entries[place] = change(place);
    }
    snapshot = CatalogSnapshot::Build(revision, entries, snapshot.get());
    const auto scratch = CatalogSnapshot::Build(revision, entries);
    for (int i = 0; i < 10; ++i) {
      std::vector<std::string> words;
      for (size_t n = 1 + random() % 3; n > 0; --n) words.push_back(word());
      if (random() % 2 == 0) words.back().resize(words.back().size() - 1);
      const std::string query = absl::StrJoin(words, " ");
      const auto found = Found(*snapshot, query);
      EXPECT_EQ(found, Found(*scratch, query)) << query;
      std::vector<std::string> sorted = found;
      std::sort(sorted.begin(), sorted.end());
      std::vector<std::string> expected;
      for (const auto& entry : entries) {
        if (Fits(entry->active, words)) expected.push_back(entry->active.id());
      }
      EXPECT_EQ(sorted, expected) << query;
    }
  }
}

TEST(Search, ForgetsWordsThatFellOutOfUse) {
  auto snapshot = SnapshotOf({EntryOf(MetricOf("c/first"))});
  for (int i = 0; i < 3'000; ++i) {
    snapshot =
        CatalogSnapshot::Build(i, {EntryOf(MetricOf(absl::StrCat("c/name", i)))}, snapshot.get());
  }
  EXPECT_THAT(Found(*snapshot, "name"), ElementsAre("c/name2999"));
  EXPECT_THAT(Found(*snapshot, "first"), IsEmpty());
}

}  // namespace
}  // namespace metricstore::registry
