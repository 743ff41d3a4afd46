// Both services in one in-process server: they remember what they were asked and fail on demand.
#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "metricstore/compute/v1/compute_service.grpc.pb.h"
#include "metricstore/registry/v1/backfill_service.grpc.pb.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"
#include "metricstore/registry/v1/ingest_service.grpc.pb.h"
#include "metricstore/registry/v1/query_service.grpc.pb.h"

namespace metricstore::cli {

namespace reg = registry::v1;

class FakeDatasets final : public reg::DatasetService::Service {
 public:
  std::vector<reg::Dataset> datasets;  // one a page
  std::vector<reg::Calendar> calendars;
  std::vector<reg::ColumnMetadata> columns;  // one a page
  std::vector<reg::UpdateColumnMetadataRequest> column_updates;
  std::vector<reg::PushColumnDescriptionsRequest> pushes;
  std::vector<reg::ResolveWindowResponse> windows;  // pages
  std::vector<reg::ResolveWindowRequest> resolves;
  std::vector<reg::ListSessionsResponse> sessions;  // pages
  std::vector<reg::ListSessionsRequest> session_requests;

  grpc::Status GetDataset(grpc::ServerContext*, const reg::GetDatasetRequest* request,
                          reg::GetDatasetResponse* response) override;
  grpc::Status ListDatasets(grpc::ServerContext*, const reg::ListDatasetsRequest* request,
                            reg::ListDatasetsResponse* response) override;
  grpc::Status GetCalendar(grpc::ServerContext*, const reg::GetCalendarRequest* request,
                           reg::GetCalendarResponse* response) override;
  grpc::Status ListCalendars(grpc::ServerContext*, const reg::ListCalendarsRequest* request,
                             reg::ListCalendarsResponse* response) override;
  grpc::Status ResolveWindow(grpc::ServerContext*, const reg::ResolveWindowRequest* request,
                             reg::ResolveWindowResponse* response) override;
  grpc::Status ListSessions(grpc::ServerContext*, const reg::ListSessionsRequest* request,
                            reg::ListSessionsResponse* response) override;
  grpc::Status GetColumnMetadata(grpc::ServerContext*, const reg::GetColumnMetadataRequest* request,
                                 reg::GetColumnMetadataResponse* response) override;
  grpc::Status ListColumnMetadata(grpc::ServerContext*,
                                  const reg::ListColumnMetadataRequest* request,
                                  reg::ListColumnMetadataResponse* response) override;
  grpc::Status UpdateColumnMetadata(grpc::ServerContext*,
                                    const reg::UpdateColumnMetadataRequest* request,
                                    reg::UpdateColumnMetadataResponse* response) override;
  grpc::Status PushColumnDescriptions(grpc::ServerContext*,
                                      const reg::PushColumnDescriptionsRequest* request,
                                      reg::PushColumnDescriptionsResponse* response) override;
};

// Remembers requests and answers what the test put there; lists give one item a page.
class FakeCatalog final : public reg::CatalogService::Service {
 public:
  std::vector<reg::Metric> metrics;
  std::vector<reg::ListMetricsRequest> lists;
  std::vector<reg::SearchHit> hits;
  std::vector<reg::SearchMetricsRequest> searches;
  std::vector<reg::TableUse> table_uses;
  std::vector<reg::MetricVersion> versions;
  std::vector<reg::DefinitionFile> export_files;
  std::vector<reg::ExportMetricsRequest> exports;
  reg::GetLineageResponse lineage;

  std::vector<reg::CreateMetricRequest> creates;
  std::vector<reg::UpdateMetricRequest> updates;
  reg::UpdateMetricResponse update_response;
  std::vector<reg::DeleteMetricRequest> deletes;
  std::vector<reg::UndeleteMetricRequest> undeletes;
  std::vector<reg::PromoteVersionRequest> promotes;
  reg::PromoteVersionResponse promote_response;
  std::vector<reg::DiffMetricsRequest> diffs;
  reg::DiffMetricsResponse diff_response;

  std::vector<reg::ImportMetricsRequest> imports;
  reg::ImportMetricsResponse import_response;
  std::vector<reg::ValidateMetricsRequest> validations;
  reg::ValidateMetricsResponse validate_response;
  std::vector<reg::PlanImportRequest> plans;
  reg::PlanImportResponse plan_response;
  grpc::Status write_status;            // of every write
  std::function<void()> before_import;  // called before an import is answered

  grpc::Status GetMetric(grpc::ServerContext*, const reg::GetMetricRequest* request,
                         reg::GetMetricResponse* response) override;
  grpc::Status BatchGetMetrics(grpc::ServerContext*, const reg::BatchGetMetricsRequest* request,
                               reg::BatchGetMetricsResponse* response) override;
  grpc::Status ListMetrics(grpc::ServerContext*, const reg::ListMetricsRequest* request,
                           reg::ListMetricsResponse* response) override;
  grpc::Status CreateMetric(grpc::ServerContext*, const reg::CreateMetricRequest* request,
                            reg::CreateMetricResponse* response) override;
  grpc::Status UpdateMetric(grpc::ServerContext*, const reg::UpdateMetricRequest* request,
                            reg::UpdateMetricResponse* response) override;
  grpc::Status DeleteMetric(grpc::ServerContext*, const reg::DeleteMetricRequest* request,
                            reg::DeleteMetricResponse* response) override;
  grpc::Status UndeleteMetric(grpc::ServerContext*, const reg::UndeleteMetricRequest* request,
                              reg::UndeleteMetricResponse* response) override;
  grpc::Status ImportMetrics(grpc::ServerContext*, const reg::ImportMetricsRequest* request,
                             reg::ImportMetricsResponse* response) override;
  grpc::Status PlanImport(grpc::ServerContext*, const reg::PlanImportRequest* request,
                          reg::PlanImportResponse* response) override;
  grpc::Status ValidateMetrics(grpc::ServerContext*, const reg::ValidateMetricsRequest* request,
                               reg::ValidateMetricsResponse* response) override;
  grpc::Status ExportMetrics(grpc::ServerContext*, const reg::ExportMetricsRequest* request,
                             reg::ExportMetricsResponse* response) override;
  grpc::Status ListVersions(grpc::ServerContext*, const reg::ListVersionsRequest* request,
                            reg::ListVersionsResponse* response) override;
  grpc::Status PromoteVersion(grpc::ServerContext*, const reg::PromoteVersionRequest* request,
                              reg::PromoteVersionResponse* response) override;
  grpc::Status DiffMetrics(grpc::ServerContext*, const reg::DiffMetricsRequest* request,
                           reg::DiffMetricsResponse* response) override;
  grpc::Status SearchMetrics(grpc::ServerContext*, const reg::SearchMetricsRequest* request,
                             reg::SearchMetricsResponse* response) override;
  grpc::Status FindBySynonym(grpc::ServerContext*, const reg::FindBySynonymRequest* request,
                             reg::FindBySynonymResponse* response) override;
  grpc::Status FindByTable(grpc::ServerContext*, const reg::FindByTableRequest* request,
                           reg::FindByTableResponse* response) override;
  grpc::Status GetTableMap(grpc::ServerContext*, const reg::GetTableMapRequest* request,
                           reg::GetTableMapResponse* response) override;
  grpc::Status GetLineage(grpc::ServerContext*, const reg::GetLineageRequest* request,
                          reg::GetLineageResponse* response) override;
};

// Stores batches by id, as the contract says.
class FakeIngest final : public reg::IngestService::Service {
 public:
  // Each stream takes the front: it ends with this status after so many acknowledgements. Without
  // one a stream works to its end.
  struct Break {
    int after_acks;
    grpc::Status status;
    // Store the batch after the last acknowledged one, but do not say so.
    bool store_one_more = false;
  };
  std::deque<Break> breaks;
  std::function<void(int acks)> on_ack;  // called before each acknowledgement is sent
  int64_t rejected_rows = 0;             // of the first new batch

  int streams() const;
  std::vector<std::string> received() const;  // ids, in order, repeated ones too
  int64_t stored_rows() const;
  reg::StreamRowsRequest::OpenStream opened() const;
  common::v1::ColumnBatch batch(size_t i) const;  // i-th in order of storing

  grpc::Status StreamRows(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<reg::StreamRowsResponse, reg::StreamRowsRequest>* stream) override;

 private:
  reg::BatchResult Store(const reg::StreamRowsRequest::RowBatch& batch);

  mutable std::mutex mutex_;
  int streams_ = 0;
  reg::StreamRowsRequest::OpenStream opened_;
  std::vector<std::string> received_;
  std::map<std::string, reg::BatchResult> stored_;  // as first acknowledged
  std::vector<common::v1::ColumnBatch> batches_;
};

class FakeQuery final : public reg::QueryService::Service {
 public:
  std::vector<reg::QueryTrendResponse> pages;
  std::vector<reg::QueryTrendRequest> requests;
  std::vector<reg::MetricFreshness> freshness;  // one a page
  std::vector<reg::ListFreshnessRequest> freshness_requests;

  grpc::Status QueryTrend(grpc::ServerContext*, const reg::QueryTrendRequest* request,
                          reg::QueryTrendResponse* response) override;
  grpc::Status ListFreshness(grpc::ServerContext*, const reg::ListFreshnessRequest* request,
                             reg::ListFreshnessResponse* response) override;
};

class FakeBackfills final : public reg::BackfillService::Service {
 public:
  // What one WatchBackfill stream sends before it ends so.
  struct Watch {
    std::vector<reg::WatchBackfillResponse> messages;
    grpc::Status status;
    std::function<void()> after_messages;  // then it repeats the last message until it is cancelled
  };
  std::vector<reg::CreateBackfillRequest> creates;
  reg::CreateBackfillResponse create_response;
  std::set<std::string> refused_starts;  // first dates of requests that are refused
  std::vector<reg::Backfill> backfills;
  std::deque<Watch> watches;
  int watch_calls = 0;

  grpc::Status CreateBackfill(grpc::ServerContext*, const reg::CreateBackfillRequest* request,
                              reg::CreateBackfillResponse* response) override;
  grpc::Status GetBackfill(grpc::ServerContext*, const reg::GetBackfillRequest* request,
                           reg::GetBackfillResponse* response) override;
  grpc::Status ListBackfills(grpc::ServerContext*, const reg::ListBackfillsRequest* request,
                             reg::ListBackfillsResponse* response) override;
  grpc::Status CancelBackfill(grpc::ServerContext*, const reg::CancelBackfillRequest* request,
                              reg::CancelBackfillResponse* response) override;
  grpc::Status WatchBackfill(grpc::ServerContext*, const reg::WatchBackfillRequest* request,
                             grpc::ServerWriter<reg::WatchBackfillResponse>* writer) override;
};

class FakeCompute final : public compute::v1::ComputeService::Service {
 public:
  bool registry_reachable = true;
  std::vector<compute::v1::EvaluateRequest> evaluations;
  std::vector<compute::v1::EvaluateResponse> evaluate_messages;  // one after the other
  std::vector<compute::v1::ExplainMetricRequest> explanations;
  compute::v1::ExplainMetricResponse explain_response;
  std::vector<compute::v1::RunDayRequest> days;
  std::vector<reg::Backfill> day_messages;  // the job, one after the other
  grpc::Status status;                      // at the end of each of these calls

  grpc::Status Evaluate(grpc::ServerContext*, const compute::v1::EvaluateRequest* request,
                        grpc::ServerWriter<compute::v1::EvaluateResponse>* writer) override;
  grpc::Status ExplainMetric(grpc::ServerContext*, const compute::v1::ExplainMetricRequest* request,
                             compute::v1::ExplainMetricResponse* response) override;
  grpc::Status RunDay(grpc::ServerContext*, const compute::v1::RunDayRequest* request,
                      grpc::ServerWriter<compute::v1::RunDayResponse>* writer) override;
  grpc::Status GetWorkerStatus(grpc::ServerContext*,
                               const compute::v1::GetWorkerStatusRequest* request,
                               compute::v1::GetWorkerStatusResponse* response) override;
};

// The services on a free port of the loopback interface. Configure them before the first call.
class FakeServices {
 public:
  FakeServices();
  ~FakeServices();

  std::string endpoint() const;

  FakeDatasets datasets;
  FakeCatalog catalog;
  FakeIngest ingest;
  FakeQuery query;
  FakeBackfills backfills;
  FakeCompute compute;

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// fact_bars, as in BarShape.
reg::Dataset BarDataset();

// An endpoint at which nobody listens.
std::string ClosedEndpoint();

}  // namespace metricstore::cli
