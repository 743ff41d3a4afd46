#include "tests/unit/common_expression/select_tables.h"

#include <map>
#include <string>

namespace metricstore::expression {
namespace {

using columns::ColumnType;

const Schema* FindTable(std::string_view name) {
  static const auto* const kTables = new std::map<std::string, Schema, std::less<>>{
      {"bars",
       {{"symbol", ColumnType::kText},
        {"ts", ColumnType::kTimestamp},
        {"open"},
        {"close"},
        {"volume", ColumnType::kInt64}}},
      {"plans", {{"plan_id", ColumnType::kText}, {"title", ColumnType::kText}}},
      {"subs",
       {{"user_id", ColumnType::kText},
        {"plan_id", ColumnType::kText},
        {"amount"},
        {"started_at", ColumnType::kTimestamp}}},
      {"users", {{"user_id", ColumnType::kText}, {"country", ColumnType::kText}}},
      {"odd", {{"Größe"}, {"order"}}}};
  const auto found = kTables->find(name);
  return found == kTables->end() ? nullptr : &found->second;
}

}  // namespace

const TableCatalog& TestTables() {
  static const auto* const kCatalog =
      new TableCatalog{.find = FindTable, .names = {"bars", "odd", "plans", "subs", "users"}};
  return *kCatalog;
}

}  // namespace metricstore::expression
