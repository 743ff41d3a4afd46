#include "compute_service/runner/lease_book.h"

#include <algorithm>
#include <utility>

namespace metricstore::compute {

std::shared_ptr<HeldShard> LeaseBook::Add(LeasedShard shard, absl::Time now,
                                          absl::Time lease_until) {
  const Lease lease = shard.lease;
  auto held = std::make_shared<HeldShard>(std::move(shard), now);
  std::lock_guard lock(mutex_);
  entries_.insert_or_assign(lease, Entry{held, lease_until});
  return held;
}

void LeaseBook::Remove(const HeldShard& held) {
  std::lock_guard lock(mutex_);
  entries_.erase(held.shard.lease);
}

std::vector<Lease> LeaseBook::Standing() const {
  std::lock_guard lock(mutex_);
  std::vector<Lease> leases;
  for (const auto& [lease, entry] : entries_) {
    if (!entry.held->lost) leases.push_back(lease);
  }
  return leases;
}

void LeaseBook::Renew(std::span<const Lease> asked, std::span<const int64_t> renewed,
                      absl::Time lease_until) {
  std::vector<std::shared_ptr<HeldShard>> lost;
  {
    std::lock_guard lock(mutex_);
    for (const Lease& lease : asked) {
      const auto entry = entries_.find(lease);
      if (entry == entries_.end()) continue;  // finished meanwhile
      if (std::ranges::find(renewed, lease.shard_id) != renewed.end()) {
        entry->second.until = lease_until;
      } else if (!entry->second.held->committing) {
        lost.push_back(entry->second.held);
      }
    }
  }
  for (const auto& held : lost) held->Lose();
}

void LeaseBook::DropExpired(absl::Time now) {
  std::vector<std::shared_ptr<HeldShard>> lost;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [lease, entry] : entries_) {
      const HeldShard& held = *entry.held;
      if (entry.until <= now && !held.lost && !held.committing) lost.push_back(entry.held);
    }
  }
  for (const auto& held : lost) held->Lose();
}

void LeaseBook::ShutDown() {
  std::vector<std::shared_ptr<HeldShard>> all;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [lease, entry] : entries_) all.push_back(entry.held);
  }
  for (const auto& held : all) held->ShutDown();
}

size_t LeaseBook::size() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

std::vector<std::shared_ptr<const HeldShard>> LeaseBook::All() const {
  std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<const HeldShard>> all;
  for (const auto& [lease, entry] : entries_) all.push_back(entry.held);
  return all;
}

}  // namespace metricstore::compute
