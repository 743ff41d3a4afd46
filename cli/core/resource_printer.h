// What list and show commands have in common: pages to one table, one thing in each format.
#pragma once

#include <google/protobuf/message.h>

#include <utility>

#include "cli/core/invocation.h"
#include "cli/core/paging.h"
#include "cli/messages/proto_text.h"
#include "cli/output/error_printer.h"
#include "cli/output/field_printer.h"
#include "cli/output/table_printer.h"

namespace metricstore::cli {

// Adds a row to `table` for every item of every page: items(page) are the items, row(item) the
// cells. Errors as ForEachPage.
template <typename Stub, typename Request, typename Response, typename ItemsOf, typename RowOf>
absl::Status CollectRows(Connection& connection,
                         grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                      Response*),
                         Request request, const ItemsOf& items, const RowOf& row, Table& table) {
  return ForEachPage(connection, method, std::move(request), [&](const Response& page) {
    for (const auto& item : items(page)) table.rows.push_back(row(item));
  });
}

// A whole list command: every page's items as rows of a table with these columns.
template <typename Stub, typename Request, typename Response, typename ItemsOf, typename RowOf>
absl::StatusOr<int> PrintList(Invocation& invocation,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              Request request, std::vector<TableColumn> columns,
                              const ItemsOf& items, const RowOf& row) {
  Table table{std::move(columns), {}};
  RETURN_IF_ERROR(
      CollectRows(invocation.connection, method, std::move(request), items, row, table));
  PrintTable(table, invocation.format, invocation.terminal.out);
  return kExitOk;
}

// One thing as people see it: fields in sections, and a table of its parts where it has some.
struct ResourceView {
  std::vector<FieldSection> sections;  // one without a title: plain fields
  Table parts;                         // without columns: none
  Table csv;                           // without columns: the parts, else field and value
};

// Prints `message` for JSON, the view for the others.
void PrintResource(const Invocation& invocation, const google::protobuf::Message& message,
                   const ResourceView& view);

}  // namespace metricstore::cli
