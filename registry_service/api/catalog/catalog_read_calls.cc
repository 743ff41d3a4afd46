#include "registry_service/api/catalog/catalog_read_calls.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/page_token.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/catalog/encoded_reply.h"
#include "registry_service/api/catalog/metric_conversion.h"
#include "registry_service/api/catalog/metric_order.h"
#include "registry_service/api/request/page_request.h"
#include "registry_service/api/request/request_text.h"
#include "registry_service/catalog/view/metric_filter.h"

namespace metricstore::registry {
namespace {

using api::AppendField;
using api::AppendMetric;
using api::CheckMetricName;
using api::CheckName;
using api::ComesAfter;
using api::EncodeMetric;
using api::kMaxReplyBytes;
using api::kPageBytes;
using api::PageRequest;
using api::ReadPageRequest;

constexpr int kUsualPage = 100;
constexpr int kLargestPage = 1000;
// Pages above it take longer than a thread that serves connections has.
constexpr int kLargestPageFromMemory = 200;
constexpr int kLargestBatch = 1000;
// Fields of replies; metrics are field 1 of each.
constexpr int kNextPageToken = 2;
constexpr int kTotalSize = 3;

absl::Status CheckVersion(const std::string& field, int version) {
  if (version >= 0) return absl::OkStatus();
  return status::FieldInvalid(field, absl::StrCat(version), "must be from 1, or 0 for the active");
}

// The version that was asked for, if memory has it.
const MetricDefinition* VersionInMemory(const CatalogEntry& entry, int version) {
  if (version == 0 || version == entry.active.version) return &entry.active;
  if (entry.pending != nullptr && version == entry.pending->version) return entry.pending.get();
  return nullptr;
}

void AppendVersion(const CatalogEntry& entry, const MetricDefinition& version, std::string& reply) {
  if (&version == &entry.active) {
    AppendMetric(entry, reply);
  } else {
    reply.append(EncodeMetric(version));
  }
}

// Index of the first metric whose id is greater than `key`.
size_t FirstAfter(const CatalogSnapshot& snapshot, const std::string& key) {
  const auto& all = snapshot.All();
  return static_cast<size_t>(std::upper_bound(all.begin(), all.end(), key, ComesAfter) -
                             all.begin());
}

// The metrics of a category, or all, as a half-open range of indexes.
std::pair<size_t, size_t> RangeOf(const CatalogSnapshot& snapshot, const std::string& category) {
  if (category.empty()) return {0, snapshot.All().size()};
  // Ids are "category/name", and '0' follows '/'.
  return {FirstAfter(snapshot, category + "/"), FirstAfter(snapshot, category + "0")};
}

std::string ListScope(const v1::ListMetricsRequest& request) {
  return absl::StrCat("ListMetrics/", request.project(), "/", request.category(), "/",
                      request.show_deleted() ? "all/" : "/", request.filter());
}

absl::Status ReplyTooLarge() {
  return status::ErrorBuilder(absl::StatusCode::kResourceExhausted, "TOO_LARGE",
                              "the reply would be larger than a message may be; ask for less")
      .Metadata("limit_bytes", absl::StrCat(kMaxReplyBytes))
      .Build();
}

absl::StatusOr<std::vector<MetricName>> ReadNames(const v1::BatchGetMetricsRequest& request) {
  if (request.metrics().empty()) return status::FieldRequired("metrics");
  if (request.metrics_size() > kLargestBatch) {
    return status::FieldInvalid("metrics", absl::StrCat(request.metrics_size()),
                                absl::StrCat("must be at most ", kLargestBatch));
  }
  std::vector<MetricName> names;
  for (int i = 0; i < request.metrics_size(); ++i) {
    const v1::MetricRef& metric = request.metrics(i);
    const std::string field = absl::StrCat("metrics[", i, "]");
    RETURN_IF_ERROR(CheckMetricName(absl::StrCat(field, ".id"), metric.id()));
    RETURN_IF_ERROR(CheckVersion(absl::StrCat(field, ".version"), metric.version()));
    names.push_back({metric.id(), metric.version()});
  }
  return names;
}

}  // namespace

struct CatalogReadCalls::LiveCounts {
  CatalogSnapshotPtr snapshot;
  std::vector<uint32_t> before;  // one more than there are metrics

  int64_t In(const std::pair<size_t, size_t>& range) const {
    return static_cast<int64_t>(before[range.second]) - before[range.first];
  }
};

std::shared_ptr<const CatalogReadCalls::LiveCounts> CatalogReadCalls::CountLive(
    const CatalogSnapshotPtr& snapshot) const {
  std::shared_ptr<const LiveCounts> last = live_counts_.load();
  if (last != nullptr && last->snapshot == snapshot) return last;
  auto counts = std::make_shared<LiveCounts>();
  counts->snapshot = snapshot;
  counts->before.reserve(snapshot->All().size() + 1);
  counts->before.push_back(0);
  for (const CatalogEntryPtr& entry : snapshot->All()) {
    counts->before.push_back(counts->before.back() + (entry->deleted() ? 0 : 1));
  }
  live_counts_.store(counts);
  return counts;
}

bool CatalogReadCalls::GetFromMemory(const v1::GetMetricRequest& request,
                                     std::string& reply) const {
  const CatalogSnapshotPtr snapshot = catalogs_.Peek(request.project());
  if (snapshot == nullptr) return false;
  CatalogEntryPtr entry;
  if (request.name().find('/') != std::string::npos) {
    entry = snapshot->FindId(request.name());
  } else if (auto found = snapshot->Resolve(request.name()); found.ok()) {
    entry = *std::move(found);
  }
  if (entry == nullptr) return false;
  const MetricDefinition* const version = VersionInMemory(*entry, request.version());
  if (version == nullptr) return false;
  AppendVersion(*entry, *version, reply);
  return true;
}

absl::Status CatalogReadCalls::Get(const rpc::CallContext& call,
                                   const v1::GetMetricRequest& request, std::string& reply) const {
  RETURN_IF_ERROR(CheckMetricName("name", request.name()));
  RETURN_IF_ERROR(CheckVersion("version", request.version()));
  ASSIGN_OR_RETURN(OpenedCatalog catalog, catalogs_.Open(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const CatalogEntryPtr entry,
                   catalogs_.Resolve(catalog, request.name(), call.bounds));
  if (const auto* version = VersionInMemory(*entry, request.version()); version != nullptr) {
    AppendVersion(*entry, *version, reply);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(
      const MetricDefinition metric,
      metrics_.Get(catalog.project_id, {entry->active.id(), request.version()}, call.bounds));
  reply.append(EncodeMetric(metric));
  return absl::OkStatus();
}

absl::Status CatalogReadCalls::BatchGet(const rpc::CallContext& call,
                                        const v1::BatchGetMetricsRequest& request,
                                        std::string& reply) const {
  ASSIGN_OR_RETURN(const std::vector<MetricName> names, ReadNames(request));
  ASSIGN_OR_RETURN(OpenedCatalog catalog, catalogs_.Open(request.project(), call.bounds));
  std::vector<CatalogEntryPtr> entries;
  std::vector<MetricName> elsewhere;
  for (const MetricName& name : names) {
    ASSIGN_OR_RETURN(CatalogEntryPtr entry, catalogs_.Resolve(catalog, name.name, call.bounds));
    if (VersionInMemory(*entry, name.version) == nullptr) {
      elsewhere.push_back({entry->active.id(), name.version});
    }
    entries.push_back(std::move(entry));
  }
  // Versions never change, so that those of the database fit whatever memory shows.
  std::vector<MetricDefinition> read;
  if (!elsewhere.empty()) {
    ASSIGN_OR_RETURN(read, metrics_.BatchGet(catalog.project_id, elsewhere, call.bounds));
  }
  auto next = read.begin();
  for (size_t i = 0; i < names.size(); ++i) {
    const MetricDefinition* const known = VersionInMemory(*entries[i], names[i].version);
    AppendVersion(*entries[i], known != nullptr ? *known : *next++, reply);
    if (reply.size() > kMaxReplyBytes) return ReplyTooLarge();
  }
  return absl::OkStatus();
}

absl::Status CatalogReadCalls::ListPage(const CatalogSnapshotPtr& snapshot,
                                        const v1::ListMetricsRequest& request,
                                        std::string& reply) const {
  RETURN_IF_ERROR(CheckName("category", request.category()));
  const std::string scope = ListScope(request);
  ASSIGN_OR_RETURN(
      const PageRequest page,
      ReadPageRequest(scope, request.page_size(), request.page_token(), kUsualPage, kLargestPage));
  ASSIGN_OR_RETURN(const MetricFilter filter, MetricFilter::Parse(request.filter()));
  const auto fits = [&](const CatalogEntry& entry) {
    return (request.show_deleted() || !entry.deleted()) &&
           (request.filter().empty() || filter.Matches(entry.active));
  };
  const std::pair<size_t, size_t> range = RangeOf(*snapshot, request.category());
  const auto& all = snapshot->All();
  const CatalogEntry* last = nullptr;
  int64_t listed = 0;
  bool more = false;
  size_t i =
      page.after.empty() ? range.first : std::max(range.first, FirstAfter(*snapshot, page.after));
  for (; i < range.second && !more; ++i) {
    if (!fits(*all[i])) continue;
    more = listed == page.size || reply.size() > kPageBytes;
    if (more) break;
    AppendMetric(*all[i], reply);
    last = all[i].get();
    ++listed;
  }
  if (more) AppendField(kNextPageToken, rpc::EncodePageToken(scope, {last->active.id()}), reply);
  int64_t total = 0;
  if (request.filter().empty()) {
    total = request.show_deleted() ? static_cast<int64_t>(range.second - range.first)
                                   : CountLive(snapshot)->In(range);
  } else {
    for (size_t k = range.first; k < range.second; ++k) total += fits(*all[k]) ? 1 : 0;
  }
  AppendField(kTotalSize, static_cast<size_t>(total), reply);
  return absl::OkStatus();
}

bool CatalogReadCalls::ListFromMemory(const v1::ListMetricsRequest& request,
                                      std::string& reply) const {
  if (!request.filter().empty() || request.page_size() > kLargestPageFromMemory) return false;
  const CatalogSnapshotPtr snapshot = catalogs_.Peek(request.project());
  return snapshot != nullptr && ListPage(snapshot, request, reply).ok();
}

absl::Status CatalogReadCalls::List(const rpc::CallContext& call,
                                    const v1::ListMetricsRequest& request,
                                    std::string& reply) const {
  ASSIGN_OR_RETURN(const OpenedCatalog catalog, catalogs_.Open(request.project(), call.bounds));
  return ListPage(catalog.snapshot, request, reply);
}

}  // namespace metricstore::registry
