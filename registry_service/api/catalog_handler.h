// CatalogService over the catalogue's stores.
#pragma once

#include "common/rpc/call.h"
#include "common/rpc/server.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"
#include "registry_service/catalog/store/importer.h"
#include "registry_service/catalog/store/metric_store.h"
#include "registry_service/projects/projects.h"

namespace metricstore::registry {

// Thread-safe. What it is made of must outlive it.
class CatalogHandler final : public v1::CatalogService::CallbackService {
 public:
  CatalogHandler(rpc::ServerRuntime& runtime, Projects& projects, MetricStore& metrics,
                 Importer& importer)
      : runtime_(runtime), projects_(projects), metrics_(metrics), importer_(importer) {}

  grpc::ServerUnaryReactor* GetMetric(grpc::CallbackServerContext* context,
                                      const v1::GetMetricRequest* request,
                                      v1::GetMetricResponse* response) override;
  grpc::ServerUnaryReactor* BatchGetMetrics(grpc::CallbackServerContext* context,
                                            const v1::BatchGetMetricsRequest* request,
                                            v1::BatchGetMetricsResponse* response) override;
  grpc::ServerUnaryReactor* ListMetrics(grpc::CallbackServerContext* context,
                                        const v1::ListMetricsRequest* request,
                                        v1::ListMetricsResponse* response) override;
  grpc::ServerUnaryReactor* ImportMetrics(grpc::CallbackServerContext* context,
                                          const v1::ImportMetricsRequest* request,
                                          v1::ImportMetricsResponse* response) override;

 private:
  absl::Status Get(const rpc::CallContext& call, const v1::GetMetricRequest& request,
                   v1::GetMetricResponse& response);
  absl::Status BatchGet(const rpc::CallContext& call, const v1::BatchGetMetricsRequest& request,
                        v1::BatchGetMetricsResponse& response);
  absl::Status List(const rpc::CallContext& call, const v1::ListMetricsRequest& request,
                    v1::ListMetricsResponse& response);
  absl::Status Import(const rpc::CallContext& call, const v1::ImportMetricsRequest& request,
                      v1::ImportMetricsResponse& response);

  rpc::ServerRuntime& runtime_;
  Projects& projects_;
  MetricStore& metrics_;
  Importer& importer_;
};

}  // namespace metricstore::registry
