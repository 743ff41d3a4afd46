// Where in an expression a reference stands that leads nowhere, or back to its reader.

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

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

std::string Reading(const std::string& name, const std::string& expression) {
  return absl::StrCat("- name: ", name, "\n  description: d\n  type: derived\n  grain: day\n",
                      "  expression: \"", expression, "\"\n");
}

// Checks one file of metrics of category m over a store that has m/total, m/mean (which reads
// m/total and m/a) and a deleted m/gone.
absl::Status CheckFile(const std::string& yaml) {
  StoredDefinitions stored = Ground();
  stored.summaries["m/total"] = {};
  stored.summaries["m/mean"] = {{"m/total", "m/a"}, {}, ""};
  stored.metrics["m/gone"].deleted = true;
  Faults faults;
  const std::vector<DefinitionFile> files = {{"m/file.yaml", yaml}};
  Definitions definitions = ReadDefinitions(files, faults);
  CheckDefinitions(definitions, stored, faults);
  return faults.ToStatus();
}

TEST(ReferencePositions, OfWhatIsNotThere) {
  const absl::Status status =
      CheckFile(Reading("a", "metric('m/total') / nullif(metric('m/totl'), 0)"));
  EXPECT_THAT(status, testing::StatusIs(kInvalid, "METRIC_NOT_FOUND"));
  EXPECT_THAT(status, testing::HasMetadata("position", "35"));
  EXPECT_THAT(status, testing::HasMetadata("field", "expression"));
  EXPECT_THAT(status, testing::HasMetadata("suggestion", "m/total"));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("expression: position 35: there is no metric \"m/totl\"; did you mean "
                        "\"m/total\"?"));
}

TEST(ReferencePositions, AreThoseOfCharactersAsTheyWereWritten) {
  // A text that looks like a reference is none, and neither bytes nor a reserved word move them.
  EXPECT_THAT(CheckFile(Reading("a",
                                "CASE WHEN 'é metric(''m/no'')' = 'x' THEN 1 ELSE "
                                "metric('m/total', offset => '1 day') + METRIC('m/no') END")),
              testing::HasMetadata("position", "96"));
  // The first of several.
  EXPECT_THAT(CheckFile(Reading("a", "metric('m/no', '1 day') + metric('m/no')")),
              testing::HasMetadata("position", "8"));
}

TEST(ReferencePositions, OfEachReferenceThatLeadsNowhere) {
  const absl::Status status =
      CheckFile(Reading("a", "metric('m/one') + metric('m/zzzz')") + Reading("b", "metric('m/q')"));
  const auto details = status::DetailsOf(status);
  ASSERT_TRUE(details.has_value());
  std::vector<std::string> told;
  for (const auto& violation : details->violations) {
    told.push_back(absl::StrCat(violation.field, " ", violation.description.substr(0, 24)));
  }
  EXPECT_THAT(told, ElementsAre("m/file.yaml:5 expression: position 8: ",
                                "m/file.yaml:5 expression: position 26:",
                                "m/file.yaml:10 expression: position 8: "));
}

TEST(ReferencePositions, OfWhatWasDeleted) {
  const absl::Status status = CheckFile(Reading("a", "1 + metric('m/gone')"));
  EXPECT_THAT(status, testing::StatusIs(kInvalid, "METRIC_NOT_FOUND"));
  EXPECT_THAT(status, testing::HasMetadata("position", "12"));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("position 12: metric \"m/gone\" was deleted"));
}

TEST(ReferencePositions, OfAReferenceToItself) {
  const absl::Status status = CheckFile(Reading("a", "metric('m/total') + metric('m/a')"));
  EXPECT_THAT(status, testing::StatusIs(kInvalid, "DEPENDENCY_CYCLE"));
  EXPECT_THAT(status, testing::HasMetadata("cycle", "m/a -> m/a"));
  EXPECT_THAT(status, testing::HasMetadata("position", "28"));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("expression: position 28: metrics read each other in a circle: "
                        "m/a -> m/a"));
}

TEST(ReferencePositions, OfTheReferenceThatStartsACircle) {
  absl::Status status =
      CheckFile(Reading("a", "metric('m/total') + metric('m/b')") + Reading("b", "metric('m/a')"));
  EXPECT_THAT(status, testing::HasMetadata("cycle", "m/a -> m/b -> m/a"));
  EXPECT_THAT(status, testing::HasMetadata("position", "28"));
  // Through the store.
  status = CheckFile(Reading("a", "abs(metric('m/total')) + 2 * metric('m/mean')"));
  EXPECT_THAT(status, testing::HasMetadata("cycle", "m/a -> m/mean -> m/a"));
  EXPECT_THAT(status, testing::HasMetadata("position", "37"));
}

TEST(ReferencePositions, OfEditsToo) {
  Definitions definitions;
  MetricDefinition& metric = definitions.metrics.emplace_back().definition;
  metric.name = "a";
  metric.category = "m";
  metric.description = "d";
  metric.expression = "2 * metric('m/a')";
  StoredDefinitions stored = Ground();
  Faults faults;
  CheckDefinitions(definitions, stored, faults);
  const absl::Status status = faults.ToStatus();
  EXPECT_THAT(status, testing::StatusIs(kInvalid, "DEPENDENCY_CYCLE"));
  EXPECT_THAT(status, testing::ViolatesField("metric.expression"));
  EXPECT_THAT(status, testing::HasMetadata("position", "12"));
}

}  // namespace
}  // namespace metricstore::registry
