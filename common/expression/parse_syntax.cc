// From the text of an expression to the tree of its value.

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/columns/utf8.h"
#include "common/expression/grammar.h"
#include "common/expression/offset_argument.h"
#include "common/expression/parse_tree.h"
#include "common/expression/syntax.h"
#include "common/expression/tokens.h"
#include "common/status/macros.h"

namespace metricstore::expression {
namespace {

using nlohmann::json;

constexpr char kNoQuery[] =
    "an expression is wanted, not a query: a whole SELECT is the metric's `sql`";

// Whether the parser stopped at the first word, and that begins a query.
bool IsQuery(std::string_view text, size_t fault) {
  const std::string rest(text.substr(std::min(fault, text.size()), 6));
  const bool starts_query =
      absl::StartsWithIgnoreCase(rest, "select") || absl::StartsWithIgnoreCase(rest, "with");
  if (!starts_query) return false;
  const auto before = ScanTokens(std::string(text.substr(0, fault)));
  return before.has_value() && std::all_of(before->begin(), before->end(), [](const Token& token) {
           return token.kind == TokenKind::kComment;
         });
}

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
                   kNoQuery);
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
  const QuotedOffsets quoted(query);
  const GrammarTree parsed = ParseGrammar(quoted.statement());
  if (parsed.fault.has_value()) {
    const size_t place = quoted.OriginalPlace(parsed.fault->offset);
    const size_t offset = std::max(place, kStatementPrefix.size()) - kStatementPrefix.size();
    return ErrorAt(text, offset, IsQuery(text, offset) ? kNoQuery : parsed.fault->message);
  }
  try {
    json tree = json::parse(parsed.json);
    quoted.RestorePlaces(&tree);
    RETURN_IF_ERROR(CheckStatement(text, tree));
    const json& target = tree["stmts"][0]["stmt"]["SelectStmt"]["targetList"][0]["ResTarget"];
    return ConvertTree(text, target.at("val"));
  } catch (const json::exception&) {  // a shape that this file does not know
    return ErrorAt(text, 0, RefusalOf(""));
  }
}

}  // namespace metricstore::expression
