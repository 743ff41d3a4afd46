#include "registry_service/app/database_watch.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/status/error.h"
#include "registry_service/migrator/schema_version.h"

namespace metricstore::registry {

bool IsWrongSchema(const absl::Status& look) { return status::ReasonOf(look) == "SCHEMA_VERSION"; }

DatabaseWatch::DatabaseWatch(pg::Pool& pool, DatabaseWatchOptions options,
                             std::function<void(const absl::Status&)> on_look)
    : pool_(pool), options_(options), on_look_(std::move(on_look)) {}

DatabaseWatch::~DatabaseWatch() { Stop(); }

absl::Status DatabaseWatch::Look() {
  const CallBounds bounds = {absl::Now() + options_.timeout, stopping_};
  if (schema_fits_) return pool_.Ping(bounds);
  const absl::Status check = CheckSchemaVersion(pool_, bounds);
  schema_fits_ = check.ok();
  return check;
}

absl::Status DatabaseWatch::LookNow() {
  absl::Status look = Look();
  on_look_(look);
  return look;
}

void DatabaseWatch::Start() {
  thread_ = std::thread([this] { Run(); });
}

void DatabaseWatch::Stop() {
  std::call_once(stop_once_, [this] {
    stopping_.Cancel();
    stopped_.Notify();
    if (thread_.joinable()) thread_.join();
  });
}

void DatabaseWatch::Run() {
  while (!stopped_.WaitForNotificationWithTimeout(options_.interval)) {
    const absl::Status look = Look();
    if (stopping_.cancelled()) return;
    on_look_(look);
    if (IsWrongSchema(look)) return;
  }
}

}  // namespace metricstore::registry
