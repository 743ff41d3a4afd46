// Watches whether PostgreSQL answers, and at first contact whether it has the schema of this
// release.
#pragma once

#include <functional>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"

namespace metricstore::registry {

struct DatabaseWatchOptions {
  absl::Duration interval = absl::Seconds(2);
  absl::Duration timeout = absl::Seconds(2);  // of one look
};

// Looks at the database every `interval` from a thread of its own. The pool must outlive it. Once
// the schema was found right it is not asked for again: a newer release migrates the database while
// this one still serves.
class DatabaseWatch {
 public:
  // `on_look` is told of every look: OK, UNAVAILABLE and the like while PostgreSQL cannot be
  // reached, or FAILED_PRECONDITION (SCHEMA_VERSION), after which no further look is taken. Called
  // on one thread at a time.
  DatabaseWatch(pg::Pool& pool, DatabaseWatchOptions options,
                std::function<void(const absl::Status&)> on_look);
  // Interrupts a running look and waits for it.
  ~DatabaseWatch();

  // Takes one look on the calling thread, and tells. Only before Start.
  absl::Status LookNow();
  void Start();
  void Stop();

 private:
  absl::Status Look();
  void Run();

  pg::Pool& pool_;
  const DatabaseWatchOptions options_;
  const std::function<void(const absl::Status&)> on_look_;
  CancelToken stopping_;
  bool schema_fits_ = false;  // before Start: the caller's; then the thread's
  absl::Notification stopped_;
  std::once_flag stop_once_;
  std::thread thread_;
};

// Whether a look found a database that this release must not serve from.
bool IsWrongSchema(const absl::Status& look);

}  // namespace metricstore::registry
