// From the text of an expression to the tree of its value.

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/columns/utf8.h"
#include "common/expression/grammar.h"
#include "common/expression/parse_tree.h"
#include "common/expression/syntax.h"
#include "common/status/macros.h"

namespace metricstore::expression {
namespace {

using nlohmann::json;

// What may stand in the statement beside its one target.
absl::Status CheckStatement(std::string_view text, const json& tree) {
  const json& statements = tree.at("stmts");
  if (statements.size() != 1) {
    const size_t second = statements.at(1).value("stmt_location", kStatementPrefix.size());
    return ErrorAt(text, second - kStatementPrefix.size(),
                   "one expression is wanted, found several statements");
  }
  const json& select = statements[0].at("stmt").at("SelectStmt");
  for (auto part = select.begin(); part != select.end(); ++part) {
    const std::string& key = part.key();
    if (key == "limitOption" || key == "targetList") continue;
    if (key == "op" && part.value() == "SETOP_NONE") continue;
    const size_t location = FirstLocation(part.value()).value_or(kStatementPrefix.size());
    return ErrorAt(text, std::max(location, kStatementPrefix.size()) - kStatementPrefix.size(),
                   "an expression is wanted, not a query");
  }
  if (!select.contains("targetList")) return ErrorAt(text, 0, "the expression is empty");
  const json& targets = select["targetList"];
  if (targets.size() != 1) {
    return ErrorAt(text, OffsetOf(targets[1].at("ResTarget")),
                   "one expression is wanted, found several");
  }
  const json& target = targets[0].at("ResTarget");
  if (target.contains("name")) {
    return ErrorAt(
        text, OffsetOf(target),
        absl::StrCat("unexpected name \"", target.value("name", ""), "\" after the expression"));
  }
  return absl::OkStatus();
}

// OFFSET is a reserved word, so that its use as an argument's name needs quotes.
bool IsUnquotedOffset(std::string_view rest) {
  constexpr std::string_view kWord = "offset";
  if (!absl::EqualsIgnoreCase(std::string(rest.substr(0, kWord.size())), std::string(kWord))) {
    return false;
  }
  rest.remove_prefix(kWord.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
  return rest.starts_with("=>") || rest.starts_with(":=");
}

absl::Status RefuseFault(std::string_view text, const GrammarFault& fault) {
  const size_t at = std::max(fault.offset, kStatementPrefix.size()) - kStatementPrefix.size();
  if (!IsUnquotedOffset(text.substr(std::min(at, text.size())))) {
    return ErrorAt(text, at, fault.message);
  }
  return ErrorAt(text, at,
                 "offset is a reserved word of the grammar: write metric('category/name', "
                 "\"offset\" => '1 month') or metric('category/name', '1 month')",
                 "\"offset\"");
}

}  // namespace

absl::StatusOr<SyntaxNode> ParseSyntax(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return ErrorAt(text, kMaxTextBytes,
                   absl::StrCat("the expression is longer than ", kMaxTextBytes, " bytes"));
  }
  if (!columns::IsStorableText(text)) {
    return ErrorAt(text, 0, "the expression is not UTF-8 text or holds NUL");
  }
  const std::string query = absl::StrCat(std::string(kStatementPrefix), std::string(text));
  const GrammarTree parsed = ParseGrammar(query);
  if (parsed.fault.has_value()) return RefuseFault(text, *parsed.fault);
  try {
    const json tree = json::parse(parsed.json);
    RETURN_IF_ERROR(CheckStatement(text, tree));
    const json& target = tree["stmts"][0]["stmt"]["SelectStmt"]["targetList"][0]["ResTarget"];
    return ConvertTree(text, target.at("val"));
  } catch (const json::exception&) {  // a shape that this file does not know
    return ErrorAt(text, 0, RefusalOf(""));
  }
}

}  // namespace metricstore::expression
