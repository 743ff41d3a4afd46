// CatalogService and DatasetService over gRPC, in process, over a fresh database.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "common/telemetry/instruments.h"
#include "gmock/gmock.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"
#include "registry_service/api/catalog/catalog_handler.h"
#include "registry_service/api/catalog/metric_conversion.h"
#include "registry_service/api/datasets/dataset_handler.h"
#include "registry_service/catalog/plan/import_planner.h"
#include "registry_service/catalog/view/catalog_cache.h"
#include "registry_service/datasets/column_metadata.h"
#include "tests/integration/catalog/catalog_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {

class HandlersTest : public CatalogTest {
 protected:
  void SetUp() override;

  template <typename Request, typename Response>
  using CatalogMethod = grpc::Status (v1::CatalogService::Stub::*)(grpc::ClientContext*,
                                                                   const Request&, Response*);
  // One call of CatalogService.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Catalog(CatalogMethod<Request, Response> method,
                                   const Request& request) {
    return Call<Response>(*catalog_, method, request);
  }

  template <typename Response, typename Stub, typename Method, typename Request>
  static absl::StatusOr<Response> Call(Stub& stub, Method method, const Request& request) {
    rpc::BoundedContext context({absl::Now() + absl::Seconds(30), CancelToken()});
    Response response;
    const absl::Status status = rpc::FromGrpc((stub.*method)(context.get(), request, &response));
    if (!status.ok()) return status;
    return response;
  }

  absl::StatusOr<v1::GetMetricResponse> GetMetric(const std::string& name, int version = 0,
                                                  const std::string& project = "");
  absl::StatusOr<v1::ListMetricsResponse> ListMetrics(int page_size, const std::string& token,
                                                      const std::string& category = "",
                                                      const std::string& filter = "");
  absl::StatusOr<v1::ImportMetricsResponse> ImportOver(const v1::ImportMetricsRequest& request);
  static v1::ImportMetricsRequest ImportRequest(const std::vector<DefinitionFile>& files);
  // price/opening as BaseFiles has it, to be created or changed.
  static v1::Metric OpeningMetric();

  telemetry::Instruments instruments_;
  rpc::ServerRuntime runtime_{{}, instruments_};
  CatalogCache cache_{pool_, {}, api::EncodeMetric};
  ImportPlanner import_planner_{pool_, tests_};
  ColumnMetadataStore columns_{pool_};
  CatalogHandler catalog_handler_{runtime_,
                                  {projects_, cache_, metrics_, importer_, import_planner_, editor_,
                                   datasets_, calendars_, columns_}};
  DatasetHandler dataset_handler_{runtime_, projects_, datasets_, calendars_, columns_};
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<v1::CatalogService::Stub> catalog_;
  std::unique_ptr<v1::DatasetService::Stub> datasets_stub_;
};

}  // namespace metricstore::registry
