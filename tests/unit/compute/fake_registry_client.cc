#include "tests/unit/compute/fake_registry_client.h"

#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::compute {
namespace {

absl::Status LeaseLost(const Lease& lease) {
  return status::ErrorBuilder(absl::StatusCode::kAborted, "LEASE_LOST", "the lease was lost")
      .Metadata("shard", std::to_string(lease.shard_id))
      .Metadata("fence", std::to_string(lease.fence))
      .Build();
}

// As the registry tells it.
absl::Status MetricNotFound(const MetricRef& ref, const std::string& suggestion) {
  std::string message = "no metric is named \"" + ref.id + "\"";
  if (!suggestion.empty()) message += "; did you mean \"" + suggestion + "\"?";
  status::ErrorBuilder error(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND", message);
  error.Metadata("metric", ref.id);
  if (!suggestion.empty()) error.Metadata("suggestion", suggestion);
  return error.Build();
}

// By id or bare name.
bool IsNamed(const std::string& id, const std::string& name) {
  return id == name || id.substr(id.find('/') + 1) == name;
}

}  // namespace

void FakeRegistryClient::Enqueue(LeasedShard shard) {
  std::lock_guard lock(mutex_);
  queue_.push_back(std::move(shard));
}

void FakeRegistryClient::Revoke(int64_t shard_id) {
  std::lock_guard lock(mutex_);
  fences_.erase(shard_id);
}

void FakeRegistryClient::FailLease(absl::Status error) {
  std::lock_guard lock(mutex_);
  lease_errors_.push_back(std::move(error));
}
void FakeRegistryClient::FailCreateBackfill(absl::Status error) {
  std::lock_guard lock(mutex_);
  create_backfill_errors_.push_back(std::move(error));
}
void FakeRegistryClient::FailRenew(absl::Status error) {
  std::lock_guard lock(mutex_);
  renew_errors_.push_back(std::move(error));
}
void FakeRegistryClient::FailRelease(absl::Status error) {
  std::lock_guard lock(mutex_);
  release_errors_.push_back(std::move(error));
}
void FakeRegistryClient::FailPersist(absl::Status error) {
  std::lock_guard lock(mutex_);
  persist_errors_.push_back(std::move(error));
}
void FakeRegistryClient::LosePersistAnswer(absl::Status error) {
  std::lock_guard lock(mutex_);
  persist_answers_.push_back(std::move(error));
}

std::vector<Lease> FakeRegistryClient::persist_calls() const {
  std::lock_guard lock(mutex_);
  return persist_calls_;
}
std::map<int64_t, ShardResults> FakeRegistryClient::committed() const {
  std::lock_guard lock(mutex_);
  std::map<int64_t, ShardResults> by_shard;
  for (const auto& [lease, results] : committed_) by_shard[lease.shard_id] = results;
  return by_shard;
}
std::vector<FakeRegistryClient::Release> FakeRegistryClient::releases() const {
  std::lock_guard lock(mutex_);
  return releases_;
}
std::vector<WindowRequest> FakeRegistryClient::windows() const {
  std::lock_guard lock(mutex_);
  return windows_;
}
std::vector<BackfillRequest> FakeRegistryClient::backfill_requests() const {
  std::lock_guard lock(mutex_);
  return backfill_requests_;
}
int FakeRegistryClient::lease_calls() const {
  std::lock_guard lock(mutex_);
  return lease_calls_;
}
int FakeRegistryClient::renew_calls() const {
  std::lock_guard lock(mutex_);
  return renew_calls_;
}

void FakeRegistryClient::Await(
    const std::function<bool(const FakeRegistryClient&)>& condition) const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return condition(*this); });
}

absl::Status FakeRegistryClient::TakeError(std::deque<absl::Status>* errors) {
  if (errors->empty()) return absl::OkStatus();
  absl::Status error = std::move(errors->front());
  errors->pop_front();
  return error;
}

absl::StatusOr<std::vector<LeasedShard>> FakeRegistryClient::LeaseShards(std::string_view,
                                                                         int max_shards,
                                                                         absl::Duration,
                                                                         const CallBounds& bounds) {
  std::lock_guard lock(mutex_);
  ++lease_calls_;
  changed_.notify_all();
  RETURN_IF_ERROR(bounds.Check());
  RETURN_IF_ERROR(TakeError(&lease_errors_));
  std::vector<LeasedShard> leased;
  while (!queue_.empty() && std::ssize(leased) < max_shards) {
    leased.push_back(std::move(queue_.front()));
    queue_.pop_front();
    fences_[leased.back().lease.shard_id] = leased.back().lease.fence;
  }
  return leased;
}

absl::StatusOr<std::vector<int64_t>> FakeRegistryClient::RenewLeases(std::string_view,
                                                                     std::span<const Lease> leases,
                                                                     absl::Duration,
                                                                     const CallBounds& bounds) {
  std::lock_guard lock(mutex_);
  ++renew_calls_;
  changed_.notify_all();
  RETURN_IF_ERROR(bounds.Check());
  RETURN_IF_ERROR(TakeError(&renew_errors_));
  std::vector<int64_t> renewed;
  for (const Lease& lease : leases) {
    const auto held = fences_.find(lease.shard_id);
    if (held != fences_.end() && held->second == lease.fence) renewed.push_back(lease.shard_id);
  }
  return renewed;
}

absl::Status FakeRegistryClient::ReleaseShard(const Lease& lease, std::string_view error,
                                              bool permanent, const CallBounds& bounds) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(bounds.Check());
  RETURN_IF_ERROR(TakeError(&release_errors_));
  const auto held = fences_.find(lease.shard_id);
  if (held == fences_.end() || held->second != lease.fence) return LeaseLost(lease);
  fences_.erase(held);
  releases_.push_back({lease, std::string(error), permanent});
  changed_.notify_all();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::shared_ptr<const MetricDefinition>>> FakeRegistryClient::GetMetrics(
    std::string_view, std::span<const MetricRef> refs, const CallBounds& bounds) {
  RETURN_IF_ERROR(bounds.Check());
  std::vector<std::shared_ptr<const MetricDefinition>> found;
  for (const MetricRef& ref : refs) {
    auto metric = metrics.find(ref);
    for (auto one = metrics.begin(); ref.version == 0 && one != metrics.end(); ++one) {
      if (IsNamed(one->first.id, ref.id)) metric = one;
    }
    if (metric == metrics.end()) return MetricNotFound(ref, suggestion);
    found.push_back(metric->second);
  }
  return found;
}

absl::StatusOr<MetricMessage> FakeRegistryClient::GetMetric(std::string_view, const MetricRef& ref,
                                                            const CallBounds& bounds) {
  RETURN_IF_ERROR(bounds.Check());
  for (const auto& [id, message] : messages) {
    if (IsNamed(id, ref.id)) return message;
  }
  return MetricNotFound(ref, suggestion);
}

absl::StatusOr<std::shared_ptr<const Dataset>> FakeRegistryClient::GetDataset(
    std::string_view, std::string_view name, const CallBounds& bounds) {
  RETURN_IF_ERROR(bounds.Check());
  const auto found = datasets.find(std::string(name));
  if (found != datasets.end()) return found->second;
  if (dataset != nullptr) return dataset;
  return status::ErrorBuilder(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND", std::string(name))
      .Metadata("dataset", name)
      .Build();
}

absl::StatusOr<std::shared_ptr<const calendar::Calendar>> FakeRegistryClient::GetCalendar(
    std::string_view, std::string_view, int32_t, const CallBounds& bounds) {
  RETURN_IF_ERROR(bounds.Check());
  return calendar;
}

absl::StatusOr<int64_t> FakeRegistryClient::StreamWindow(const WindowRequest& request,
                                                         const WindowSink& sink,
                                                         const CallBounds& bounds) {
  int64_t watermark = 0;
  {
    std::lock_guard lock(mutex_);
    windows_.push_back(request);
    watermark = std::ssize(windows_);
    changed_.notify_all();
  }
  RETURN_IF_ERROR(bounds.Check());
  RETURN_IF_ERROR(stream(request, sink, bounds));
  return watermark;
}

absl::StatusOr<BackfillMessage> FakeRegistryClient::CreateBackfill(const BackfillRequest& request,
                                                                   const CallBounds& bounds) {
  std::lock_guard lock(mutex_);
  backfill_requests_.push_back(request);
  RETURN_IF_ERROR(bounds.Check());
  RETURN_IF_ERROR(TakeError(&create_backfill_errors_));
  return backfill_states.front();
}

absl::Status FakeRegistryClient::WatchBackfill(std::string_view, int64_t, const BackfillSink& sink,
                                               const CallBounds& bounds) {
  RETURN_IF_ERROR(bounds.Check());
  for (const BackfillMessage& state : backfill_states) RETURN_IF_ERROR(sink(*state));
  return after_watch(bounds);
}

absl::StatusOr<PersistOutcome> FakeRegistryClient::PersistShard(const Lease& lease,
                                                                const ShardResults& results,
                                                                const CallBounds& bounds) {
  PersistOutcome outcome{.points = results.point_count()};
  {
    std::lock_guard lock(mutex_);
    persist_calls_.push_back(lease);
    changed_.notify_all();
    RETURN_IF_ERROR(bounds.Check());
    RETURN_IF_ERROR(TakeError(&persist_errors_));
    if (committed_.contains(lease)) {
      outcome.already_committed = true;
    } else {
      const auto held = fences_.find(lease.shard_id);
      if (held == fences_.end() || held->second != lease.fence) return LeaseLost(lease);
      fences_.erase(held);
      committed_[lease] = results;
      outcome.chunks_written = std::ssize(results.series);
      changed_.notify_all();
    }
  }
  before_persist_answer(bounds);
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(TakeError(&persist_answers_));
  RETURN_IF_ERROR(bounds.Check());
  return outcome;
}

}  // namespace metricstore::compute
