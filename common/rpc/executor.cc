#include "common/rpc/executor.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "common/logging/logging.h"

namespace metricstore::rpc {

using SteadyClock = std::chrono::steady_clock;

struct BoundedExecutor::State {
  std::string name;
  size_t max_queued;

  mutable std::mutex mutex;
  std::condition_variable changed;
  // Guarded by mutex.
  bool stopping = false;
  std::deque<std::function<void()>> queue;
  std::vector<std::optional<SteadyClock::time_point>> started;  // one a thread; empty while idle

  std::vector<std::thread> threads;

  size_t Busy() const {
    return std::count_if(started.begin(), started.end(),
                         [](const auto& start) { return start.has_value(); });
  }

  void RunThread(size_t index);
};

namespace {

void RunTask(const std::string& executor, const std::function<void()>& task) {
  try {
    task();
  } catch (const std::exception& error) {
    logging::Error("task threw", {{"executor", executor}, {"error", error.what()}});
  } catch (...) {
    logging::Error("task threw", {{"executor", executor}});
  }
}

}  // namespace

void BoundedExecutor::State::RunThread(size_t index) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());  // the kernel's limit
  std::unique_lock lock(mutex);
  while (true) {
    changed.wait(lock, [this] { return stopping || !queue.empty(); });
    if (queue.empty()) return;
    auto task = std::move(queue.front());
    queue.pop_front();
    started[index] = SteadyClock::now();
    lock.unlock();
    RunTask(name, task);
    task = nullptr;  // what it holds is released outside of the lock
    lock.lock();
    started[index].reset();
  }
}

BoundedExecutor::BoundedExecutor(std::string name, int threads, size_t max_queued)
    : state_(std::make_unique<State>()) {
  const size_t count = static_cast<size_t>(std::max(threads, 1));
  state_->name = std::move(name);
  state_->max_queued = max_queued;
  state_->started.resize(count);
  state_->threads.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    state_->threads.emplace_back([state = state_.get(), i] { state->RunThread(i); });
  }
}

BoundedExecutor::~BoundedExecutor() {
  Stop();
  for (std::thread& thread : state_->threads) thread.join();
}

bool BoundedExecutor::TrySubmit(std::function<void()> task) {
  {
    std::lock_guard lock(state_->mutex);
    // A task that an idle thread is about to take does not count as queued.
    const size_t idle = state_->started.size() - state_->Busy();
    if (state_->stopping || state_->queue.size() >= state_->max_queued + idle) return false;
    state_->queue.push_back(std::move(task));
  }
  state_->changed.notify_one();
  return true;
}

void BoundedExecutor::Stop() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
}

size_t BoundedExecutor::queued() const {
  std::lock_guard lock(state_->mutex);
  return state_->queue.size();
}

int BoundedExecutor::busy_threads() const {
  std::lock_guard lock(state_->mutex);
  return static_cast<int>(state_->Busy());
}

double BoundedExecutor::oldest_task_seconds() const {
  std::lock_guard lock(state_->mutex);
  const auto now = SteadyClock::now();
  auto oldest = now;
  for (const auto& start : state_->started) {
    if (start.has_value()) oldest = std::min(oldest, *start);
  }
  return std::chrono::duration<double>(now - oldest).count();
}

}  // namespace metricstore::rpc
