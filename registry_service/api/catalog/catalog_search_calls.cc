#include "registry_service/api/catalog/catalog_search_calls.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/page_token.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/catalog/encoded_reply.h"
#include "registry_service/api/catalog/metric_order.h"
#include "registry_service/api/request/page_request.h"
#include "registry_service/api/request/request_text.h"
#include "registry_service/catalog/definition/excerpt.h"

namespace metricstore::registry {
namespace {

using api::AppendField;
using api::AppendMetric;
using api::ComesAfter;
using api::kPageBytes;
using api::PageRequest;
using api::ReadPageRequest;

constexpr size_t kMaxQueryBytes = 200;
constexpr int kUsualHits = 20;
constexpr int kMostHits = 100;
constexpr size_t kMostSynonyms = 100;
constexpr size_t kMaxSynonymBytes = 1024;
constexpr int kUsualMetrics = 100;
constexpr int kMostMetrics = 1000;
constexpr int kUsualTables = 100;
constexpr int kMostTables = 1000;
// Shorter words, and larger catalogues, take a search longer than a thread that serves connections
// has.
constexpr size_t kShortestWordFromMemory = 3;
constexpr size_t kLargestCatalogFromMemory = 20'000;
// Fields of SearchMetricsResponse and SearchHit; the metric is field 1.
constexpr int kHits = 1, kNextPageToken = 2, kTotalSize = 3;
constexpr int kScore = 2, kMatchedFields = 3;

absl::Status CheckQuery(const v1::SearchMetricsRequest& request) {
  RETURN_IF_ERROR(api::CheckRequiredText("query", request.query()));
  if (request.query().size() > kMaxQueryBytes) {
    return status::FieldInvalid("query", Excerpt(request.query()),
                                absl::StrCat("must be at most ", kMaxQueryBytes, " bytes"));
  }
  return api::CheckName("category", request.category());
}

// The place from which a page goes on.
absl::StatusOr<size_t> OffsetOf(const PageRequest& page) {
  int64_t offset = 0;
  if (page.after.empty() || (absl::SimpleAtoi(page.after, &offset) && offset > 0)) {
    return static_cast<size_t>(offset);
  }
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID",
                              "the page token is not one of this method")
      .Build();
}

void AppendHit(const SearchMatch& match, std::string& reply) {
  std::string hit;
  AppendMetric(*match.entry, hit);
  AppendField(kScore, match.score, hit);
  for (const std::string& field : match.fields) AppendField(kMatchedFields, field, hit);
  AppendField(kHits, hit, reply);
}

absl::Status SearchPageOf(const CatalogSnapshot& snapshot, const v1::SearchMetricsRequest& request,
                          std::string& reply) {
  RETURN_IF_ERROR(CheckQuery(request));
  const std::string scope = absl::StrCat("SearchMetrics/", request.project(), "/",
                                         request.category(), "/", request.query());
  ASSIGN_OR_RETURN(
      const PageRequest page,
      ReadPageRequest(scope, request.page_size(), request.page_token(), kUsualHits, kMostHits));
  ASSIGN_OR_RETURN(const size_t offset, OffsetOf(page));
  const SearchPage found =
      snapshot.Search(request.query(), request.category(), offset, static_cast<size_t>(page.size));
  size_t shown = 0;
  while (shown < found.matches.size() && reply.size() <= kPageBytes) {
    AppendHit(found.matches[shown++], reply);
  }
  if (shown > 0 && offset + shown < found.total) {
    AppendField(kNextPageToken, rpc::EncodePageToken(scope, {absl::StrCat(offset + shown)}), reply);
  }
  AppendField(kTotalSize, found.total, reply);
  return absl::OkStatus();
}

void Copy(const std::vector<std::string>& texts,
          google::protobuf::RepeatedPtrField<std::string>* proto) {
  proto->Assign(texts.begin(), texts.end());
}

void ToProto(const LineageNode& node, v1::LineageNode* proto) {
  proto->set_id(node.id);
  proto->set_version(node.version);
  Copy(node.tables, proto->mutable_tables());
  Copy(node.columns, proto->mutable_columns());
  Copy(node.upstream, proto->mutable_upstream());
  Copy(node.downstream, proto->mutable_downstream());
}

// The tables of the metric and of all that it is made from, directly or through others.
std::set<std::string> TablesBelow(const std::vector<LineageNode>& nodes) {
  std::map<std::string_view, const LineageNode*> by_id;
  for (const LineageNode& node : nodes) by_id[node.id] = &node;
  std::set<std::string> tables;
  std::set<std::string_view> reached = {nodes.front().id};
  std::vector<const LineageNode*> ahead = {&nodes.front()};
  while (!ahead.empty()) {
    const LineageNode& node = *ahead.back();
    ahead.pop_back();
    tables.insert(node.tables.begin(), node.tables.end());
    for (const std::string& upstream : node.upstream) {
      const auto found = by_id.find(upstream);
      if (found != by_id.end() && reached.insert(upstream).second) ahead.push_back(found->second);
    }
  }
  return tables;
}

}  // namespace

bool CatalogSearchCalls::SearchFromMemory(const v1::SearchMetricsRequest& request,
                                          std::string& reply) const {
  const std::string_view query = request.query();
  const size_t last_word = query.find_last_of(' ') + 1;  // 0 for one word
  if (query.size() - last_word < kShortestWordFromMemory) return false;
  const CatalogSnapshotPtr snapshot = catalogs_.Peek(request.project());
  return snapshot != nullptr && snapshot->All().size() <= kLargestCatalogFromMemory &&
         SearchPageOf(*snapshot, request, reply).ok();
}

absl::Status CatalogSearchCalls::Search(const rpc::CallContext& call,
                                        const v1::SearchMetricsRequest& request,
                                        std::string& reply) const {
  RETURN_IF_ERROR(CheckQuery(request));
  ASSIGN_OR_RETURN(const OpenedCatalog catalog, catalogs_.Open(request.project(), call.bounds));
  return SearchPageOf(*catalog.snapshot, request, reply);
}

absl::Status CatalogSearchCalls::FindBySynonym(const rpc::CallContext& call,
                                               const v1::FindBySynonymRequest& request,
                                               std::string& reply) const {
  RETURN_IF_ERROR(api::CheckRequiredText("synonym", request.synonym()));
  if (request.synonym().size() > kMaxSynonymBytes) {
    return status::FieldInvalid("synonym", Excerpt(request.synonym()),
                                absl::StrCat("must be at most ", kMaxSynonymBytes, " bytes"));
  }
  ASSIGN_OR_RETURN(const OpenedCatalog catalog, catalogs_.Open(request.project(), call.bounds));
  const auto found = catalog.snapshot->FindSynonym(request.synonym());
  for (size_t i = 0; i < std::min(found.size(), kMostSynonyms) && reply.size() < kPageBytes; ++i) {
    AppendMetric(*found[i], reply);
  }
  return absl::OkStatus();
}

absl::Status CatalogSearchCalls::FindByTable(const rpc::CallContext& call,
                                             const v1::FindByTableRequest& request,
                                             std::string& reply) const {
  RETURN_IF_ERROR(api::CheckRequiredName("table", request.table()));
  const std::string scope = absl::StrCat("FindByTable/", request.project(), "/", request.table());
  ASSIGN_OR_RETURN(const PageRequest page,
                   ReadPageRequest(scope, request.page_size(), request.page_token(), kUsualMetrics,
                                   kMostMetrics));
  ASSIGN_OR_RETURN(const OpenedCatalog catalog, catalogs_.Open(request.project(), call.bounds));
  const auto found = catalog.snapshot->TableMap().find(request.table());
  if (found == catalog.snapshot->TableMap().end()) return absl::OkStatus();
  const std::vector<CatalogEntryPtr>& readers = found->second;
  auto next = page.after.empty()
                  ? readers.begin()
                  : std::upper_bound(readers.begin(), readers.end(), page.after, ComesAfter);
  for (int64_t listed = 0; next != readers.end(); ++next, ++listed) {
    if (listed == page.size || reply.size() > kPageBytes) {
      const std::string last = (*std::prev(next))->active.id();
      AppendField(kNextPageToken, rpc::EncodePageToken(scope, {last}), reply);
      break;
    }
    AppendMetric(**next, reply);
  }
  return absl::OkStatus();
}

absl::Status CatalogSearchCalls::TableMap(const rpc::CallContext& call,
                                          const v1::GetTableMapRequest& request,
                                          v1::GetTableMapResponse& response) const {
  const std::string scope = absl::StrCat("GetTableMap/", request.project());
  ASSIGN_OR_RETURN(
      const PageRequest page,
      ReadPageRequest(scope, request.page_size(), request.page_token(), kUsualTables, kMostTables));
  ASSIGN_OR_RETURN(const OpenedCatalog catalog, catalogs_.Open(request.project(), call.bounds));
  const auto& map = catalog.snapshot->TableMap();
  size_t bytes = 0;
  for (auto table = map.upper_bound(page.after); table != map.end(); ++table) {
    if (response.tables_size() == page.size || bytes > kPageBytes) {
      response.set_next_page_token(
          rpc::EncodePageToken(scope, {response.tables().rbegin()->table()}));
      break;
    }
    v1::TableUse* added = response.add_tables();
    added->set_table(table->first);
    for (const CatalogEntryPtr& metric : table->second) added->add_metrics(metric->active.id());
    bytes += added->ByteSizeLong();
  }
  return absl::OkStatus();
}

absl::Status CatalogSearchCalls::Lineage(const rpc::CallContext& call,
                                         const v1::GetLineageRequest& request,
                                         v1::GetLineageResponse& response) const {
  RETURN_IF_ERROR(api::CheckMetricName("name", request.name()));
  ASSIGN_OR_RETURN(OpenedCatalog catalog, catalogs_.Open(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const CatalogEntryPtr entry,
                   catalogs_.Resolve(catalog, request.name(), call.bounds));
  const std::vector<LineageNode> nodes = catalog.snapshot->Lineage(entry->active.id());
  if (nodes.empty()) return absl::OkStatus();
  size_t bytes = 0;
  for (const LineageNode& node : nodes) {
    ToProto(node, response.add_nodes());
    bytes += response.nodes().rbegin()->ByteSizeLong();
  }
  for (const std::string& table : TablesBelow(nodes)) response.add_tables(table);
  if (bytes <= kPageBytes) return absl::OkStatus();
  return status::ErrorBuilder(absl::StatusCode::kResourceExhausted, "TOO_LARGE",
                              "the lineage is larger than a message may be")
      .Metadata("limit_bytes", absl::StrCat(api::kMaxReplyBytes))
      .Build();
}

}  // namespace metricstore::registry
