#include "registry_service/api/catalog/catalog_handler.h"

#include <string>
#include <string_view>

#include "common/rpc/handler.h"

namespace metricstore::registry {
namespace {

// Serves a method whose call is a member of `calls`.
template <typename Calls, typename Request, typename Response>
grpc::ServerUnaryReactor* Serve(rpc::ServerRuntime& runtime, std::string_view method,
                                grpc::CallbackServerContext* context, const Request* request,
                                Response* response, const Calls& calls,
                                absl::Status (Calls::*serve)(const rpc::CallContext&,
                                                             const Request&, Response&) const) {
  return rpc::HandleUnary<Request, Response>(
      runtime, method, context, request, response,
      [&calls, serve](const rpc::CallContext& call, const Request& in, Response& out) {
        return (calls.*serve)(call, in, out);
      });
}

// The same for one that gives bytes, and may give them at once out of memory.
template <typename Calls, typename Request>
grpc::ServerUnaryReactor* ServeBytes(
    const rpc::MemoryMethod& method, grpc::CallbackServerContext* context,
    const grpc::ByteBuffer* request, grpc::ByteBuffer* reply, const Calls& calls,
    absl::Status (Calls::*serve)(const rpc::CallContext&, const Request&, std::string&) const,
    bool (Calls::*from_memory)(const Request&, std::string&) const = nullptr) {
  return rpc::HandleFromMemory<Request>(
      method, context, request, reply,
      [&](const Request& in, std::string& out) {
        return from_memory != nullptr && (calls.*from_memory)(in, out);
      },
      [&calls, serve](const rpc::CallContext& call, const Request& in, std::string& out) {
        return (calls.*serve)(call, in, out);
      });
}

}  // namespace

CatalogHandler::CatalogHandler(rpc::ServerRuntime& runtime, const CatalogParts& parts)
    : runtime_(runtime),
      catalogs_(parts.projects, parts.cache),
      comparison_(parts.datasets, parts.calendars),
      reads_(catalogs_, parts.metrics),
      searches_(catalogs_),
      versions_(catalogs_, parts.metrics, comparison_),
      writes_(catalogs_, parts.editor),
      imports_(catalogs_, parts.importer, parts.planner),
      exports_(catalogs_, parts.calendars, parts.datasets, parts.columns),
      get_(runtime, "CatalogService/GetMetric"),
      batch_get_(runtime, "CatalogService/BatchGetMetrics"),
      list_(runtime, "CatalogService/ListMetrics"),
      search_(runtime, "CatalogService/SearchMetrics"),
      find_by_synonym_(runtime, "CatalogService/FindBySynonym"),
      find_by_table_(runtime, "CatalogService/FindByTable") {}

CatalogHandler::Reactor* CatalogHandler::GetMetric(Context* context, const Bytes* request,
                                                   Bytes* reply) {
  return ServeBytes(get_, context, request, reply, reads_, &CatalogReadCalls::Get,
                    &CatalogReadCalls::GetFromMemory);
}

CatalogHandler::Reactor* CatalogHandler::BatchGetMetrics(Context* context, const Bytes* request,
                                                         Bytes* reply) {
  return ServeBytes(batch_get_, context, request, reply, reads_, &CatalogReadCalls::BatchGet);
}

CatalogHandler::Reactor* CatalogHandler::ListMetrics(Context* context, const Bytes* request,
                                                     Bytes* reply) {
  return ServeBytes(list_, context, request, reply, reads_, &CatalogReadCalls::List,
                    &CatalogReadCalls::ListFromMemory);
}

CatalogHandler::Reactor* CatalogHandler::SearchMetrics(Context* context, const Bytes* request,
                                                       Bytes* reply) {
  return ServeBytes(search_, context, request, reply, searches_, &CatalogSearchCalls::Search,
                    &CatalogSearchCalls::SearchFromMemory);
}

CatalogHandler::Reactor* CatalogHandler::FindBySynonym(Context* context, const Bytes* request,
                                                       Bytes* reply) {
  return ServeBytes(find_by_synonym_, context, request, reply, searches_,
                    &CatalogSearchCalls::FindBySynonym);
}

CatalogHandler::Reactor* CatalogHandler::FindByTable(Context* context, const Bytes* request,
                                                     Bytes* reply) {
  return ServeBytes(find_by_table_, context, request, reply, searches_,
                    &CatalogSearchCalls::FindByTable);
}

CatalogHandler::Reactor* CatalogHandler::CreateMetric(Context* context,
                                                      const v1::CreateMetricRequest* request,
                                                      v1::CreateMetricResponse* response) {
  return Serve(runtime_, "CatalogService/CreateMetric", context, request, response, writes_,
               &CatalogWriteCalls::Create);
}

CatalogHandler::Reactor* CatalogHandler::UpdateMetric(Context* context,
                                                      const v1::UpdateMetricRequest* request,
                                                      v1::UpdateMetricResponse* response) {
  return Serve(runtime_, "CatalogService/UpdateMetric", context, request, response, writes_,
               &CatalogWriteCalls::Update);
}

CatalogHandler::Reactor* CatalogHandler::DeleteMetric(Context* context,
                                                      const v1::DeleteMetricRequest* request,
                                                      v1::DeleteMetricResponse* response) {
  return Serve(runtime_, "CatalogService/DeleteMetric", context, request, response, writes_,
               &CatalogWriteCalls::Delete);
}

CatalogHandler::Reactor* CatalogHandler::UndeleteMetric(Context* context,
                                                        const v1::UndeleteMetricRequest* request,
                                                        v1::UndeleteMetricResponse* response) {
  return Serve(runtime_, "CatalogService/UndeleteMetric", context, request, response, writes_,
               &CatalogWriteCalls::Undelete);
}

CatalogHandler::Reactor* CatalogHandler::ImportMetrics(Context* context,
                                                       const v1::ImportMetricsRequest* request,
                                                       v1::ImportMetricsResponse* response) {
  return Serve(runtime_, "CatalogService/ImportMetrics", context, request, response, imports_,
               &CatalogImportCalls::Import);
}

CatalogHandler::Reactor* CatalogHandler::PlanImport(Context* context,
                                                    const v1::PlanImportRequest* request,
                                                    v1::PlanImportResponse* response) {
  return Serve(runtime_, "CatalogService/PlanImport", context, request, response, imports_,
               &CatalogImportCalls::Plan);
}

CatalogHandler::Reactor* CatalogHandler::ValidateMetrics(Context* context,
                                                         const v1::ValidateMetricsRequest* request,
                                                         v1::ValidateMetricsResponse* response) {
  return Serve(runtime_, "CatalogService/ValidateMetrics", context, request, response, imports_,
               &CatalogImportCalls::Validate);
}

CatalogHandler::Reactor* CatalogHandler::ExportMetrics(Context* context,
                                                       const v1::ExportMetricsRequest* request,
                                                       v1::ExportMetricsResponse* response) {
  return Serve(runtime_, "CatalogService/ExportMetrics", context, request, response, exports_,
               &CatalogExportCalls::Export);
}

CatalogHandler::Reactor* CatalogHandler::ListVersions(Context* context,
                                                      const v1::ListVersionsRequest* request,
                                                      v1::ListVersionsResponse* response) {
  return Serve(runtime_, "CatalogService/ListVersions", context, request, response, versions_,
               &CatalogVersionCalls::List);
}

CatalogHandler::Reactor* CatalogHandler::PromoteVersion(Context* context,
                                                        const v1::PromoteVersionRequest* request,
                                                        v1::PromoteVersionResponse* response) {
  return Serve(runtime_, "CatalogService/PromoteVersion", context, request, response, writes_,
               &CatalogWriteCalls::Promote);
}

CatalogHandler::Reactor* CatalogHandler::DiffMetrics(Context* context,
                                                     const v1::DiffMetricsRequest* request,
                                                     v1::DiffMetricsResponse* response) {
  return Serve(runtime_, "CatalogService/DiffMetrics", context, request, response, versions_,
               &CatalogVersionCalls::Diff);
}

CatalogHandler::Reactor* CatalogHandler::GetTableMap(Context* context,
                                                     const v1::GetTableMapRequest* request,
                                                     v1::GetTableMapResponse* response) {
  return Serve(runtime_, "CatalogService/GetTableMap", context, request, response, searches_,
               &CatalogSearchCalls::TableMap);
}

CatalogHandler::Reactor* CatalogHandler::GetLineage(Context* context,
                                                    const v1::GetLineageRequest* request,
                                                    v1::GetLineageResponse* response) {
  return Serve(runtime_, "CatalogService/GetLineage", context, request, response, searches_,
               &CatalogSearchCalls::Lineage);
}

}  // namespace metricstore::registry
