#include "compute_service/registry_client/grpc_registry_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/columns/proto_conversion.h"
#include "common/status/macros.h"
#include "compute_service/conversion/definition_conversion.h"
#include "compute_service/registry_client/lease_conversion.h"
#include "compute_service/registry_client/registry_transport.h"
#include "compute_service/registry_client/result_messages.h"

namespace metricstore::compute {

namespace pb = ::metricstore::registry::v1;

namespace {

// Far more versions than the backfills of a day use; beyond it the cache starts anew.
constexpr size_t kMostCachedVersions = 20'000;

constexpr int kMostMetricsPerCall = 1000;  // the limit of BatchGetMetrics

}  // namespace

template <typename Value>
std::shared_ptr<const Value> GrpcRegistryClient::VersionCache<Value>::Find(std::string_view project,
                                                                           std::string_view name,
                                                                           int32_t version) const {
  std::lock_guard lock(mutex_);
  const auto found = values_.find(Key(project, name, version));
  return found == values_.end() ? nullptr : found->second;
}

template <typename Value>
void GrpcRegistryClient::VersionCache<Value>::Put(std::string_view project, std::string_view name,
                                                  int32_t version,
                                                  std::shared_ptr<const Value> value) {
  std::lock_guard lock(mutex_);
  if (values_.size() >= kMostCachedVersions) values_.clear();
  values_.insert_or_assign(Key(project, name, version), std::move(value));
}

GrpcRegistryClient::GrpcRegistryClient(const RegistryClientOptions& options,
                                       RegistryContact& contact)
    : transport_(std::make_unique<Transport>(options, contact)) {}

GrpcRegistryClient::~GrpcRegistryClient() = default;

absl::StatusOr<std::vector<LeasedShard>> GrpcRegistryClient::LeaseShards(std::string_view worker,
                                                                         int max_shards,
                                                                         absl::Duration lease,
                                                                         const CallBounds& bounds) {
  pb::LeaseShardsRequest request;
  request.set_worker(std::string(worker));
  request.set_max_shards(max_shards);
  *request.mutable_lease() = ToProto(lease);
  pb::LeaseShardsResponse response;
  RETURN_IF_ERROR(transport_->Call(*transport_->backfills,
                                   &pb::BackfillService::StubInterface::LeaseShards, request,
                                   &response, bounds));
  std::vector<LeasedShard> shards;
  for (const pb::LeasedShard& proto : response.shards()) {
    absl::StatusOr<LeasedShard> shard = ToLeasedShard(proto);
    if (shard.ok()) {
      shards.push_back(*std::move(shard));
      continue;
    }
    // The others are still good. If the answer to the release is lost, the lease runs out.
    ReleaseShard({proto.shard_id(), proto.fence()}, std::string(shard.status().message()), true,
                 bounds)
        .IgnoreError();
  }
  return shards;
}

absl::StatusOr<std::vector<int64_t>> GrpcRegistryClient::RenewLeases(std::string_view worker,
                                                                     std::span<const Lease> leases,
                                                                     absl::Duration lease,
                                                                     const CallBounds& bounds) {
  pb::RenewLeasesRequest request;
  request.set_worker(std::string(worker));
  for (const Lease& held : leases) {
    pb::RenewLeasesRequest::Lease* proto = request.add_leases();
    proto->set_shard_id(held.shard_id);
    proto->set_fence(held.fence);
  }
  *request.mutable_lease() = ToProto(lease);
  pb::RenewLeasesResponse response;
  RETURN_IF_ERROR(transport_->Call(*transport_->backfills,
                                   &pb::BackfillService::StubInterface::RenewLeases, request,
                                   &response, bounds));
  return std::vector<int64_t>(response.renewed().begin(), response.renewed().end());
}

absl::Status GrpcRegistryClient::ReleaseShard(const Lease& lease, std::string_view error,
                                              bool permanent, const CallBounds& bounds) {
  pb::ReleaseShardRequest request;
  request.set_shard_id(lease.shard_id);
  request.set_fence(lease.fence);
  request.set_error(std::string(error));
  request.set_permanent(permanent);
  pb::ReleaseShardResponse response;
  return transport_->Call(*transport_->backfills, &pb::BackfillService::StubInterface::ReleaseShard,
                          request, &response, bounds);
}

absl::StatusOr<std::vector<std::shared_ptr<const MetricDefinition>>>
GrpcRegistryClient::FetchMetrics(std::string_view project, std::span<const MetricRef> refs,
                                 const CallBounds& bounds) {
  pb::BatchGetMetricsRequest request;
  request.set_project(std::string(project));
  for (const MetricRef& ref : refs) {
    pb::MetricRef* proto = request.add_metrics();
    proto->set_id(ref.id);
    proto->set_version(ref.version);
  }
  pb::BatchGetMetricsResponse response;
  RETURN_IF_ERROR(transport_->Call(*transport_->catalog,
                                   &pb::CatalogService::StubInterface::BatchGetMetrics, request,
                                   &response, bounds));
  if (response.metrics_size() != request.metrics_size()) {
    return status::InternalError("the registry gave another number of metrics than asked for");
  }
  std::vector<std::shared_ptr<const MetricDefinition>> metrics;
  for (int i = 0; i < response.metrics_size(); ++i) {
    ASSIGN_OR_RETURN(MetricDefinition metric, ToMetricDefinition(response.metrics(i)));
    metrics.push_back(std::make_shared<const MetricDefinition>(std::move(metric)));
    if (refs[i].version != 0) metrics_.Put(project, refs[i].id, refs[i].version, metrics.back());
  }
  return metrics;
}

absl::StatusOr<std::vector<std::shared_ptr<const MetricDefinition>>> GrpcRegistryClient::GetMetrics(
    std::string_view project, std::span<const MetricRef> refs, const CallBounds& bounds) {
  std::vector<std::shared_ptr<const MetricDefinition>> metrics;
  std::vector<MetricRef> missing;
  for (const MetricRef& ref : refs) {
    metrics.push_back(metrics_.Find(project, ref.id, ref.version));
    if (metrics.back() == nullptr) missing.push_back(ref);
  }
  auto next = metrics.begin();
  for (std::span<const MetricRef> rest = missing; !rest.empty();) {
    const auto part = rest.first(std::min<size_t>(rest.size(), kMostMetricsPerCall));
    rest = rest.subspan(part.size());
    ASSIGN_OR_RETURN(auto fetched, FetchMetrics(project, part, bounds));
    for (auto& metric : fetched) {
      next = std::find(next, metrics.end(), nullptr);
      *next = std::move(metric);
    }
  }
  return metrics;
}

absl::StatusOr<MetricMessage> GrpcRegistryClient::GetMetric(std::string_view project,
                                                            const MetricRef& ref,
                                                            const CallBounds& bounds) {
  pb::GetMetricRequest request;
  request.set_project(std::string(project));
  request.set_name(ref.id);
  request.set_version(ref.version);
  pb::GetMetricResponse response;
  RETURN_IF_ERROR(transport_->Call(*transport_->catalog,
                                   &pb::CatalogService::StubInterface::GetMetric, request,
                                   &response, bounds));
  return std::make_shared<const pb::Metric>(std::move(*response.mutable_metric()));
}

absl::StatusOr<std::shared_ptr<const Dataset>> GrpcRegistryClient::GetDataset(
    std::string_view project, std::string_view name, const CallBounds& bounds) {
  pb::GetDatasetRequest request;
  request.set_project(std::string(project));
  request.set_name(std::string(name));
  pb::GetDatasetResponse response;
  RETURN_IF_ERROR(transport_->Call(*transport_->datasets,
                                   &pb::DatasetService::StubInterface::GetDataset, request,
                                   &response, bounds));
  ASSIGN_OR_RETURN(Dataset dataset, ToDataset(response.dataset()));
  return std::make_shared<const Dataset>(std::move(dataset));
}

absl::StatusOr<std::shared_ptr<const calendar::Calendar>> GrpcRegistryClient::GetCalendar(
    std::string_view project, std::string_view name, int32_t version, const CallBounds& bounds) {
  if (auto known = calendars_.Find(project, name, version)) return known;
  pb::GetCalendarRequest request;
  request.set_project(std::string(project));
  request.set_name(std::string(name));
  request.set_version(version);
  pb::GetCalendarResponse response;
  RETURN_IF_ERROR(transport_->Call(*transport_->datasets,
                                   &pb::DatasetService::StubInterface::GetCalendar, request,
                                   &response, bounds));
  ASSIGN_OR_RETURN(calendar::CalendarSpec spec, ToCalendarSpec(response.calendar()));
  ASSIGN_OR_RETURN(std::shared_ptr<const calendar::Calendar> calendar,
                   calendar::Calendar::Create(std::move(spec), response.calendar().version()));
  if (version != 0) calendars_.Put(project, name, version, calendar);
  return calendar;
}

absl::StatusOr<int64_t> GrpcRegistryClient::StreamWindow(const WindowRequest& request,
                                                         const WindowSink& sink,
                                                         const CallBounds& bounds) {
  pb::StreamWindowRequest proto;
  proto.set_project(request.project);
  proto.set_dataset(request.dataset);
  proto.mutable_entities()->Add(request.entities.begin(), request.entities.end());
  *proto.mutable_interval()->mutable_start_time() = ToProto(request.interval.start);
  *proto.mutable_interval()->mutable_end_time() = ToProto(request.interval.end);
  proto.mutable_columns()->Add(request.columns.begin(), request.columns.end());

  StallWatchdog::Watch watch(transport_->watchdog, bounds);
  rpc::BoundedContext context(watch.bounds());
  const auto reader =
      watch.Await([&] { return transport_->windows->StreamWindow(context.get(), proto); });
  pb::StreamWindowResponse message;
  absl::Status accepted;
  int64_t watermark = 0;
  while (accepted.ok() && watch.Await([&] { return reader->Read(&message); })) {
    transport_->contact.RecordProgress();
    watermark = message.read_watermark();
    if (!message.has_rows()) continue;  // a window without rows has its watermark alone
    absl::StatusOr<columns::ColumnBatch> batch = columns::FromProto(message.rows());
    accepted = batch.ok() ? sink(*std::move(batch)) : batch.status();
  }
  if (!accepted.ok()) context.get()->TryCancel();
  const grpc::Status finished = watch.Await([&] { return reader->Finish(); });
  if (!accepted.ok()) return accepted;
  RETURN_IF_ERROR(transport_->FinishedStream(finished, bounds, watch));
  return watermark;
}

absl::StatusOr<PersistOutcome> GrpcRegistryClient::PersistShard(const Lease& lease,
                                                                const ShardResults& results,
                                                                const CallBounds& bounds) {
  StallWatchdog::Watch watch(transport_->watchdog, bounds);
  rpc::BoundedContext context(watch.bounds());
  pb::PersistShardResponse response;
  const auto writer =
      watch.Await([&] { return transport_->results->PersistShard(context.get(), &response); });
  ResultMessages messages(lease, results);
  pb::PersistShardRequest message;
  // A write fails when the call has ended already; Finish says why.
  bool open = true;
  while (open && messages.Next(&message)) {
    open = watch.Await([&] { return writer->Write(message); });
  }
  if (open) watch.Await([&] { return writer->WritesDone(); });
  const grpc::Status finished = watch.Await([&] { return writer->Finish(); });
  RETURN_IF_ERROR(transport_->FinishedStream(finished, bounds, watch));
  return PersistOutcome{.already_committed = response.already_committed(),
                        .points = response.points(),
                        .chunks_written = response.chunks_written()};
}

}  // namespace metricstore::compute
