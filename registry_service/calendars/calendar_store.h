// Reads the stored calendars of a project, version by version.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"

namespace metricstore::registry {

// A calendar with the time at which this version was stored.
struct StoredCalendar {
  std::shared_ptr<const calendar::Calendar> calendar;
  absl::Time create_time;
};

// Thread-safe. Versions are immutable and kept once read; which one is the newest is asked each
// time. The pool must outlive it.
class CalendarStore {
 public:
  explicit CalendarStore(pg::Pool& pool) : pool_(pool) {}

  // That version, the newest for 0. NOT_FOUND (CALENDAR_NOT_FOUND, metadata calendar and suggestion
  // or version), or the errors of pg::Pool::Run.
  absl::StatusOr<std::shared_ptr<const calendar::Calendar>> Get(int32_t project_id,
                                                                std::string_view name, int version,
                                                                const CallBounds& bounds);
  // As Get, with the time of storing.
  absl::StatusOr<StoredCalendar> GetStored(int32_t project_id, std::string_view name, int version,
                                           const CallBounds& bounds);

  // The newest versions of at most `limit` calendars whose names come after `after`, by name.
  // Errors of pg::Pool::Run.
  absl::StatusOr<std::vector<StoredCalendar>> List(int32_t project_id, std::string_view after,
                                                   int64_t limit, const CallBounds& bounds);

 private:
  using Key = std::tuple<int32_t, std::string, int>;
  std::optional<StoredCalendar> FindCached(const Key& key);

  pg::Pool& pool_;
  std::mutex mutex_;
  std::map<Key, StoredCalendar> versions_;  // guarded by mutex_
};

// NOT_FOUND (CALENDAR_NOT_FOUND) for `name`, with a suggestion out of `known`.
absl::Status CalendarNotFound(std::string_view name, const std::vector<std::string>& known);

}  // namespace metricstore::registry
