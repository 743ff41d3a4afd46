// Walks through every page of a list method.
#pragma once

#include "cli/core/connection.h"

namespace metricstore::cli {

// Calls `method` until the last page, and `on_page` (a function of const Response&) for each.
// Errors as Connection::Call.
template <typename Stub, typename Request, typename Response, typename OnPage>
absl::Status ForEachPage(Connection& connection,
                         grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                      Response*),
                         Request request, const OnPage& on_page) {
  request.set_project(connection.project());
  do {
    ASSIGN_OR_RETURN(const Response page, connection.Call(Peer::kRegistry, method, request));
    on_page(page);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

}  // namespace metricstore::cli
