// Keeps this process's slots busy with leased shards, and their leases alive.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/time/backoff.h"
#include "common/time/cancellation.h"
#include "compute_service/registry_client/registry_client.h"
#include "compute_service/registry_client/registry_contact.h"
#include "compute_service/runner/lease_book.h"
#include "compute_service/runner/pacer.h"
#include "compute_service/runner/shard_runner.h"
#include "compute_service/telemetry/compute_instruments.h"

namespace metricstore::compute {

struct WorkerPoolOptions {
  std::string worker;  // unique for each start of a process
  int slots = 1;       // shards at once, 1 to 100
  absl::Duration lease = absl::Seconds(30);
  absl::Duration first_poll = absl::Milliseconds(100);  // between calls for work when idle
  absl::Duration most_poll = absl::Seconds(1);
  // Before a shard whose error may pass is given back; doubles with each attempt.
  absl::Duration retry_delay = absl::Seconds(1);
};

// What the pool is doing.
struct WorkerStatus {
  struct Active {
    int64_t shard_id = 0;
    int64_t backfill_id = 0;
    absl::Time started;
  };
  std::string worker;
  int slots = 0;
  std::vector<Active> active;
  int64_t shards_done = 0;
  int64_t shards_failed = 0;
  int64_t leases_lost = 0;
  absl::Status registry;  // OK, or why the last call did not reach the registry
};

// One thread leases, one renews leases, each slot has a thread that works. A shard whose lease is
// lost is cancelled at once; its fence keeps it from committing in any case. Thread-safe. What it
// refers to must outlive it.
class WorkerPool {
 public:
  WorkerPool(RegistryClient& registry, const ShardRunner& runner, const RegistryContact& contact,
             const ComputeInstruments& instruments, const Pacer& pacer, WorkerPoolOptions options);
  // Stops without grace.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Begins to lease. Call once.
  void Start();
  // Leases no more, lets running shards end for `grace`, gives the rest back, joins. Returns soon
  // after the grace, also when the registry is away. Later calls do nothing.
  void Stop(absl::Duration grace);

  WorkerStatus Status() const;

 private:
  void LeaseLoop();
  // Slots without a shard; waits until there is one. 0 once the pool stops.
  int WaitForFreeSlots();
  // Leases up to `most` shards and queues them. Errors are the registry's.
  absl::StatusOr<int> LeaseSome(int most);

  void HeartbeatLoop();
  void RenewLeases();

  void WorkLoop();
  std::shared_ptr<HeldShard> NextShard();
  void Work(HeldShard& held);
  absl::StatusOr<ShardSummary> RunShard(HeldShard& held);
  void Finish(HeldShard& held, const absl::StatusOr<ShardSummary>& result);
  ShardEnd GiveBack(HeldShard& held, const absl::Status& error);
  // True if the registry took the shard back; false if the lease is lost or left to run out.
  bool Release(const HeldShard& held, const std::string& error, bool permanent);
  void Count(ShardEnd end);

  RegistryClient& registry_;
  const ShardRunner& runner_;
  const RegistryContact& contact_;
  const ComputeInstruments& instruments_;
  const Pacer& pacer_;
  const WorkerPoolOptions options_;

  LeaseBook book_;
  const CancelToken stop_;       // no new leases
  const CancelToken abandon_;    // no more grace
  const CancelToken idle_;       // stopped, and nothing is held
  const CancelToken heartless_;  // no more heartbeats
  absl::Time renewed_at_;        // used by the heartbeat thread

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<std::shared_ptr<HeldShard>> queue_;
  CancelToken work_done_;  // ends the leasing thread's wait between polls; new for each wait
  bool leasing_ended_ = false;
  bool started_ = false;
  bool stopped_ = false;
  int64_t done_ = 0;
  int64_t failed_ = 0;
  int64_t lost_ = 0;

  std::thread leasing_;
  std::thread heartbeat_;
  std::vector<std::thread> slots_;
};

}  // namespace metricstore::compute
