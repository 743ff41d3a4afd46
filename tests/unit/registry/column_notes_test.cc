// Notes on columns: `kind: columns`.

#include "registry_service/catalog/yaml/column_notes.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/registry/definition_reading.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ColumnNotes, NameTheirSourceOnceOrEach) {
  const Definitions definitions = ReadFile({"columns/fact_bars.yaml", R"(kind: columns
table: fact_bars
source: profiler
columns:
  - {name: close, description: Last price., confidence: 0.75}
  - {name: open, description: First price., source: ann}
)"});
  ASSERT_EQ(definitions.columns.size(), 1u);
  EXPECT_TRUE(definitions.metrics.empty());
  const ColumnNotes& notes = definitions.columns[0].definition;
  EXPECT_EQ(notes.table, "fact_bars");
  EXPECT_THAT(notes.columns, ElementsAre(ColumnNote{"close", "Last price.", 0.75, "profiler"},
                                         ColumnNote{"open", "First price.", std::nullopt, "ann"}));
  EXPECT_EQ(definitions.columns[0].LineOf("columns[1].name"), 6);
}

TEST(ColumnNotes, WithoutASourceAreOfTheImport) {
  const Definitions definitions = ReadFile(
      {"c.yaml", "kind: columns\ntable: fact_bars\ncolumns: [{name: close, description: d}]\n"});
  EXPECT_EQ(definitions.columns[0].definition.columns[0].source, "import");
}

struct Refusal {
  const char* name;
  std::string rest;  // from line 3
  std::string reason;
  int line;
  std::string text;
};

class ColumnNotesRefusal : public ::testing::TestWithParam<Refusal> {};

TEST_P(ColumnNotesRefusal, NamesReasonLineAndFix) {
  const Refusal& param = GetParam();
  const absl::Status status =
      ReadingStatus("c.yaml", absl::StrCat("kind: columns\ntable: fact_bars\n", param.rest));
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kInvalidArgument, param.reason));
  EXPECT_THAT(std::string(status.message()),
              ::testing::StartsWith(absl::StrCat("c.yaml:", param.line, ": ")));
  EXPECT_THAT(std::string(status.message()), HasSubstr(param.text));
}

INSTANTIATE_TEST_SUITE_P(
    Keys, ColumnNotesRefusal,
    ::testing::Values(
        Refusal{"NoColumns", "", "DEFINITION_INVALID", 1, "columns is required"},
        Refusal{"Nameless", "columns: [{description: d}]\n", "DEFINITION_INVALID", 3,
                "columns[0].name is required"},
        Refusal{"LongDescription",
                absl::StrCat("columns: [{name: a, description: ", std::string(4'097, 'x'), "}]\n"),
                "DEFINITION_INVALID", 3, "longer than 4096 bytes"},
        Refusal{"Confidence", "columns:\n  - {name: a, description: d, confidence: 2}\n",
                "DEFINITION_INVALID", 4, "from 0 to 1"},
        Refusal{"ConfidenceText", "columns: [{name: a, description: d, confidence: high}]\n",
                "DEFINITION_INVALID", 3, "must be a number"},
        Refusal{"OwnSource", "source: definition\ncolumns: [{name: a, description: d}]\n",
                "DEFINITION_INVALID", 3, "kept for"},
        Refusal{"LongSource",
                absl::StrCat("columns: [{name: a, description: d, source: ", std::string(201, 'x'),
                             "}]\n"),
                "DEFINITION_INVALID", 3, "longer than 200 bytes"},
        Refusal{"Twice", "columns:\n  - {name: a, description: d}\n  - {name: a, description: e}\n",
                "DEFINITION_INVALID", 5, "describe \"a\" twice"},
        Refusal{"UnknownKey", "columns:\n  - {name: a, desciption: d}\n", "KEY_UNKNOWN", 4,
                "did you mean \"description\"?"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ColumnNotes, OfOneTableComeOnceInAnImport) {
  const std::string yaml =
      "kind: columns\ntable: fact_bars\ncolumns: [{name: a, description: d}]\n";
  const std::vector<DefinitionFile> files = {{"a.yaml", yaml}, {"b.yaml", yaml}};
  Faults faults;
  EXPECT_EQ(ReadDefinitions(files, faults).columns.size(), 2u);
  EXPECT_THAT(faults.ToStatus(),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_DUPLICATE"));
  EXPECT_THAT(faults.ToStatus(), testing::ViolatesField("b.yaml:1"));
}

}  // namespace
}  // namespace metricstore::registry
