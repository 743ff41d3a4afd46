#include "common/pg/connection_source.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::pg {

ConnectionSource::ConnectionSource(SourceOptions options)
    : options_(std::move(options)), connecting_([this] { Connect(); }) {}

ConnectionSource::~ConnectionSource() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wanted_more_.notify_all();
  connecting_.join();
}

int ConnectionSource::in_use() const {
  std::lock_guard lock(mutex_);
  return in_use_;
}

ConnectionSource::Lease ConnectionSource::TakeIdle() {
  Idle taken = std::move(idle_.back());
  idle_.pop_back();
  ++in_use_;
  return Lease(this, std::move(taken.connection), taken.reused);
}

absl::StatusOr<ConnectionSource::Lease> ConnectionSource::Acquire(const CallBounds& bounds) {
  RETURN_IF_ERROR(bounds.Check());
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) return TakeIdle();
  }
  // Outside the lock, since it waits for a callback that takes the lock.
  const auto registration = bounds.cancel.OnCancel([this] {
    std::lock_guard lock(mutex_);
    changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  ++waiting_;
  const absl::Status status = WaitForIdle(bounds, lock);
  --waiting_;
  if (!status.ok()) return status;
  return TakeIdle();
}

// Returns OK with at least one idle connection and the lock held.
absl::Status ConnectionSource::WaitForIdle(const CallBounds& bounds,
                                           std::unique_lock<std::mutex>& lock) {
  const absl::Time give_up_at = absl::Now() + options_.acquire_timeout;
  const uint64_t failures_before = failures_;
  while (idle_.empty()) {
    if (failures_ != failures_before) {
      // A server without free slots may still serve the connections that are open here.
      const bool others_may_come = absl::IsResourceExhausted(last_failure_) && in_use_ > 0;
      if (!others_may_come) return last_failure_;
    } else if (wanted_ < waiting_ && in_use_ + wanted_ < options_.max_connections) {
      ++wanted_;
      wanted_more_.notify_one();
    }
    const absl::Time until = std::min(give_up_at, bounds.deadline);
    if (until == absl::InfiniteFuture()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, absl::ToChronoTime(until));
    }
    if (!idle_.empty()) break;
    RETURN_IF_ERROR(bounds.Check());
    if (absl::Now() >= give_up_at) return WhyNone(failures_before);
  }
  return absl::OkStatus();
}

absl::Status ConnectionSource::WhyNone(uint64_t failures_before) const {
  if (in_use_ < options_.max_connections) {
    return failures_ == failures_before
               ? DatabaseUnavailable("connecting to PostgreSQL takes too long")
               : last_failure_;
  }
  return status::ErrorBuilder(absl::StatusCode::kResourceExhausted, "OVERLOADED",
                              "every database connection is in use")
      .RetryAfter(absl::Seconds(1))
      .Build();
}

void ConnectionSource::Release(std::unique_ptr<Connection> connection, bool keep) {
  std::unique_lock lock(mutex_);
  --in_use_;
  if (keep) idle_.push_back({std::move(connection), /*reused=*/true});
  // A closed connection also matters to those who wait: they may now ask for a new one.
  changed_.notify_one();
  lock.unlock();
  connection.reset();  // closing may take a while
}

void ConnectionSource::DropIdle() {
  std::vector<Idle> dropped;
  std::lock_guard lock(mutex_);
  dropped.swap(idle_);
}

void ConnectionSource::Connect() {
  std::unique_lock lock(mutex_);
  while (true) {
    wanted_more_.wait(lock, [this] { return closing_ || wanted_ > 0; });
    if (closing_) return;
    lock.unlock();
    auto opened = Connection::Open(options_.conninfo);
    lock.lock();
    --wanted_;
    if (opened.ok()) {
      idle_.push_back({*std::move(opened), /*reused=*/false});
      changed_.notify_one();
    } else {
      last_failure_ = std::move(opened).status();
      ++failures_;
      wanted_ = 0;  // whoever asked is told of this failure
      changed_.notify_all();
    }
  }
}

}  // namespace metricstore::pg
