// Stored definitions out, as YAML files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "metricstore/registry/v1/catalog_service.pb.h"
#include "registry_service/api/catalog/catalog_access.h"
#include "registry_service/calendars/calendar_store.h"
#include "registry_service/datasets/column_metadata.h"
#include "registry_service/datasets/dataset_store.h"

namespace metricstore::registry {

// Thread-safe. What it is made of must outlive it.
class CatalogExportCalls {
 public:
  CatalogExportCalls(const CatalogAccess& catalogs, CalendarStore& calendars,
                     DatasetStore& datasets, ColumnMetadataStore& columns)
      : catalogs_(catalogs), calendars_(calendars), datasets_(datasets), columns_(columns) {}

  // Calendars, datasets, notes of columns and metrics, each by name; a page goes on after the last
  // name of its kind.
  absl::Status Export(const rpc::CallContext& call, const v1::ExportMetricsRequest& request,
                      v1::ExportMetricsResponse& response) const;

 private:
  class Page;

  absl::Status AddCalendars(const OpenedCatalog& catalog, const CallBounds& bounds,
                            Page& page) const;
  absl::Status AddDatasets(const OpenedCatalog& catalog, const CallBounds& bounds,
                           Page& page) const;
  absl::Status AddColumns(const OpenedCatalog& catalog, const CallBounds& bounds, Page& page) const;
  absl::Status AddMetrics(const OpenedCatalog& catalog, const std::string& filter,
                          Page& page) const;

  const CatalogAccess& catalogs_;
  CalendarStore& calendars_;
  DatasetStore& datasets_;
  ColumnMetadataStore& columns_;
};

}  // namespace metricstore::registry
