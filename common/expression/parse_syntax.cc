// From the text of an expression to the tree of its value.

#include <algorithm>
#include <span>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/columns/utf8.h"
#include "common/expression/catalog/foreign_names.h"
#include "common/expression/grammar.h"
#include "common/expression/odd_characters.h"
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

constexpr std::string_view kComparisons[] = {"=", "<", ">", "<=", ">=", "<>", "!="};
// What stands between conditions.
constexpr std::string_view kBorders[] = {",", "and", "or", "not", "when", "then", "else", "where"};

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

// Where the last word stands.
size_t StartOfLast(std::string_view text) {
  size_t start = 0;
  for (const Token& token : ScanTokens(std::string(text)).value_or(std::vector<Token>())) {
    const bool is_word = token.kind != TokenKind::kComment && token.kind != TokenKind::kSemicolon;
    if (is_word) start = token.start;
  }
  return start;
}

bool IsOneOf(std::string_view word, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [word](std::string_view each) {
    return absl::EqualsIgnoreCase(std::string(word), std::string(each));
  });
}

// What stands before `comparison` in the brackets that it is in, back to the comparison before it.
// The grammar reads close > 1 && open > 1 as close > (1 && open) > 1, and knows no chains.
absl::Status CheckComparison(std::string_view text, const std::vector<Token>& tokens,
                             size_t comparison) {
  int depth = 0;
  for (size_t i = comparison; i-- > 0 && depth >= 0;) {
    const std::string_view word = text.substr(tokens[i].start, tokens[i].end - tokens[i].start);
    if (word == ")" || word == "]") ++depth;
    if (word == "(" || word == "[") --depth;
    if (depth != 0) continue;
    const bool is_sign = word == "&&" || word == "||" || IsOneOf(word, kComparisons);
    const bool is_missing = is_sign && i + 1 == comparison;  // what should stand between the two
    if (is_missing || IsOneOf(word, kBorders)) break;
    if (word == "&&") {
      return ErrorAt(text, tokens[i].start, "there is no operator &&",
                     std::string(FormOfForeignOperator(word)));
    }
    if (word == "||") {
      return ErrorAt(text, tokens[i].start, "|| joins texts, and conditions are joined by OR",
                     "OR");
    }
    if (is_sign) {
      return ErrorAt(text, tokens[comparison].start,
                     "comparisons have two sides: join two of them by AND", "a < b AND b < c");
    }
  }
  return absl::OkStatus();
}

// A clearer refusal of a syntax error at a comparison.
absl::Status CheckComparisons(std::string_view text, size_t fault) {
  const auto tokens = ScanTokens(std::string(text));
  if (!tokens.has_value()) return absl::OkStatus();
  for (size_t i = 0; i < tokens->size(); ++i) {
    const Token& token = (*tokens)[i];
    if (token.start == fault && IsOneOf(text.substr(fault, token.end - fault), kComparisons)) {
      return CheckComparison(text, *tokens, i);
    }
  }
  return absl::OkStatus();
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
    const size_t offset = std::max(location, kStatementPrefix.size()) - kStatementPrefix.size();
    if (key != "whereClause") return ErrorAt(text, offset, kNoQuery);
    return ErrorAt(text, offset,
                   "a condition belongs in the aggregate, or in the metric's `filters`",
                   "sum(x) FILTER (WHERE ...)");
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
        text, StartOfLast(text),
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
  if (const auto odd = FindOddCharacter(text)) return ErrorAt(text, odd->offset, odd->message);
  const std::string query = absl::StrCat(std::string(kStatementPrefix), std::string(text));
  const QuotedOffsets quoted(query);
  const GrammarTree parsed = ParseGrammar(quoted.statement());
  if (parsed.fault.has_value()) {
    const size_t place = quoted.OriginalPlace(parsed.fault->offset);
    const size_t offset = std::max(place, kStatementPrefix.size()) - kStatementPrefix.size();
    if (IsQuery(text, offset)) return ErrorAt(text, offset, kNoQuery);
    RETURN_IF_ERROR(CheckComparisons(text, offset));
    return ErrorAt(text, offset, parsed.fault->message);
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
