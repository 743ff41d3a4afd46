// Both services in one in-process server: they remember what they were asked and fail on demand.
#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
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

  grpc::Status GetDataset(grpc::ServerContext*, const reg::GetDatasetRequest* request,
                          reg::GetDatasetResponse* response) override;
  grpc::Status ListDatasets(grpc::ServerContext*, const reg::ListDatasetsRequest* request,
                            reg::ListDatasetsResponse* response) override;
  grpc::Status GetCalendar(grpc::ServerContext*, const reg::GetCalendarRequest* request,
                           reg::GetCalendarResponse* response) override;
  grpc::Status ListCalendars(grpc::ServerContext*, const reg::ListCalendarsRequest* request,
                             reg::ListCalendarsResponse* response) override;
};

class FakeCatalog final : public reg::CatalogService::Service {
 public:
  std::vector<reg::Metric> metrics;
  std::vector<reg::ImportMetricsRequest> imports;
  reg::ImportMetricsResponse import_response;

  grpc::Status GetMetric(grpc::ServerContext*, const reg::GetMetricRequest* request,
                         reg::GetMetricResponse* response) override;
  grpc::Status ListMetrics(grpc::ServerContext*, const reg::ListMetricsRequest* request,
                           reg::ListMetricsResponse* response) override;
  grpc::Status ImportMetrics(grpc::ServerContext*, const reg::ImportMetricsRequest* request,
                             reg::ImportMetricsResponse* response) override;
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

  grpc::Status QueryTrend(grpc::ServerContext*, const reg::QueryTrendRequest* request,
                          reg::QueryTrendResponse* response) override;
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
