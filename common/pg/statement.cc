#include "common/pg/statement.h"

namespace metricstore::pg {
namespace {

std::string Quoted(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) {
    if (c == quote) quoted.push_back(c);
    quoted.push_back(c);
  }
  quoted.push_back(quote);
  return quoted;
}

}  // namespace

std::string QuoteIdentifier(std::string_view name) { return Quoted(name, '"'); }

std::string QuoteLiteral(std::string_view text) {
  if (text.find('\\') == std::string_view::npos) return Quoted(text, '\'');
  std::string doubled;
  for (const char c : text) {
    if (c == '\\') doubled.push_back(c);
    doubled.push_back(c);
  }
  return "E" + Quoted(doubled, '\'');
}

}  // namespace metricstore::pg
