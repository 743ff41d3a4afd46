#include "common/time/cancellation.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/status/error.h"

namespace metricstore {

struct CancelToken::State {
  std::atomic<bool> cancelled = false;
  std::mutex mutex;
  std::condition_variable finished;
  std::vector<std::shared_ptr<Registration::Entry>> entries;  // guarded by mutex
};

struct CancelToken::Registration::Entry {
  std::shared_ptr<State> state;
  std::function<void()> callback;
  // Guarded by state->mutex.
  bool removed = false;
  std::thread::id running_on;
};

CancelToken::CancelToken() : state_(std::make_shared<State>()) {}

void CancelToken::Cancel() const {
  std::unique_lock lock(state_->mutex);
  if (state_->cancelled.exchange(true)) return;
  const auto entries = std::exchange(state_->entries, {});
  for (const auto& entry : entries) {
    if (entry->removed) continue;
    entry->running_on = std::this_thread::get_id();
    lock.unlock();
    entry->callback();
    lock.lock();
    entry->running_on = {};
    state_->finished.notify_all();
  }
}

bool CancelToken::cancelled() const { return state_->cancelled; }

CancelToken::Registration CancelToken::OnCancel(std::function<void()> callback) const {
  auto entry = std::make_shared<Registration::Entry>();
  entry->state = state_;
  {
    std::lock_guard lock(state_->mutex);
    if (!state_->cancelled) {
      entry->callback = std::move(callback);
      state_->entries.push_back(entry);
      return Registration(std::move(entry));
    }
  }
  callback();
  return {};
}

CancelToken::Registration::Registration(std::shared_ptr<Entry> entry) : entry_(std::move(entry)) {}

CancelToken::Registration::Registration(Registration&&) noexcept = default;

CancelToken::Registration& CancelToken::Registration::operator=(Registration&& other) noexcept {
  std::swap(entry_, other.entry_);
  Registration dropped(std::move(other));
  return *this;
}

CancelToken::Registration::~Registration() {
  if (entry_ == nullptr) return;
  State& state = *entry_->state;
  std::unique_lock lock(state.mutex);
  entry_->removed = true;
  std::erase(state.entries, entry_);
  // A callback may drop its own registration: it must not wait for itself.
  if (entry_->running_on == std::this_thread::get_id()) return;
  state.finished.wait(lock, [&] { return entry_->running_on == std::thread::id(); });
}

absl::Duration CallBounds::remaining() const {
  return std::max(absl::ZeroDuration(), deadline - absl::Now());
}

absl::Status CallBounds::Check() const {
  if (cancel.cancelled()) {
    return status::ErrorBuilder(absl::StatusCode::kCancelled, "CANCELLED", "the call was cancelled")
        .Build();
  }
  if (absl::Now() >= deadline) {
    return status::ErrorBuilder(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                                "the call's deadline passed")
        .Build();
  }
  return absl::OkStatus();
}

}  // namespace metricstore
