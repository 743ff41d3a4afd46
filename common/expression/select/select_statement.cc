#include "common/expression/select_statement.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/columns/utf8.h"
#include "common/expression/grammar.h"
#include "common/expression/odd_characters.h"
#include "common/expression/select/form.h"
#include "common/expression/select/walker.h"
#include "common/expression/syntax.h"
#include "common/expression/tokens.h"
#include "common/status/macros.h"

namespace metricstore::expression {
namespace select {
namespace {

absl::Status CheckText(std::string_view text) {
  if (text.size() > kMaxSqlBytes) {
    return SqlErrorAt(text, kMaxSqlBytes,
                      absl::StrCat("the SELECT is longer than ", kMaxSqlBytes, " bytes"));
  }
  if (!columns::IsStorableText(text)) {
    return SqlErrorAt(text, 0, "the SELECT is not UTF-8 text or holds NUL");
  }
  if (const auto odd = FindOddCharacter(text)) return SqlErrorAt(text, odd->offset, odd->message);
  return absl::OkStatus();
}

// The body of the one SELECT that the tree must be.
absl::StatusOr<const json*> OnlySelect(std::string_view text, const json& tree) {
  const json& statements = ListPart(tree, "stmts");
  if (statements.empty()) return SqlErrorAt(text, 0, "the SELECT is empty");
  if (statements.size() > 1) {
    const size_t end = statements[1].value("stmt_location", size_t{0});
    return SqlErrorAt(text, std::min(text.find_first_not_of(" \t\r\n", end), text.size()),
                      "one SELECT is wanted, found several statements");
  }
  const json& statement = statements[0].at("stmt");
  const json* const select = Part(statement, "SelectStmt");
  if (select == nullptr) {
    return SqlErrorAt(text, statements[0].value("stmt_location", size_t{0}),
                      "only a SELECT is allowed");
  }
  return select;
}

// libpg_query's own printing where it keeps the meaning, otherwise the tokens as they stand: both
// read back to the same tree, so that equal texts mean the same.
std::string CanonicalSql(const std::string& query, const std::string& tree) {
  if (std::optional<std::string> printed = PrintGrammar(query); printed.has_value()) {
    const GrammarTree again = ParseGrammar(*printed);
    if (!again.fault.has_value() && EqualButForPlaces(tree, again.json)) return *printed;
  }
  return JoinTokens(query).value_or(query);
}

absl::StatusOr<SelectStatement> Check(const std::string& query, const GrammarTree& parsed,
                                      const TableCatalog& tables) {
  const json tree = json::parse(parsed.json);
  RETURN_IF_ERROR(CheckSize(query, tree));
  ASSIGN_OR_RETURN(const json* const select, OnlySelect(query, tree));
  Walker walker(query, tables);
  SelectStatement statement;
  ASSIGN_OR_RETURN(const Walker::Columns outputs, walker.Query(*select, nullptr, nullptr));
  for (const RowColumn& output : outputs) statement.outputs.push_back(output.name);
  statement.tables.assign(walker.tables().begin(), walker.tables().end());
  statement.columns.assign(walker.columns().begin(), walker.columns().end());
  statement.canonical_text = CanonicalSql(query, parsed.json);
  return statement;
}

}  // namespace
}  // namespace select

absl::StatusOr<SelectStatement> ParseSelect(std::string_view text, const TableCatalog& tables) {
  RETURN_IF_ERROR(select::CheckText(text));
  const std::string query(text);
  const GrammarTree parsed = ParseGrammar(query);
  if (parsed.fault.has_value()) {
    return SqlErrorAt(text, parsed.fault->offset, parsed.fault->message);
  }
  try {
    return select::Check(query, parsed, tables);
  } catch (const nlohmann::json::exception&) {  // a shape that the walker does not know
    return SqlErrorAt(text, 0, select::FormRefusal(""));
  }
}

}  // namespace metricstore::expression
