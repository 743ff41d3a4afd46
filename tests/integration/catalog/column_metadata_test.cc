// What is known of columns, and its way into PostgreSQL's comments.

#include "registry_service/datasets/column_metadata.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ColumnMetadataTest : public CatalogTest {
 protected:
  void SetUp() override {
    DefinitionFile plans = {"datasets/metadata_plans.yaml", R"(
kind: dataset
name: metadata_plans
description: Plans.
grain: [plan]
columns:
  - {name: plan, type: text, description: The plan.}
  - {name: amount, type: float64, unit: EUR}
)"};
    auto files = BaseFiles();
    files.push_back(plans);
    ASSERT_OK(Import(files));
  }

  std::vector<std::string> Page(const std::string& table, const std::string& after_table,
                                const std::string& after_column, int64_t limit) {
    const auto page = columns_.List(project_, table, after_table, after_column, limit, {});
    EXPECT_OK(page);
    std::vector<std::string> names;
    if (!page.ok()) return names;
    for (const ColumnMetadata& column : *page)
      names.push_back(column.table + "." + column.note.column);
    return names;
  }
  std::string CommentOf(const std::string& column) {
    return Ask(
        "SELECT col_description('fact_bars'::regclass, attnum) FROM pg_attribute "
        "WHERE attrelid = 'fact_bars'::regclass AND attname = '" +
        column + "'");
  }

  ColumnMetadataStore columns_{pool_};
};

TEST_F(ColumnMetadataTest, AColumnIsKnownFromItsDefinition) {
  const auto column = columns_.Get(project_, "metadata_plans", "plan", {});
  ASSERT_OK(column);
  EXPECT_EQ(column->table, "metadata_plans");
  EXPECT_EQ(column->basetype, columns::ColumnType::kText);
  EXPECT_EQ(column->note, (ColumnNote{"plan", "The plan.", std::nullopt, "definition"}));
  const auto amount = columns_.Get(project_, "metadata_plans", "amount", {});
  ASSERT_OK(amount);
  EXPECT_EQ(amount->unit, "EUR");
}

TEST_F(ColumnMetadataTest, TheUnknownIsNotFound) {
  const auto column = columns_.Get(project_, "fact_bars", "opne", {});
  EXPECT_THAT(column, testing::StatusIs(absl::StatusCode::kNotFound, "COLUMN_NOT_FOUND"));
  EXPECT_THAT(column, testing::HasMetadata("table", "fact_bars"));
  EXPECT_THAT(column, testing::HasMetadata("column", "opne"));
  EXPECT_THAT(column, testing::HasMetadata("suggestion", "open"));
  EXPECT_THAT(columns_.Get(project_, "fact_bar", "open", {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND"));
  EXPECT_THAT(columns_.List(project_, "fact_bar", "", "", 10, {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND"));
  EXPECT_THAT(columns_.Push(project_, "fact_bar", {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND"));
  EXPECT_THAT(columns_.Set(project_, "fact_bars", {"opne", "x", 1, "ann"}, false, {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "COLUMN_NOT_FOUND"));
}

TEST_F(ColumnMetadataTest, PagesFollowTablesAndTheDeclaredOrder) {
  EXPECT_THAT(Page("", "", "", 100),
              ElementsAre("fact_bars.symbol", "fact_bars.ts", "fact_bars.open", "fact_bars.close",
                          "fact_bars.volume", "metadata_plans.plan", "metadata_plans.amount"));
  EXPECT_THAT(Page("", "fact_bars", "close", 2),
              ElementsAre("fact_bars.volume", "metadata_plans.plan"));
  EXPECT_THAT(Page("fact_bars", "", "", 2), ElementsAre("fact_bars.symbol", "fact_bars.ts"));
  EXPECT_THAT(Page("fact_bars", "fact_bars", "volume", 2), IsEmpty());
  EXPECT_THAT(Page("", "metadata_plans", "amount", 2), IsEmpty());
}

TEST_F(ColumnMetadataTest, ANoteIsStoredWholeAndServedWithTheDataset) {
  const ColumnNote note{"open", "First \"price\".", 0.1, "ann"};
  const auto set = columns_.Set(project_, "fact_bars", note, false, {});
  ASSERT_OK(set);
  EXPECT_EQ(set->note, note);
  const auto read = columns_.Get(project_, "fact_bars", "open", {});
  ASSERT_OK(read);
  EXPECT_EQ(read->note, note);
  EXPECT_EQ(read->update_time, set->update_time);
  EXPECT_EQ((*datasets_.Get(project_, "fact_bars", {}))->Find("open")->description,
            "First \"price\".");
  const auto same = columns_.Set(project_, "fact_bars", note, false, {});
  ASSERT_OK(same);
  EXPECT_EQ(same->update_time, set->update_time);
  const auto cleared = columns_.Set(project_, "fact_bars", {"open", "", {}, "ann"}, false, {});
  ASSERT_OK(cleared);
  EXPECT_EQ(cleared->note.confidence, std::nullopt);
  EXPECT_GT(cleared->update_time, set->update_time);
}

TEST_F(ColumnMetadataTest, ValidatingStoresNothing) {
  const auto validated =
      columns_.Set(project_, "fact_bars", {"open", "First price.", 0.5, "ann"}, true, {});
  ASSERT_OK(validated);
  EXPECT_EQ(validated->note.description, "First price.");
  EXPECT_EQ(columns_.Get(project_, "fact_bars", "open", {})->note.description, "");
}

TEST_F(ColumnMetadataTest, NotesAreOfOneProject) {
  const int32_t other = AddProject("other");
  ASSERT_OK(ImportTo(other, BaseFiles()));
  ASSERT_OK(columns_.Set(other, "fact_bars", {"open", "Theirs.", {}, "bob"}, false, {}));
  EXPECT_EQ(columns_.Get(project_, "fact_bars", "open", {})->note.description, "");
}

TEST_F(ColumnMetadataTest, PushWritesCommentsThatDiffer) {
  const std::string nasty = R"(It's "50%" \o/; DROP TABLE datasets; -- %L $$)";
  ASSERT_OK(columns_.Set(project_, "fact_bars", {"open", nasty, {}, "ann"}, false, {}));
  const auto pushed = columns_.Push(project_, "", {});
  ASSERT_OK(pushed);
  EXPECT_THAT(pushed->tables, ElementsAre("fact_bars", "metadata_plans"));
  EXPECT_EQ(pushed->columns_changed, 2);
  EXPECT_EQ(CommentOf("open"), nasty);
  EXPECT_EQ(CommentOf("close"), "");
  EXPECT_EQ(Ask("SELECT obj_description('fact_bars'::regclass)"), "Minute bars.");
  const auto again = columns_.Push(project_, "", {});
  ASSERT_OK(again);
  EXPECT_THAT(again->tables, IsEmpty());
  EXPECT_EQ(again->columns_changed, 0);
}

TEST_F(ColumnMetadataTest, PushOfOneTableLeavesOthersAlone) {
  const auto pushed = columns_.Push(project_, "metadata_plans", {});
  ASSERT_OK(pushed);
  EXPECT_THAT(pushed->tables, ElementsAre("metadata_plans"));
  EXPECT_EQ(pushed->columns_changed, 1);
  EXPECT_EQ(Ask("SELECT obj_description('fact_bars'::regclass)"), "");
}

TEST_F(ColumnMetadataTest, AnEmptyDescriptionTakesNoCommentAway) {
  ASSERT_OK(Execute("COMMENT ON COLUMN fact_bars.open IS 'By hand.'"));
  ASSERT_OK(columns_.Push(project_, "fact_bars", {}));
  EXPECT_EQ(CommentOf("open"), "By hand.");
}

TEST_F(ColumnMetadataTest, AnEditSeesTheNoteAsItIsThen) {
  ASSERT_OK(columns_.Set(project_, "fact_bars", {"open", "First.", {}, "ann"}, false, {}));
  const auto edited = columns_.Edit(project_, "fact_bars", "open",
                                    [](ColumnNote& note) {
                                      EXPECT_EQ(note.description, "First.");
                                      note.confidence = 0.5;
                                      return absl::OkStatus();
                                    },
                                    false, {});
  ASSERT_OK(edited);
  EXPECT_EQ(edited->note, (ColumnNote{"open", "First.", 0.5, "ann"}));
  EXPECT_THAT(columns_.Edit(project_, "fact_bars", "opne",
                            [](ColumnNote&) {
                              ADD_FAILURE() << "there is nothing to edit";
                              return absl::OkStatus();
                            },
                            false, {}),
              testing::StatusIs(absl::StatusCode::kNotFound, "COLUMN_NOT_FOUND"));
}

}  // namespace
}  // namespace metricstore::registry
