// Serves snapshots of projects' catalogues from memory, never more than a second old.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "common/time/clock.h"
#include "registry_service/catalog/view/catalog_snapshot.h"

namespace metricstore::registry {

// Thread-safe; owns a thread that asks PostgreSQL a few times a second whether any project that is
// read has a new revision, and reads what changed. While PostgreSQL does not answer, snapshots grow
// old and reads fail rather than tell what may no longer be so. The pool must outlive it.
class CatalogCache {
 public:
  struct Options {
    absl::Duration look_every = absl::Milliseconds(250);
    absl::Duration oldest = absl::Seconds(1);
    // Projects that nobody read for so long are forgotten.
    absl::Duration forget_after = absl::Minutes(10);
    // Told how every look at the database went; may be null. Called from any thread.
    std::function<void(const absl::Status&)> on_look;
  };
  // Gives the form in which the edge sends a metric; may be null.
  using Encoder = std::function<std::string(const MetricDefinition&)>;

  CatalogCache(pg::Pool& pool, Options options, Encoder encoder,
               const Clock& clock = Clock::System());
  ~CatalogCache();
  CatalogCache(const CatalogCache&) = delete;
  CatalogCache& operator=(const CatalogCache&) = delete;

  // The snapshot if memory has one that is young enough: never blocks; nullptr otherwise.
  std::shared_ptr<const CatalogSnapshot> Peek(int32_t project_id) const;
  // The same, read from PostgreSQL first where memory has none. Errors of pg::Pool::Run.
  absl::StatusOr<std::shared_ptr<const CatalogSnapshot>> Get(int32_t project_id,
                                                             const CallBounds& bounds);
  // A snapshot that has everything committed before the call: after a write of this process, or
  // before telling a reader that something is not there. Errors of pg::Pool::Run.
  absl::StatusOr<std::shared_ptr<const CatalogSnapshot>> Refresh(int32_t project_id,
                                                                 const CallBounds& bounds);

  // What memory holds now.
  struct Holding {
    absl::Duration age;  // of the oldest snapshot
    size_t metrics = 0;  // of all projects
  };
  Holding Held() const;

  // Starts and stops the thread; without it every Get that finds its snapshot old reads.
  void Start();
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace metricstore::registry
