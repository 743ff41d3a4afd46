// The leases that this worker holds, and who still has a right to work on what.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "absl/time/time.h"
#include "common/time/cancellation.h"
#include "compute_service/registry_client/shard.h"

namespace metricstore::compute {

// A leased shard from its lease to its end here. Thread-safe.
struct HeldShard {
  HeldShard(LeasedShard leased, absl::Time now) : shard(std::move(leased)), started(now) {}

  const LeasedShard shard;
  const absl::Time started;
  // Raised when work on it must stop; the flags below, set before, say why.
  const CancelToken cancel;
  std::atomic<bool> lost = false;
  std::atomic<bool> shut_down = false;
  // Its results are on their way. A lease that is not renewed now may have ended by this very
  // commit, or be locked by it.
  std::atomic<bool> committing = false;

  // The lease is gone: stop and touch nothing.
  void Lose() {
    lost = true;
    cancel.Cancel();
  }
  // This process ends: stop and give the shard back.
  void ShutDown() {
    shut_down = true;
    cancel.Cancel();
  }
};

// Thread-safe. Times are the worker's own: a lease counts from before it was asked for, so that it
// never seems longer here than it is in the registry.
class LeaseBook {
 public:
  std::shared_ptr<HeldShard> Add(LeasedShard shard, absl::Time now, absl::Time lease_until);
  void Remove(const HeldShard& held);

  // Leases that are not known to be lost.
  std::vector<Lease> Standing() const;
  // Takes in an answer: of the leases asked for, those whose shard was renewed stand until
  // `lease_until`; the others are lost, but for those that commit: the fence answers them.
  void Renew(std::span<const Lease> asked, std::span<const int64_t> renewed,
             absl::Time lease_until);
  // Loses the leases that have run out because no renewal got through, but for those that commit:
  // until another worker takes the shard, the commit counts.
  void DropExpired(absl::Time now);
  // Stops all work.
  void ShutDown();

  size_t size() const;
  std::vector<std::shared_ptr<const HeldShard>> All() const;

 private:
  struct Entry {
    std::shared_ptr<HeldShard> held;
    absl::Time until;
  };

  mutable std::mutex mutex_;
  // Guarded by mutex_. The same shard may be held twice for a moment: lost, and leased anew.
  std::map<Lease, Entry> entries_;
};

}  // namespace metricstore::compute
