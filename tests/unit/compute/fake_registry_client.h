// A registry in memory: hands out shards and rows, keeps what is committed, fails as told.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "compute_service/registry_client/registry_client.h"

namespace metricstore::compute {

// Fences as the registry does: only the newest lease of a shard commits, and only once.
// Thread-safe; the hooks are set before use.
class FakeRegistryClient : public RegistryClient {
 public:
  struct Release {
    Lease lease;
    std::string error;
    bool permanent = false;
  };
  using Stream =
      std::function<absl::Status(const WindowRequest&, const WindowSink&, const CallBounds&)>;

  // What there is to know and to do. Of a metric the greatest version is active.
  std::map<MetricRef, std::shared_ptr<const MetricDefinition>> metrics;
  std::map<std::string, MetricMessage> messages;  // by id
  // Datasets by name; where there is none of a name, `dataset` if it is set.
  std::map<std::string, std::shared_ptr<const Dataset>> datasets;
  std::shared_ptr<const Dataset> dataset;
  std::shared_ptr<const calendar::Calendar> calendar;
  std::string suggestion;  // for a metric that is not there
  // What watching a backfill shows.
  std::vector<BackfillMessage> backfill_states;
  std::function<absl::Status(const CallBounds&)> after_watch = [](const CallBounds&) {
    return absl::OkStatus();
  };
  Stream stream = [](const WindowRequest&, const WindowSink&, const CallBounds&) {
    return absl::OkStatus();
  };

  // Runs inside a commit that took effect, before its answer.
  std::function<void(const CallBounds&)> before_persist_answer = [](const CallBounds&) {};

  void Enqueue(LeasedShard shard);
  // The registry forgets the lease: it is not renewed, and cannot commit.
  void Revoke(int64_t shard_id);

  // Errors of the next calls, one each. A lost answer comes after the call took effect.
  void FailLease(absl::Status error);
  void FailCreateBackfill(absl::Status error);
  void FailRenew(absl::Status error);
  void FailRelease(absl::Status error);
  void FailPersist(absl::Status error);
  void LosePersistAnswer(absl::Status error);

  // What happened.
  std::vector<Lease> persist_calls() const;
  std::map<int64_t, ShardResults> committed() const;
  std::vector<Release> releases() const;
  std::vector<WindowRequest> windows() const;
  std::vector<BackfillRequest> backfill_requests() const;
  int lease_calls() const;
  int renew_calls() const;
  // Blocks until `condition` of the fake holds; it is asked after every call.
  void Await(const std::function<bool(const FakeRegistryClient&)>& condition) const;

  absl::StatusOr<std::vector<LeasedShard>> LeaseShards(std::string_view worker, int max_shards,
                                                       absl::Duration lease,
                                                       const CallBounds& bounds) override;
  absl::StatusOr<std::vector<int64_t>> RenewLeases(std::string_view worker,
                                                   std::span<const Lease> leases,
                                                   absl::Duration lease,
                                                   const CallBounds& bounds) override;
  absl::Status ReleaseShard(const Lease& lease, std::string_view error, bool permanent,
                            const CallBounds& bounds) override;
  absl::StatusOr<std::vector<std::shared_ptr<const MetricDefinition>>> GetMetrics(
      std::string_view project, std::span<const MetricRef> refs, const CallBounds& bounds) override;
  absl::StatusOr<MetricMessage> GetMetric(std::string_view project, const MetricRef& ref,
                                          const CallBounds& bounds) override;
  absl::StatusOr<std::shared_ptr<const Dataset>> GetDataset(std::string_view project,
                                                            std::string_view name,
                                                            const CallBounds& bounds) override;
  absl::StatusOr<std::shared_ptr<const calendar::Calendar>> GetCalendar(
      std::string_view project, std::string_view name, int32_t version,
      const CallBounds& bounds) override;
  absl::StatusOr<int64_t> StreamWindow(const WindowRequest& request, const WindowSink& sink,
                                       const CallBounds& bounds) override;
  absl::StatusOr<BackfillMessage> CreateBackfill(const BackfillRequest& request,
                                                 const CallBounds& bounds) override;
  absl::Status WatchBackfill(std::string_view project, int64_t id, const BackfillSink& sink,
                             const CallBounds& bounds) override;
  absl::StatusOr<PersistOutcome> PersistShard(const Lease& lease, const ShardResults& results,
                                              const CallBounds& bounds) override;

 private:
  static absl::Status TakeError(std::deque<absl::Status>* errors);

  mutable std::recursive_mutex mutex_;  // recursive: conditions of Await use the accessors
  mutable std::condition_variable_any changed_;
  std::deque<LeasedShard> queue_;
  std::map<int64_t, int64_t> fences_;  // of the leases that stand
  std::deque<absl::Status> lease_errors_, renew_errors_, release_errors_, persist_errors_,
      persist_answers_, create_backfill_errors_;
  std::vector<Lease> persist_calls_;
  std::map<Lease, ShardResults> committed_;
  std::vector<Release> releases_;
  std::vector<WindowRequest> windows_;
  std::vector<BackfillRequest> backfill_requests_;
  int lease_calls_ = 0;
  int renew_calls_ = 0;
};

}  // namespace metricstore::compute
