// A fixed set of threads with a bounded queue: where RPC bodies run, so that reactions never block.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace metricstore::rpc {

// Thread-safe. The destructor runs what is queued and joins.
class BoundedExecutor {
 public:
  BoundedExecutor(std::string name, int threads, size_t max_queued);
  ~BoundedExecutor();
  BoundedExecutor(const BoundedExecutor&) = delete;
  BoundedExecutor& operator=(const BoundedExecutor&) = delete;

  // Queues `task`, or returns false at once if the queue is full or Stop was called.
  [[nodiscard]] bool TrySubmit(std::function<void()> task);
  // Refuses new tasks; queued ones still run.
  void Stop();
  size_t queued() const;
  int busy_threads() const;
  // Seconds that the oldest running task has been running; 0 if idle.
  double oldest_task_seconds() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace metricstore::rpc
