#include "common/pg/interrupter.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

namespace metricstore::pg {
namespace {

// The server's own time limit comes first, so that the connection survives.
constexpr absl::Duration kDeadlineGrace = absl::Milliseconds(50);
// A request may arrive between two statements, where the server ignores it: send again.
constexpr absl::Duration kResendInterval = absl::Milliseconds(100);
// A server that does not react to cancel requests for so long is given up.
constexpr absl::Duration kGiveUpAfter = absl::Seconds(2);

}  // namespace

// Guarded by mutex_.
struct Interrupter::Entry {
  std::shared_ptr<const CancelKey> key;
  int socket = -1;
  absl::Time deadline;
  bool cancelled = false;
  bool spare_commit = false;
  bool interrupted = false;
  absl::Time stop_since = absl::InfiniteFuture();  // when it should have stopped
  absl::Time next_cancel = absl::InfinitePast();
};

Interrupter::Interrupter() : decider_([this] { Decide(); }), sender_([this] { SendCancels(); }) {}

Interrupter::~Interrupter() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  cancels_waiting_.notify_all();
  decider_.join();
  sender_.join();
}

std::unique_ptr<Interrupter::Watch> Interrupter::Start(const Connection& connection,
                                                       const CallBounds& bounds) {
  auto entry = std::make_shared<Entry>();
  entry->key = connection.cancel_key();
  entry->socket = SocketOf(connection.raw());
  entry->deadline = bounds.deadline;
  {
    std::lock_guard lock(mutex_);
    entries_.push_back(entry);
    if (entry->deadline + kDeadlineGrace < next_look_) changed_.notify_all();
  }
  return std::unique_ptr<Watch>(new Watch(this, std::move(entry), bounds));
}

void Interrupter::Remove(const std::shared_ptr<Entry>& entry) {
  std::lock_guard lock(mutex_);
  std::erase(entries_, entry);
}

// Does what is due for `entry`; returns when to look at it again.
absl::Time Interrupter::ActOn(Entry& entry, absl::Time now) {
  if (entry.cancelled) entry.stop_since = std::min(entry.stop_since, now);
  if (entry.deadline + kDeadlineGrace <= now) {
    entry.stop_since = std::min(entry.stop_since, entry.deadline);
  }
  if (entry.stop_since == absl::InfiniteFuture()) return entry.deadline + kDeadlineGrace;
  if (entry.stop_since + kGiveUpAfter <= now) {
    ::shutdown(entry.socket, SHUT_RDWR);
    entry.interrupted = true;
    return absl::InfiniteFuture();
  }
  const absl::Time give_up_at = entry.stop_since + kGiveUpAfter;
  if (entry.spare_commit) return give_up_at;
  if (entry.next_cancel <= now) {
    entry.interrupted = true;
    entry.next_cancel = now + kResendInterval;
    // One waiting request a connection is enough, however slow the sender is.
    if (std::find(cancels_.begin(), cancels_.end(), entry.key) == cancels_.end()) {
      cancels_.push_back(entry.key);
      cancels_waiting_.notify_one();
    }
  }
  return std::min(entry.next_cancel, give_up_at);
}

void Interrupter::Decide() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const absl::Time now = absl::Now();
    next_look_ = absl::InfiniteFuture();
    for (const auto& entry : entries_) next_look_ = std::min(next_look_, ActOn(*entry, now));
    if (next_look_ == absl::InfiniteFuture()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, absl::ToChronoTime(next_look_));
    }
  }
}

void Interrupter::SendCancels() {
  std::unique_lock lock(mutex_);
  while (true) {
    cancels_waiting_.wait(lock, [this] { return stopping_ || !cancels_.empty(); });
    if (stopping_) return;
    const auto keys = std::exchange(cancels_, {});
    lock.unlock();
    for (const auto& key : keys) key->Send();
    lock.lock();
  }
}

Interrupter::Watch::Watch(Interrupter* interrupter, std::shared_ptr<Entry> entry,
                          const CallBounds& bounds)
    : interrupter_(interrupter), entry_(std::move(entry)) {
  registration_ = bounds.cancel.OnCancel([interrupter, watched = entry_] {
    std::lock_guard lock(interrupter->mutex_);
    watched->cancelled = true;
    interrupter->changed_.notify_all();
  });
}

Interrupter::Watch::~Watch() { Stop(); }

void Interrupter::Watch::Stop() {
  registration_ = {};  // first: a running callback uses the entry and the interrupter
  interrupter_->Remove(entry_);
}

void Interrupter::Watch::SpareCommit() {
  std::lock_guard lock(interrupter_->mutex_);
  entry_->spare_commit = true;
}

bool Interrupter::Watch::interrupted() const {
  std::lock_guard lock(interrupter_->mutex_);
  return entry_->interrupted;
}

}  // namespace metricstore::pg
