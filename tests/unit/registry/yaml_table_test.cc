// Which files are YAML that definitions are read from.

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/unit/registry/definition_cases.h"

namespace metricstore::registry {
namespace {

class YamlTable : public ::testing::TestWithParam<Case> {};

TEST_P(YamlTable, IsAcceptedOrRefusedWithReasonAndPlace) { ExpectOutcome(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Yaml, YamlTable,
    ::testing::Values(
        Case{"Plain", Metric(), ""},
        Case{"Crlf",
             "name: a\r\ndescription: d\r\ntype: sum\r\n"
             "grain: day\r\ntable: fact_bars\r\n"
             "expression: sum(volume)\r\n",
             ""},
        Case{"Bom", absl::StrCat("\xEF\xBB\xBF", Metric()), ""},
        Case{"EmptyFile", "", "YAML_INVALID", 1, "defines nothing"},
        Case{"OnlyComment", "# nothing\n", "YAML_INVALID", 1, "defines nothing"},
        Case{"EmptyList", "[]", "YAML_INVALID", 1, "defines nothing"},
        Case{"PlainText", "hello", "YAML_INVALID", 1, "plain text"},
        Case{"Syntax", "name: a\ntype: [sum\ngrain: day\n", "YAML_INVALID", 3, "column"},
        // Expressions that YAML does not read as one text.
        Case{"QuoteFirst", Metric("expression", "'100' || max(symbol)"), "YAML_INVALID", 7,
             ": put the whole expression in quotes, or write it after |"},
        Case{"QuoteAndMore", Metric("expression", "'A' = max(symbol)"), "YAML_INVALID", 7,
             ": put the whole expression in quotes, or write it after |"},
        Case{"ColonInside", Metric("expression", "string_agg(symbol, ': ')"), "YAML_INVALID", 7,
             "illegal map value: put the whole expression in quotes, or write it after |"},
        Case{"MinusFirst", Metric("expression", "- sum(volume)"), "YAML_INVALID", 7,
             "illegal block entry: put the whole expression in quotes, or write it after |"},
        Case{"ColonInSql", Metric("sql", "SELECT ': '"), "YAML_INVALID", 8,
             "put the whole expression in quotes"},
        Case{"ColonInVariant", Metric("sql_by_venue", "SELECT ': '"), "YAML_INVALID", 8,
             "put the whole expression in quotes"},
        Case{"ColonInFilter", Metric("filters", "\n  - symbol <> ': '"), "DEFINITION_INVALID", 9,
             "filters[0] must be a text: one with \": \" in it stands in quotes"},
        Case{"QuotesInFilters", Metric("filters", "[symbol IN ('a', 'b')]"), "YAML_INVALID", 8,
             "end of sequence flow not found: a comma in [ ] separates filters: write them as "
             "lines with - or in quotes"},
        Case{"UnclosedFilters", absl::StrCat(Metric("filters", "[volume > 0"), "owner: a\n"),
             "YAML_INVALID", 9, "a comma in [ ] separates filters"},
        Case{"CommaInFilters", Metric("filters", "[volume > 0, coalesce(close, 0) > 0]"),
             "DEFINITION_INVALID", 8,
             "filters[1] is \"coalesce(close\": a comma in [ ] separates filters: write them as "
             "lines with - or in quotes"},
        Case{"CommasInFilters", Metric("filters", "[coalesce(close, open, 0) > 0]"),
             "DEFINITION_INVALID", 8, "filters[0] is"},
        Case{"CommaInQuotes", Metric("filters", "[symbol <> 'a,b']"), "DEFINITION_INVALID", 8,
             "filters[0] is \"symbol <> 'a\""},
        Case{"CommaInQuotedFilter", Metric("filters", "['coalesce(close, 0) > 0']"), ""},
        Case{"CommaInLines", Metric("filters", "\n  - coalesce(close, 0) > 0\n  - volume > 0"), ""},
        Case{"OpenFilter", Metric("filters", "[coalesce(close > 0]"), "EXPRESSION_INVALID", 8, ""},
        Case{"OtherUnclosedList", "synonyms: [a\nexpression: sum(a)\n", "YAML_INVALID", 2,
             "end of sequence flow not found"},
        Case{"OtherKey", Metric("notes", "'a' b"), "YAML_INVALID", 8, "end of map not found"},
        Case{"TabIndent", "name: a\nwindow:\n\tfirst: 30m\n", "YAML_INVALID", 3, "column"},
        Case{"InvalidUtf8", "name: a\nnotes: \xff\xfe\n", "YAML_INVALID", 2, "UTF-8"},
        Case{"NulCharacter", Metric("notes", "\"a\\0b\""), "YAML_INVALID", 8, "U+0000"},
        Case{"NulByte", absl::StrCat(Metric("notes", "a"), std::string("b: \0", 4)), "YAML_INVALID",
             9, "U+0000"},
        Case{"ControlCharacter", Metric("notes", "a\x07z"), "YAML_INVALID", 8,
             "column 9: the line holds the control character U+0007"},
        Case{"EscapedControlCharacter", Metric("notes", "\"a\\x1bz\""), "YAML_INVALID", 8,
             "U+001B"},
        Case{"EndOfTransmission", Metric("notes", "a\x04z"), "YAML_INVALID", 8, "U+0004"},
        Case{"Delete", Metric("notes", "a\x7fz"), "YAML_INVALID", 8, "U+007F"},
        Case{"NextLine", Metric("notes", "a\xC2\x85z"), "YAML_INVALID", 8, "U+0085"},
        Case{"LoneCarriageReturn", Metric("notes", "a\rz"), "YAML_INVALID", 8, "U+000D"},
        Case{"Noncharacter", Metric("notes", "a\xEF\xBF\xBEz"), "YAML_INVALID", 8, "U+FFFE"},
        Case{"TabsAndOtherScripts", Metric("notes", "\"a\tb \xE6\x97\xA5 \xF0\x9F\x98\x80\""), ""},
        Case{"KeyTwice", absl::StrCat(Metric(), "type: sum\n"), "YAML_INVALID", 8,
             "\"type\" is given twice"},
        Case{"Alias", absl::StrCat(Metric("notes", "&n text"), "owner: *n\n"), "YAML_INVALID", 9,
             "aliases"},
        Case{"Tag", Metric("notes", "!!binary aGk="), "YAML_INVALID", 8, "tags"},
        Case{"TwoDocuments", absl::StrCat(Metric(), "---\nname: b\n"), "YAML_INVALID", 9,
             "second document"},
        Case{"TooDeep", absl::StrCat("name: ", std::string(40, '['), std::string(40, ']')),
             "YAML_INVALID", 1, "nested deeper"},
        Case{"ListOfText", "- hello\n", "DEFINITION_INVALID", 1, "mapping"}),
    CaseName);

}  // namespace
}  // namespace metricstore::registry
