#include "tests/benchmark/catalog_requests.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/rpc/client.h"
#include "common/status/macros.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::bench {
namespace {

namespace v1 = registry::v1;

constexpr char kService[] = "/metricstore.registry.v1.CatalogService/";
constexpr int kLargestPage = 1000;

// All pages of that size.
absl::StatusOr<std::vector<v1::ListMetricsResponse>> ReadPages(const std::string& address,
                                                               int page_size) {
  const auto stub = v1::CatalogService::NewStub(rpc::MakeChannel(address, {}));
  std::vector<v1::ListMetricsResponse> pages;
  v1::ListMetricsRequest request;
  request.set_page_size(page_size);
  do {
    grpc::ClientContext context;
    RETURN_IF_ERROR(rpc::FromGrpc(stub->ListMetrics(&context, request, &pages.emplace_back())));
    request.set_page_token(pages.back().next_page_token());
  } while (!request.page_token().empty());
  if (pages.front().metrics().empty()) return absl::NotFoundError("the catalogue is empty");
  return pages;
}

absl::StatusOr<CatalogRequests> GetRequests(const std::string& address) {
  CatalogRequests made{.path = absl::StrCat(kService, "GetMetric"), .requests = {}};
  ASSIGN_OR_RETURN(const auto pages, ReadPages(address, kLargestPage));
  for (const v1::ListMetricsResponse& page : pages) {
    for (const v1::Metric& metric : page.metrics()) {
      v1::GetMetricRequest request;
      request.set_name(metric.id());
      made.requests.push_back(request.SerializeAsString());
    }
  }
  return made;
}

absl::StatusOr<CatalogRequests> ListRequests(const std::string& address, int page_size) {
  CatalogRequests made{.path = absl::StrCat(kService, "ListMetrics"), .requests = {}};
  ASSIGN_OR_RETURN(const auto pages, ReadPages(address, page_size));
  v1::ListMetricsRequest request;
  request.set_page_size(page_size);
  for (const v1::ListMetricsResponse& page : pages) {
    made.requests.push_back(request.SerializeAsString());
    request.set_page_token(page.next_page_token());
  }
  return made;
}

absl::StatusOr<CatalogRequests> SearchRequests(const std::string& address) {
  CatalogRequests made{.path = absl::StrCat(kService, "SearchMetrics"), .requests = {}};
  ASSIGN_OR_RETURN(const auto pages, ReadPages(address, kLargestPage));
  const auto add = [&](const std::string& query) {
    v1::SearchMetricsRequest request;
    request.set_query(query);
    made.requests.push_back(request.SerializeAsString());
  };
  for (const v1::ListMetricsResponse& page : pages) {
    for (int i = 0; i < page.metrics_size(); i += 10) {
      const std::vector<std::string> words =
          absl::StrSplit(page.metrics(i).display_name(), ' ', absl::SkipEmpty());
      if (words.empty()) continue;
      add(words.front());
      if (words.size() > 1) add(absl::StrCat(words.front(), " ", words.back()));
    }
  }
  return made;
}

}  // namespace

absl::StatusOr<CatalogRequests> MakeRequests(const std::string& address, const std::string& method,
                                             int page_size) {
  if (method == "get") return GetRequests(address);
  if (method == "list") return ListRequests(address, page_size);
  if (method == "search") return SearchRequests(address);
  return absl::InvalidArgumentError(absl::StrCat("there is no load of method ", method));
}

}  // namespace metricstore::bench
