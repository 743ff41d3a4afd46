// QueryService: stored results out.
#pragma once

#include "common/rpc/handler.h"
#include "common/rpc/server.h"
#include "metricstore/registry/v1/query_service.grpc.pb.h"
#include "registry_service/api/freshness_call.h"
#include "registry_service/calendars/calendar_store.h"
#include "registry_service/catalog/store/metric_store.h"
#include "registry_service/datasets/dataset_store.h"
#include "registry_service/projects/projects.h"
#include "registry_service/query/trend_reader.h"

namespace metricstore::registry {

// Thread-safe. What it is made of must outlive it.
class QueryHandler final : public v1::QueryService::CallbackService {
 public:
  QueryHandler(rpc::ServerRuntime& runtime, Projects& projects, MetricStore& metrics,
               DatasetStore& datasets, CalendarStore& calendars, TrendReader& trends,
               CatalogCache& cache, FreshnessReader& freshness)
      : runtime_(runtime),
        projects_(projects),
        metrics_(metrics),
        datasets_(datasets),
        calendars_(calendars),
        trends_(trends),
        freshness_(projects, cache, freshness) {}

  grpc::ServerUnaryReactor* QueryTrend(grpc::CallbackServerContext* context,
                                       const v1::QueryTrendRequest* request,
                                       v1::QueryTrendResponse* response) override;
  grpc::ServerUnaryReactor* ListFreshness(grpc::CallbackServerContext* context,
                                          const v1::ListFreshnessRequest* request,
                                          v1::ListFreshnessResponse* response) override;

 private:
  absl::Status ReadTrend(const rpc::CallContext& call, const v1::QueryTrendRequest& request,
                         v1::QueryTrendResponse& response);
  // The dataset whose calendar cuts the metric's buckets: its own, else that of the first metric
  // that it reads. INVALID_ARGUMENT (NOT_SUPPORTED) if there is none.
  absl::StatusOr<std::string> HomeOf(int32_t project_id, const MetricDefinition& metric,
                                     const CallBounds& bounds);
  absl::StatusOr<TimeRange> InstantsOf(int32_t project_id, const std::string& dataset,
                                       const DateRange& dates, Grain grain,
                                       const CallBounds& bounds);

  rpc::ServerRuntime& runtime_;
  Projects& projects_;
  MetricStore& metrics_;
  DatasetStore& datasets_;
  CalendarStore& calendars_;
  TrendReader& trends_;
  const FreshnessCall freshness_;
};

}  // namespace metricstore::registry
