#include "compute_service/runner/worker_pool.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/logging/logging.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/engine/vector/kept_memory.h"
#include "compute_service/runner/remedy.h"

namespace metricstore::compute {
namespace {

// Renewing before it is due tells a quiet registry from one that is away.
constexpr absl::Duration kLongestSilence = absl::Seconds(3);
constexpr absl::Duration kHeartbeatTick = absl::Seconds(1);
// For giving shards back at shutdown: longer than a healthy registry needs, short for an operator.
constexpr absl::Duration kFarewell = absl::Seconds(2);
// Of a shard whose rows another job read later and committed first.
constexpr int kMostReads = 3;

std::string ErrorText(const absl::Status& error) {
  const std::string reason = status::ReasonOf(error);
  return absl::StrCat(reason.empty() ? absl::StatusCodeToString(error.code()) : reason, ": ",
                      error.message());
}

}  // namespace

WorkerPool::WorkerPool(RegistryClient& registry, const ShardRunner& runner,
                       const RegistryContact& contact, const ComputeInstruments& instruments,
                       const Pacer& pacer, WorkerPoolOptions options)
    : registry_(registry),
      runner_(runner),
      contact_(contact),
      instruments_(instruments),
      pacer_(pacer),
      options_(std::move(options)) {}

WorkerPool::~WorkerPool() { Stop(absl::ZeroDuration()); }

void WorkerPool::Start() {
  vector::KeepFreedMemory();
  std::lock_guard lock(mutex_);
  started_ = true;
  renewed_at_ = pacer_.Now();
  instruments_.slots().Set(options_.slots);
  for (int i = 0; i < options_.slots; ++i) slots_.emplace_back([this] { WorkLoop(); });
  heartbeat_ = std::thread([this] { HeartbeatLoop(); });
  leasing_ = std::thread([this] { LeaseLoop(); });
}

void WorkerPool::Stop(absl::Duration grace) {
  CancelToken work_done;
  {
    std::lock_guard lock(mutex_);
    if (!started_ || stopped_) return;
    stopped_ = true;
    work_done = work_done_;
  }
  stop_.Cancel();
  work_done.Cancel();
  changed_.notify_all();
  pacer_.WaitUntil(pacer_.Now() + grace, idle_);
  abandon_.Cancel();
  book_.ShutDown();
  leasing_.join();
  book_.ShutDown();  // what was leased meanwhile
  for (std::thread& slot : slots_) slot.join();
  heartless_.Cancel();
  heartbeat_.join();
}

WorkerStatus WorkerPool::Status() const {
  WorkerStatus status{.worker = options_.worker, .slots = options_.slots};
  for (const auto& held : book_.All()) {
    status.active.push_back({held->shard.lease.shard_id, held->shard.backfill_id, held->started});
  }
  status.registry = contact_.last_error();
  std::lock_guard lock(mutex_);
  status.shards_done = done_;
  status.shards_failed = failed_;
  status.leases_lost = lost_;
  return status;
}

int WorkerPool::WaitForFreeSlots() {
  std::unique_lock lock(mutex_);
  int free = 0;
  changed_.wait(lock, [&] {
    free = options_.slots - static_cast<int>(book_.size());
    return stopped_ || free > 0;
  });
  return stopped_ ? 0 : free;
}

absl::StatusOr<int> WorkerPool::LeaseSome(int most) {
  const absl::Time asked_at = pacer_.Now();
  ASSIGN_OR_RETURN(
      std::vector<LeasedShard> shards,
      registry_.LeaseShards(options_.worker, most, options_.lease, {.cancel = abandon_}));
  std::lock_guard lock(mutex_);
  for (LeasedShard& shard : shards) {
    auto held = book_.Add(std::move(shard), asked_at, asked_at + options_.lease);
    // Asked for before the stop, answered after: goes back as it came.
    if (stopped_) held->ShutDown();
    queue_.push_back(std::move(held));
  }
  instruments_.active_shards().Set(static_cast<double>(book_.size()));
  changed_.notify_all();
  return static_cast<int>(shards.size());
}

void WorkerPool::LeaseLoop() {
  Backoff backoff(options_.first_poll, options_.most_poll);
  while (const int free = WaitForFreeSlots()) {
    CancelToken work_done;
    {
      // Made before the call, so that a shard that ends during it is not missed.
      std::lock_guard lock(mutex_);
      if (stopped_) break;
      work_done_ = work_done;
    }
    const absl::StatusOr<int> leased = LeaseSome(free);
    if (!leased.ok() && !absl::IsUnavailable(leased.status()) && !stop_.cancelled()) {
      logging::Warning("leasing shards failed", {{"error", leased.status()}});
    }
    if (leased.ok() && *leased > 0) backoff.Reset();
    if (leased.ok() && *leased == free) continue;
    const bool in_time = pacer_.WaitUntil(pacer_.Now() + backoff.Next(), work_done);
    // Where a shard was finished, the next may be waiting.
    if (!in_time && leased.ok()) backoff.Reset();
  }
  std::lock_guard lock(mutex_);
  leasing_ended_ = true;
  if (book_.size() == 0) idle_.Cancel();
  changed_.notify_all();
}

void WorkerPool::HeartbeatLoop() {
  const absl::Duration tick = std::min(options_.lease / 3, kHeartbeatTick);
  while (!heartless_.cancelled()) {
    pacer_.WaitUntil(pacer_.Now() + tick, heartless_);
    const bool due = pacer_.Now() - renewed_at_ >= options_.lease / 3;
    if (due || contact_.Silence() > kLongestSilence) RenewLeases();
    book_.DropExpired(pacer_.Now());
  }
}

void WorkerPool::RenewLeases() {
  const std::vector<Lease> leases = book_.Standing();
  if (leases.empty()) return;
  const absl::Time asked_at = pacer_.Now();
  const absl::StatusOr<std::vector<int64_t>> renewed =
      registry_.RenewLeases(options_.worker, leases, options_.lease,
                            {.deadline = absl::Now() + options_.lease / 3, .cancel = heartless_});
  if (!renewed.ok()) return;  // tried again at the next tick; the contact shows the error
  renewed_at_ = asked_at;
  book_.Renew(leases, *renewed, asked_at + options_.lease);
}

std::shared_ptr<HeldShard> WorkerPool::NextShard() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return leasing_ended_ || !queue_.empty(); });
  if (queue_.empty()) return nullptr;
  std::shared_ptr<HeldShard> held = std::move(queue_.front());
  queue_.pop_front();
  return held;
}

void WorkerPool::WorkLoop() {
  while (const std::shared_ptr<HeldShard> held = NextShard()) Work(*held);
}

absl::StatusOr<ShardSummary> WorkerPool::RunShard(HeldShard& held) {
  const CallBounds bounds{.cancel = held.cancel};
  for (int reads = 1;; ++reads) {
    ASSIGN_OR_RETURN(const ShardResults results, runner_.Compute(held.shard, bounds));
    held.committing = true;
    absl::StatusOr<ShardSummary> committed = runner_.Commit(held.shard, results, bounds);
    if (committed.ok()) return committed;
    // What failed is given back, for as long as the lease stands.
    held.committing = false;
    const bool is_outdated = status::ReasonOf(committed.status()) == "READ_OUTDATED";
    if (!is_outdated || reads == kMostReads) return committed;
  }
}

void WorkerPool::Work(HeldShard& held) {
  const absl::StatusOr<ShardSummary> result = RunShard(held);
  Finish(held, result);
  book_.Remove(held);
  std::lock_guard lock(mutex_);
  instruments_.active_shards().Set(static_cast<double>(book_.size()));
  if (result.ok()) work_done_.Cancel();
  if (leasing_ended_ && book_.size() == 0) idle_.Cancel();
  changed_.notify_all();
}

void WorkerPool::Finish(HeldShard& held, const absl::StatusOr<ShardSummary>& result) {
  const LeasedShard& shard = held.shard;
  if (result.ok()) {
    Count(ShardEnd::kDone);
    logging::Info("shard done", {{"shard", shard.lease.shard_id},
                                 {"backfill", shard.backfill_id},
                                 {"dataset", shard.dataset},
                                 {"rows", result->rows},
                                 {"points", result->points},
                                 {"chunks_written", result->chunks_written},
                                 {"seconds", pacer_.Now() - held.started}});
    return;
  }
  const ShardEnd end = GiveBack(held, result.status());
  Count(end);
  if (end == ShardEnd::kReleased) return;
  logging::Warning(end == ShardEnd::kLost ? "shard lost" : "shard failed",
                   {{"shard", shard.lease.shard_id},
                    {"backfill", shard.backfill_id},
                    {"dataset", shard.dataset},
                    {"attempt", shard.attempt},
                    {"reason", status::ReasonOf(result.status())},
                    {"error", result.status()}});
}

ShardEnd WorkerPool::GiveBack(HeldShard& held, const absl::Status& error) {
  const Remedy remedy = RemedyForPersisting(error);
  if (held.lost || (remedy == Remedy::kDrop && !held.shut_down)) return ShardEnd::kLost;
  if (held.shut_down && remedy != Remedy::kFailForGood) {
    return Release(held, "", false) ? ShardEnd::kReleased : ShardEnd::kLost;
  }
  const bool permanent = remedy == Remedy::kFailForGood;
  if (!permanent) {
    const int doublings = std::clamp(held.shard.attempt - 1, 0, 5);
    pacer_.WaitUntil(pacer_.Now() + options_.retry_delay * (1 << doublings), held.cancel);
  }
  return Release(held, ErrorText(error), permanent) ? ShardEnd::kFailed : ShardEnd::kLost;
}

bool WorkerPool::Release(const HeldShard& held, const std::string& error, bool permanent) {
  Backoff backoff(options_.first_poll, options_.most_poll);
  while (!held.lost) {
    const bool leaving = held.shut_down;
    CallBounds bounds;
    if (leaving) {
      bounds.deadline = absl::Now() + kFarewell;
    } else {
      bounds.cancel = held.cancel;
    }
    const absl::Status released =
        registry_.ReleaseShard(held.shard.lease, error, permanent, bounds);
    if (released.ok()) return true;
    if (leaving || RemedyForPersisting(released) != Remedy::kTryAgainHere) return false;
    pacer_.WaitUntil(pacer_.Now() + backoff.Next(), held.cancel);
  }
  return false;
}

void WorkerPool::Count(ShardEnd end) {
  instruments_.shards(end).Increment();
  std::lock_guard lock(mutex_);
  if (end == ShardEnd::kDone) ++done_;
  if (end == ShardEnd::kFailed) ++failed_;
  if (end == ShardEnd::kLost) ++lost_;
}

}  // namespace metricstore::compute
