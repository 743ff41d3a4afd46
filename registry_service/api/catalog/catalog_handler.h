// CatalogService: its methods, and the calls that serve them.
#pragma once

#include "common/rpc/memory_handler.h"
#include "common/rpc/server.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"
#include "registry_service/api/catalog/catalog_access.h"
#include "registry_service/api/catalog/catalog_export_calls.h"
#include "registry_service/api/catalog/catalog_import_calls.h"
#include "registry_service/api/catalog/catalog_read_calls.h"
#include "registry_service/api/catalog/catalog_search_calls.h"
#include "registry_service/api/catalog/catalog_version_calls.h"
#include "registry_service/api/catalog/catalog_write_calls.h"
#include "registry_service/api/catalog/metric_comparison.h"
#include "registry_service/calendars/calendar_store.h"
#include "registry_service/catalog/plan/import_planner.h"
#include "registry_service/catalog/store/importer.h"
#include "registry_service/catalog/store/metric_editor.h"
#include "registry_service/catalog/store/metric_store.h"
#include "registry_service/catalog/view/catalog_cache.h"
#include "registry_service/datasets/column_metadata.h"
#include "registry_service/datasets/dataset_store.h"
#include "registry_service/projects/projects.h"

namespace metricstore::registry {

// What the catalogue is made of. All of it must outlive the handler.
struct CatalogParts {
  Projects& projects;
  CatalogCache& cache;
  MetricStore& metrics;
  Importer& importer;
  ImportPlanner& planner;
  MetricEditor& editor;
  DatasetStore& datasets;
  CalendarStore& calendars;
  ColumnMetadataStore& columns;
};

// The service, where the methods whose replies are put together out of serialised metrics take and
// give bytes.
using CatalogServiceOfBytes = v1::CatalogService::WithRawCallbackMethod_GetMetric<
    v1::CatalogService::WithRawCallbackMethod_BatchGetMetrics<
        v1::CatalogService::WithRawCallbackMethod_ListMetrics<
            v1::CatalogService::WithRawCallbackMethod_SearchMetrics<
                v1::CatalogService::WithRawCallbackMethod_FindBySynonym<
                    v1::CatalogService::WithRawCallbackMethod_FindByTable<
                        v1::CatalogService::CallbackService>>>>>>;

// Thread-safe.
class CatalogHandler final : public CatalogServiceOfBytes {
 public:
  CatalogHandler(rpc::ServerRuntime& runtime, const CatalogParts& parts);

 private:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  using Bytes = grpc::ByteBuffer;

  Reactor* GetMetric(Context* context, const Bytes* request, Bytes* reply) override;
  Reactor* BatchGetMetrics(Context* context, const Bytes* request, Bytes* reply) override;
  Reactor* ListMetrics(Context* context, const Bytes* request, Bytes* reply) override;
  Reactor* SearchMetrics(Context* context, const Bytes* request, Bytes* reply) override;
  Reactor* FindBySynonym(Context* context, const Bytes* request, Bytes* reply) override;
  Reactor* FindByTable(Context* context, const Bytes* request, Bytes* reply) override;

  Reactor* CreateMetric(Context* context, const v1::CreateMetricRequest* request,
                        v1::CreateMetricResponse* response) override;
  Reactor* UpdateMetric(Context* context, const v1::UpdateMetricRequest* request,
                        v1::UpdateMetricResponse* response) override;
  Reactor* DeleteMetric(Context* context, const v1::DeleteMetricRequest* request,
                        v1::DeleteMetricResponse* response) override;
  Reactor* UndeleteMetric(Context* context, const v1::UndeleteMetricRequest* request,
                          v1::UndeleteMetricResponse* response) override;
  Reactor* ImportMetrics(Context* context, const v1::ImportMetricsRequest* request,
                         v1::ImportMetricsResponse* response) override;
  Reactor* PlanImport(Context* context, const v1::PlanImportRequest* request,
                      v1::PlanImportResponse* response) override;
  Reactor* ValidateMetrics(Context* context, const v1::ValidateMetricsRequest* request,
                           v1::ValidateMetricsResponse* response) override;
  Reactor* ExportMetrics(Context* context, const v1::ExportMetricsRequest* request,
                         v1::ExportMetricsResponse* response) override;
  Reactor* ListVersions(Context* context, const v1::ListVersionsRequest* request,
                        v1::ListVersionsResponse* response) override;
  Reactor* PromoteVersion(Context* context, const v1::PromoteVersionRequest* request,
                          v1::PromoteVersionResponse* response) override;
  Reactor* DiffMetrics(Context* context, const v1::DiffMetricsRequest* request,
                       v1::DiffMetricsResponse* response) override;
  Reactor* GetTableMap(Context* context, const v1::GetTableMapRequest* request,
                       v1::GetTableMapResponse* response) override;
  Reactor* GetLineage(Context* context, const v1::GetLineageRequest* request,
                      v1::GetLineageResponse* response) override;

  rpc::ServerRuntime& runtime_;
  const CatalogAccess catalogs_;
  const MetricComparison comparison_;
  const CatalogReadCalls reads_;
  const CatalogSearchCalls searches_;
  const CatalogVersionCalls versions_;
  const CatalogWriteCalls writes_;
  const CatalogImportCalls imports_;
  const CatalogExportCalls exports_;
  const rpc::MemoryMethod get_, batch_get_, list_, search_, find_by_synonym_, find_by_table_;
};

}  // namespace metricstore::registry
