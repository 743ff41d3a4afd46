#include "registry_service/api/catalog/catalog_export_calls.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/page_token.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/catalog/encoded_reply.h"
#include "registry_service/api/request/page_request.h"
#include "registry_service/catalog/view/metric_filter.h"
#include "registry_service/catalog/yaml/column_notes.h"
#include "registry_service/catalog/yaml/definition_export.h"

namespace metricstore::registry {
namespace {

constexpr int kUsualFiles = 200;
constexpr int kMostFiles = 1000;
// Of stores, read at once.
constexpr int64_t kReadAtOnce = 100;
constexpr int64_t kMostColumns = 10'000;

enum class Kind { kCalendars = 0, kDatasets = 1, kColumns = 2, kMetrics = 3 };

// What is told of a table's columns by someone else than its definition.
ColumnNotes NotesOf(const std::string& table, const std::vector<ColumnMetadata>& columns) {
  ColumnNotes notes{.table = table, .columns = {}};
  for (const ColumnMetadata& column : columns) {
    if (column.note.source != kDefinitionSource) notes.columns.push_back(column.note);
  }
  return notes;
}

std::string ScopeOf(const v1::ExportMetricsRequest& request) {
  return absl::StrCat("ExportMetrics/", request.project(), "/",
                      request.metrics_only() ? "metrics/" : "/", request.filter());
}

}  // namespace

// The files of a reply, and where they go on.
class CatalogExportCalls::Page {
 public:
  // PAGE_TOKEN_INVALID, FIELD_INVALID.
  static absl::StatusOr<Page> Begin(const v1::ExportMetricsRequest& request,
                                    v1::ExportMetricsResponse& response) {
    Page page(ScopeOf(request), response);
    ASSIGN_OR_RETURN(
        const api::PageRequest wanted,
        api::ReadPageRequest(page.scope_, request.page_size(), "", kUsualFiles, kMostFiles));
    page.size_ = wanted.size;
    ASSIGN_OR_RETURN(const std::vector<std::string> keys,
                     rpc::DecodePageToken(page.scope_, request.page_token()));
    page.first_ = {request.metrics_only() ? Kind::kMetrics : Kind::kCalendars, ""};
    if (keys.empty()) return page;
    int kind = 0;
    if (keys.size() != 2 || !absl::SimpleAtoi(keys[0], &kind) || kind < 0 || kind > 3) {
      return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID",
                                  "the page token is not one of this method")
          .Build();
    }
    page.first_ = {static_cast<Kind>(kind), keys[1]};
    return page;
  }

  bool Wants(Kind kind) const { return !full_ && kind >= first_.first; }
  // The name of that kind after which the page goes on.
  std::string After(Kind kind) const { return kind == first_.first ? first_.second : ""; }
  // False if the file belongs to the next page.
  bool Add(Kind kind, const std::string& name, DefinitionFile file) {
    if (response_.files_size() == size_ || bytes_ > api::kPageBytes) {
      full_ = true;
      response_.set_next_page_token(rpc::EncodePageToken(
          scope_, {absl::StrCat(static_cast<int>(last_.first)), last_.second}));
      return false;
    }
    bytes_ += file.content.size() + file.path.size();
    v1::DefinitionFile* added = response_.add_files();
    added->set_path(std::move(file.path));
    added->set_content(std::move(file.content));
    last_ = {kind, name};
    return true;
  }

 private:
  Page(std::string scope, v1::ExportMetricsResponse& response)
      : scope_(std::move(scope)), response_(response) {}

  const std::string scope_;
  v1::ExportMetricsResponse& response_;
  int64_t size_ = 0;
  std::pair<Kind, std::string> first_, last_;
  size_t bytes_ = 0;
  bool full_ = false;
};

absl::Status CatalogExportCalls::AddCalendars(const OpenedCatalog& catalog,
                                              const CallBounds& bounds, Page& page) const {
  std::string after = page.After(Kind::kCalendars);
  while (page.Wants(Kind::kCalendars)) {
    ASSIGN_OR_RETURN(const auto calendars,
                     calendars_.List(catalog.project_id, after, kReadAtOnce, bounds));
    if (calendars.empty()) break;
    for (const StoredCalendar& stored : calendars) {
      const calendar::CalendarSpec& spec = stored.calendar->spec();
      if (!page.Add(Kind::kCalendars, spec.name, ExportCalendar(spec))) break;
      after = spec.name;
    }
  }
  return absl::OkStatus();
}

absl::Status CatalogExportCalls::AddDatasets(const OpenedCatalog& catalog, const CallBounds& bounds,
                                             Page& page) const {
  std::string after = page.After(Kind::kDatasets);
  while (page.Wants(Kind::kDatasets)) {
    ASSIGN_OR_RETURN(const auto datasets,
                     datasets_.List(catalog.project_id, after, kReadAtOnce, bounds));
    if (datasets.empty()) break;
    for (const auto& dataset : datasets) {
      if (!page.Add(Kind::kDatasets, dataset->name, ExportDataset(*dataset))) break;
      after = dataset->name;
    }
  }
  return absl::OkStatus();
}

absl::Status CatalogExportCalls::AddColumns(const OpenedCatalog& catalog, const CallBounds& bounds,
                                            Page& page) const {
  std::string after = page.After(Kind::kColumns);
  while (page.Wants(Kind::kColumns)) {
    ASSIGN_OR_RETURN(const auto datasets,
                     datasets_.List(catalog.project_id, after, kReadAtOnce, bounds));
    if (datasets.empty()) break;
    for (const auto& dataset : datasets) {
      after = dataset->name;
      const auto columns =
          columns_.List(catalog.project_id, dataset->name, "", "", kMostColumns, bounds);
      if (absl::IsNotFound(columns.status())) continue;  // gone meanwhile
      RETURN_IF_ERROR(columns.status());
      const ColumnNotes notes = NotesOf(dataset->name, *columns);
      if (notes.columns.empty()) continue;
      if (!page.Add(Kind::kColumns, dataset->name, ExportColumnNotes(notes))) break;
    }
  }
  return absl::OkStatus();
}

absl::Status CatalogExportCalls::AddMetrics(const OpenedCatalog& catalog, const std::string& filter,
                                            Page& page) const {
  ASSIGN_OR_RETURN(const MetricFilter fits, MetricFilter::Parse(filter));
  if (!page.Wants(Kind::kMetrics)) return absl::OkStatus();
  const std::string after = page.After(Kind::kMetrics);
  for (const CatalogEntryPtr& entry : catalog.snapshot->All()) {
    if (entry->deleted() || !fits.Matches(entry->active)) continue;
    const std::string id = entry->active.id();
    if (id <= after) continue;
    if (!page.Add(Kind::kMetrics, id, ExportMetric(entry->latest()))) break;
  }
  return absl::OkStatus();
}

absl::Status CatalogExportCalls::Export(const rpc::CallContext& call,
                                        const v1::ExportMetricsRequest& request,
                                        v1::ExportMetricsResponse& response) const {
  ASSIGN_OR_RETURN(Page page, Page::Begin(request, response));
  ASSIGN_OR_RETURN(const OpenedCatalog catalog, catalogs_.Open(request.project(), call.bounds));
  RETURN_IF_ERROR(AddCalendars(catalog, call.bounds, page));
  RETURN_IF_ERROR(AddDatasets(catalog, call.bounds, page));
  RETURN_IF_ERROR(AddColumns(catalog, call.bounds, page));
  return AddMetrics(catalog, request.filter(), page);
}

}  // namespace metricstore::registry
