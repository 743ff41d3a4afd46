// The registry's services in this process, on a free port, scripted by tests.
#pragma once

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/status_conversion.h"
#include "metricstore/registry/v1/backfill_service.grpc.pb.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"
#include "metricstore/registry/v1/result_service.grpc.pb.h"
#include "metricstore/registry/v1/window_service.grpc.pb.h"

namespace metricstore::compute {

namespace pb = ::metricstore::registry::v1;

// What the services answer and what they were sent. The hooks are set before calls; what was sent
// is read after them.
class FakeRegistryServer : public pb::BackfillService::Service,
                           public pb::CatalogService::Service,
                           public pb::DatasetService::Service,
                           public pb::WindowService::Service,
                           public pb::ResultService::Service {
 public:
  FakeRegistryServer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(static_cast<pb::BackfillService::Service*>(this));
    builder.RegisterService(static_cast<pb::CatalogService::Service*>(this));
    builder.RegisterService(static_cast<pb::DatasetService::Service*>(this));
    builder.RegisterService(static_cast<pb::WindowService::Service*>(this));
    builder.RegisterService(static_cast<pb::ResultService::Service*>(this));
    server_ = builder.BuildAndStart();
  }
  ~FakeRegistryServer() override { Shutdown(); }

  std::string target() const { return absl::StrCat("127.0.0.1:", port_); }
  void Shutdown() { server_->Shutdown(std::chrono::system_clock::now()); }

  // Hooks.
  std::deque<pb::LeasedShard> shards;         // handed out once each
  std::map<std::string, pb::Metric> metrics;  // by id
  pb::Dataset dataset;
  pb::Calendar calendar;
  std::vector<pb::StreamWindowResponse> window;  // messages of every window
  std::vector<pb::Backfill> backfill_states;     // of every watch
  // Instead of an answer, or after messages.
  absl::Status fail_lease, fail_window, fail_persist, fail_create;
  bool hang_watch = false;
  bool hang_lease = false;    // until the client goes away
  bool hang_window = false;   // after the messages
  bool hang_persist = false;  // without reading

  // Requests.
  pb::LeaseShardsRequest lease_request;
  pb::RenewLeasesRequest renew_request;
  std::vector<pb::ReleaseShardRequest> release_requests;
  std::vector<pb::BatchGetMetricsRequest> metric_requests;
  int calendar_requests = 0;
  pb::StreamWindowRequest window_request;
  pb::GetMetricRequest get_metric_request;
  pb::CreateBackfillRequest create_request;
  pb::WatchBackfillRequest watch_request;
  std::vector<pb::PersistShardRequest> persist_messages;

  // Blocks until a shard was persisted.
  void AwaitPersisted() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return persisted_; });
  }

  grpc::Status LeaseShards(grpc::ServerContext* context, const pb::LeaseShardsRequest* request,
                           pb::LeaseShardsResponse* response) override {
    std::lock_guard lock(mutex_);
    lease_request = *request;
    if (hang_lease) AwaitCancellation(context);
    if (!fail_lease.ok()) return rpc::ToGrpc(fail_lease);
    while (!shards.empty() && response->shards_size() < request->max_shards()) {
      *response->add_shards() = shards.front();
      shards.pop_front();
    }
    return grpc::Status::OK;
  }

  grpc::Status RenewLeases(grpc::ServerContext*, const pb::RenewLeasesRequest* request,
                           pb::RenewLeasesResponse* response) override {
    std::lock_guard lock(mutex_);
    renew_request = *request;
    for (const auto& lease : request->leases()) {
      if (lease.fence() > 0) response->add_renewed(lease.shard_id());
    }
    return grpc::Status::OK;
  }

  grpc::Status ReleaseShard(grpc::ServerContext*, const pb::ReleaseShardRequest* request,
                            pb::ReleaseShardResponse* response) override {
    std::lock_guard lock(mutex_);
    release_requests.push_back(*request);
    response->set_failed(request->permanent());
    return grpc::Status::OK;
  }

  grpc::Status BatchGetMetrics(grpc::ServerContext*, const pb::BatchGetMetricsRequest* request,
                               pb::BatchGetMetricsResponse* response) override {
    std::lock_guard lock(mutex_);
    metric_requests.push_back(*request);
    for (const pb::MetricRef& ref : request->metrics()) {
      pb::Metric* metric = response->add_metrics();
      *metric = metrics[ref.id()];
      metric->set_version(ref.version());
    }
    return grpc::Status::OK;
  }

  grpc::Status GetMetric(grpc::ServerContext*, const pb::GetMetricRequest* request,
                         pb::GetMetricResponse* response) override {
    std::lock_guard lock(mutex_);
    get_metric_request = *request;
    *response->mutable_metric() = metrics[request->name()];
    return grpc::Status::OK;
  }

  grpc::Status CreateBackfill(grpc::ServerContext*, const pb::CreateBackfillRequest* request,
                              pb::CreateBackfillResponse* response) override {
    std::lock_guard lock(mutex_);
    create_request = *request;
    if (!backfill_states.empty()) *response->mutable_backfill() = backfill_states.front();
    return rpc::ToGrpc(fail_create);
  }

  grpc::Status WatchBackfill(grpc::ServerContext* context, const pb::WatchBackfillRequest* request,
                             grpc::ServerWriter<pb::WatchBackfillResponse>* writer) override {
    {
      std::lock_guard lock(mutex_);
      watch_request = *request;
    }
    for (const pb::Backfill& state : backfill_states) {
      pb::WatchBackfillResponse message;
      *message.mutable_backfill() = state;
      if (!writer->Write(message)) return grpc::Status::CANCELLED;
    }
    if (hang_watch) AwaitCancellation(context);
    return grpc::Status::OK;
  }

  grpc::Status GetDataset(grpc::ServerContext*, const pb::GetDatasetRequest*,
                          pb::GetDatasetResponse* response) override {
    *response->mutable_dataset() = dataset;
    return grpc::Status::OK;
  }

  grpc::Status GetCalendar(grpc::ServerContext*, const pb::GetCalendarRequest*,
                           pb::GetCalendarResponse* response) override {
    std::lock_guard lock(mutex_);
    ++calendar_requests;
    *response->mutable_calendar() = calendar;
    return grpc::Status::OK;
  }

  grpc::Status StreamWindow(grpc::ServerContext* context, const pb::StreamWindowRequest* request,
                            grpc::ServerWriter<pb::StreamWindowResponse>* writer) override {
    {
      std::lock_guard lock(mutex_);
      window_request = *request;
    }
    for (const pb::StreamWindowResponse& message : window) {
      if (!writer->Write(message)) return grpc::Status::CANCELLED;
    }
    if (hang_window) AwaitCancellation(context);
    return rpc::ToGrpc(fail_window);
  }

  grpc::Status PersistShard(grpc::ServerContext* context,
                            grpc::ServerReader<pb::PersistShardRequest>* reader,
                            pb::PersistShardResponse* response) override {
    if (hang_persist) AwaitCancellation(context);
    if (!fail_persist.ok()) return rpc::ToGrpc(fail_persist);
    pb::PersistShardRequest message;
    std::lock_guard lock(mutex_);
    while (reader->Read(&message)) {
      persist_messages.push_back(message);
      for (const pb::SeriesPoints& series : message.series()) {
        response->set_points(response->points() + series.values_size());
      }
    }
    response->set_chunks_written(2);
    persisted_ = true;
    changed_.notify_all();
    return grpc::Status::OK;
  }

 private:
  // The synchronous API of the server has no event for it.
  static void AwaitCancellation(grpc::ServerContext* context) {
    while (!context->IsCancelled()) std::this_thread::yield();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool persisted_ = false;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace metricstore::compute
