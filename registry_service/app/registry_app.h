// Composition root of registry_service: builds the parts, runs them, drains them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/server.h"
#include "registry_service/app/database_watch.h"
#include "registry_service/app/registry_config.h"

namespace metricstore::registry {

// A running registry. It starts and stays alive without PostgreSQL, and is ready while PostgreSQL
// answers. At first contact PostgreSQL must have the schema of this release. Use from one thread.
class RegistryApp {
 public:
  // `on_fatal` is called once, from a thread of the app, when the database turns out to have
  // another schema: the process should end. FAILED_PRECONDITION (SCHEMA_VERSION if the database has
  // another schema already; LISTEN_FAILED) or if the ready file cannot be written.
  static absl::StatusOr<std::unique_ptr<RegistryApp>> Start(const RegistryConfig& config,
                                                            std::function<void()> on_fatal);
  // Drains without grace.
  ~RegistryApp();

  int grpc_port() const;
  int metrics_port() const;
  bool ready() const;

  // Not ready any more, no new calls; running ones have `grace` to end. A second call does nothing.
  void Drain(absl::Duration grace);
  // True if Drain gave up on calls that do not end: the process must leave through _exit.
  bool abandoned_calls() const;

 private:
  struct Parts;
  explicit RegistryApp(std::unique_ptr<Parts> parts);
  absl::Status Serve();
  void DatabaseSeen(const absl::Status& look);
  // Sets the instruments that show what is there now.
  void Sample();

  std::unique_ptr<Parts> parts_;
};

}  // namespace metricstore::registry
