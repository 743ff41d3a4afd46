// A bounded set of connections and the waiting for them. Internal to this folder.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/pg/connection.h"
#include "common/time/cancellation.h"

namespace metricstore::pg {

struct SourceOptions {
  std::string conninfo;  // complete
  int max_connections = 8;
  absl::Duration acquire_timeout = absl::Seconds(5);
};

// Connections are made by a thread of its own, so that a caller waits exactly as long as its bounds
// allow, however long connecting takes. Thread-safe.
class ConnectionSource {
 public:
  explicit ConnectionSource(SourceOptions options);
  ~ConnectionSource();
  ConnectionSource(const ConnectionSource&) = delete;
  ConnectionSource& operator=(const ConnectionSource&) = delete;

  // The use of one connection. It is closed at the end unless Keep was called.
  class Lease {
   public:
    Lease(ConnectionSource* source, std::unique_ptr<Connection> connection, bool reused)
        : source_(source), connection_(std::move(connection)), reused_(reused) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_ != nullptr) source_->Release(std::move(connection_), keep_);
    }
    Connection& connection() { return *connection_; }
    // Whether an earlier transaction used the connection, which may have died since.
    bool reused() const { return reused_; }
    void Keep() { keep_ = true; }

   private:
    ConnectionSource* source_;
    std::unique_ptr<Connection> connection_;
    bool reused_;
    bool keep_ = false;
  };

  // UNAVAILABLE (DATABASE_UNAVAILABLE), RESOURCE_EXHAUSTED (DATABASE_EXHAUSTED, or OVERLOADED if
  // all are in use for longer than the acquire timeout), DEADLINE_EXCEEDED, CANCELLED.
  absl::StatusOr<Lease> Acquire(const CallBounds& bounds);
  // Closes the connections that nobody uses: one of them was found dead.
  void DropIdle();
  int in_use() const;

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    bool reused;
  };

  void Release(std::unique_ptr<Connection> connection, bool keep);
  void Connect();
  Lease TakeIdle();
  absl::Status WaitForIdle(const CallBounds& bounds, std::unique_lock<std::mutex>& lock);
  absl::Status WhyNone(uint64_t failures_before) const;

  const SourceOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;      // for those who wait for a connection
  std::condition_variable wanted_more_;  // for the connecting thread
  bool closing_ = false;
  std::vector<Idle> idle_;
  int in_use_ = 0;
  int waiting_ = 0;
  int wanted_ = 0;  // connections asked of the connecting thread and not there yet
  uint64_t failures_ = 0;
  absl::Status last_failure_;
  std::thread connecting_;
};

}  // namespace metricstore::pg
