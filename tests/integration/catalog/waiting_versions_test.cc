// Versions that wait to be promoted, and the ones that are served meanwhile.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

DefinitionFile Derived(const std::string& name, const std::string& expression) {
  return {absl::StrCat("metrics/price/", name, ".yaml"),
          absl::StrCat("name: ", name, "\ndescription: Of others.\ntype: derived\ngrain: day\n",
                       "owner: markets\nexpression: \"", expression, "\"\n")};
}

DefinitionFile Second() { return Edited(OpeningFile(), "first(open)", "last(close)"); }

class WaitingVersionsTest : public CatalogTest {
 protected:
  void SetUp() override { ASSERT_OK(Import(BaseFiles())); }

  static std::vector<std::string> Warnings(const absl::StatusOr<ImportResult>& result) {
    std::vector<std::string> lines;
    if (!result.ok()) return {result.status().ToString()};
    for (const DefinitionReport& report : result->warnings) {
      for (const Finding& finding : report.findings) {
        lines.push_back(absl::StrCat(finding.reason, " ", finding.field, ": ", finding.message));
      }
    }
    return lines;
  }
};

TEST_F(WaitingVersionsTest, AnotherUnitTypeOrRollupNeverTouchesWhatIsServed) {
  EXPECT_THAT(Lines(Import({Edited(OpeningFile(), "unit: USD", "unit: EUR")})),
              ElementsAre("metric price/opening changed 2"));
  EXPECT_THAT(Lines(Import({Edited(OpeningFile(), "unit: USD", "unit: USD\nrollup: first")})),
              ElementsAre("metric price/opening changed 3"));
  EXPECT_THAT(Lines(Import({Edited(OpeningFile(), "type: derived", "type: counter")})),
              ElementsAre("metric price/opening changed 4"));
  EXPECT_EQ(Metric("price/opening").unit, "USD");
  EXPECT_EQ(Metric("price/opening").rollup, "");
  EXPECT_EQ(Metric("price/opening").type, MetricType::kDerived);
  EXPECT_EQ(Metric("price/opening", 2).unit, "EUR");
}

TEST_F(WaitingVersionsTest, AnUnchangedImportSaysThatAVersionWaits) {
  ASSERT_OK(Import({Second()}));
  const auto again = Import({Second()});
  EXPECT_THAT(Lines(again), ElementsAre("metric price/opening unchanged 2"));
  EXPECT_EQ(again->outcomes[0].active_version, 1);
  EXPECT_THAT(again->warnings, IsEmpty());
}

TEST_F(WaitingVersionsTest, AnImportPromotesWhatWaitsAlready) {
  ASSERT_OK(Import({Second()}));
  const auto promoted = ImportWith({Second()}, {.promote = true});
  EXPECT_THAT(Lines(promoted), ElementsAre("metric price/opening changed 2"));
  EXPECT_EQ(promoted->outcomes[0].active_version, 2);
  EXPECT_EQ(Metric("price/opening").expression, "last(close)");
  EXPECT_EQ(Metric("price/opening").version, 2);
  EXPECT_EQ(Ask("SELECT count(*) FROM metric_versions"), "2");
  const std::string etag = Metric("price/opening").etag;
  EXPECT_THAT(Lines(ImportWith({Second()}, {.promote = true})),
              ElementsAre("metric price/opening unchanged 2"));
  EXPECT_EQ(Metric("price/opening").etag, etag);
}

TEST_F(WaitingVersionsTest, AnUpdatePromotesWhatWaitsAlready) {
  ASSERT_OK(Import({Second()}));
  MetricDefinition metric = Metric("price/opening", 2);
  metric.notes = "Ask.";
  const auto updated = editor_.Update(project_, metric, {"notes"}, {.promote = true}, {});
  ASSERT_OK(updated);
  EXPECT_EQ(updated->metric.active_version, 2);
  EXPECT_EQ(Metric("price/opening").notes, "Ask.");
}

TEST_F(WaitingVersionsTest, WordsThatNobodySeesYetAreToldSo) {
  EXPECT_THAT(Warnings(Import({Second()})), Not(Contains(HasSubstr("WORDS_WAIT"))));
  const auto words = Import({Edited(Second(), "Price of the first trade.", "Of the last one.")});
  EXPECT_THAT(Warnings(words),
              Contains("WORDS_WAIT description: version 2 waits to be promoted; until then readers "
                       "are served version 1 with its words"));
  EXPECT_EQ(Metric("price/opening").description, "Price of the first trade.");
}

TEST_F(WaitingVersionsTest, DeletedMetricsThatReadEachOtherAreRestoredTogether) {
  const std::vector<DefinitionFile> readers = {Derived("a_reads", "metric('price/opening') * 2"),
                                               Derived("z_reads", "metric('price/opening') * 3")};
  ASSERT_OK(Import(readers));
  // Each of them has a version that waits, so that the served ones are checked too.
  ASSERT_OK(Import({Second(), Derived("a_reads", "metric('price/opening') * 4"),
                    Derived("z_reads", "metric('price/opening') * 5")}));
  for (const char* id : {"price/a_reads", "price/z_reads", "price/opening"}) {
    ASSERT_OK(editor_.Delete(project_, id, {}, {}));
  }
  EXPECT_THAT(Lines(Import({Second(), Derived("a_reads", "metric('price/opening') * 4"),
                            Derived("z_reads", "metric('price/opening') * 5")})),
              ElementsAre("metric price/a_reads restored 2", "metric price/opening restored 2",
                          "metric price/z_reads restored 2"));
  EXPECT_EQ(Metric("price/a_reads").expression, "metric('price/opening') * 2");
}

TEST_F(WaitingVersionsTest, ServedVersionsMayReadWhatTheSameImportBringsBack) {
  ASSERT_OK(Import({Derived("a_reads", "metric('price/opening') * 2")}));
  ASSERT_OK(Import({Derived("a_reads", "metric('price/opening') * 4")}));
  ASSERT_OK(editor_.Delete(project_, "price/a_reads", {}, {}));
  ASSERT_OK(editor_.Delete(project_, "price/opening", {}, {}));
  EXPECT_THAT(Lines(Import({Derived("a_reads", "metric('price/opening') * 4"), OpeningFile()})),
              ElementsAre("metric price/a_reads restored 2", "metric price/opening restored 1"));
}

}  // namespace
}  // namespace metricstore::registry
