#include "registry_service/calendars/calendar_store.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/calendars/calendar_rows.h"
#include "registry_service/calendars/calendar_statements.h"

namespace metricstore::registry {
namespace {

constexpr int64_t kMaxNames = 10'000;
// Versions kept: far more than the projects of a deployment have.
constexpr size_t kMaxVersions = 10'000;

absl::StatusOr<std::vector<std::string>> NamesAfter(pg::Transaction& transaction,
                                                    int32_t project_id, std::string_view after,
                                                    int64_t limit) {
  const pg::Params params = pg::Params().Add(project_id).Add(after).Add(limit);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectCalendarNames, params));
  std::vector<std::string> names;
  for (const pg::Row row : rows) names.emplace_back(row.Text(0));
  return names;
}

absl::Status VersionNotFound(std::string_view name, int version) {
  return status::ErrorBuilder(
             absl::StatusCode::kNotFound, "CALENDAR_NOT_FOUND",
             absl::StrCat("calendar \"", std::string(name), "\" has no version ", version))
      .Metadata("calendar", name)
      .Metadata("version", absl::StrCat(version))
      .Build();
}

absl::StatusOr<int> NewestVersion(pg::Transaction& transaction, int32_t project_id,
                                  std::string_view name) {
  const pg::Params params = pg::Params().Add(project_id).Add(name);
  ASSIGN_OR_RETURN(const pg::Result rows,
                   transaction.Execute(kSelectNewestCalendarVersion, params));
  if (!rows.Single().IsNull(0)) return rows.Single().Int32(0);
  ASSIGN_OR_RETURN(const auto names, NamesAfter(transaction, project_id, "", kMaxNames));
  return CalendarNotFound(name, names);
}

absl::StatusOr<StoredCalendar> LoadVersion(pg::Transaction& transaction, int32_t project_id,
                                           std::string_view name, int version) {
  const pg::Params params = pg::Params().Add(project_id).Add(name).Add(version);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectCalendarVersion, params));
  if (rows.empty()) return VersionNotFound(name, version);
  return StoredCalendarFrom(rows.Single().Text(0), version, rows.Single().Time(1));
}

}  // namespace

absl::Status CalendarNotFound(std::string_view name, const std::vector<std::string>& known) {
  const std::string suggestion = status::ClosestMatch(name, known);
  std::string message = absl::StrCat("no calendar is named \"", std::string(name), "\"");
  if (!suggestion.empty()) absl::StrAppend(&message, "; did you mean \"", suggestion, "\"?");
  status::ErrorBuilder error(absl::StatusCode::kNotFound, "CALENDAR_NOT_FOUND", message);
  error.Metadata("calendar", name);
  if (!suggestion.empty()) error.Metadata("suggestion", suggestion);
  return error.Build();
}

std::optional<StoredCalendar> CalendarStore::FindCached(const Key& key) {
  std::lock_guard lock(mutex_);
  const auto found = versions_.find(key);
  if (found == versions_.end()) return std::nullopt;
  return found->second;
}

absl::StatusOr<std::shared_ptr<const calendar::Calendar>> CalendarStore::Get(
    int32_t project_id, std::string_view name, int version, const CallBounds& bounds) {
  ASSIGN_OR_RETURN(StoredCalendar stored, GetStored(project_id, name, version, bounds));
  return std::move(stored.calendar);
}

absl::StatusOr<StoredCalendar> CalendarStore::GetStored(int32_t project_id, std::string_view name,
                                                        int version, const CallBounds& bounds) {
  Key key(project_id, std::string(name), version);
  if (version != 0) {
    if (auto cached = FindCached(key)) return *std::move(cached);
  }
  StoredCalendar stored;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    std::get<2>(key) = version;
    if (version == 0) {
      ASSIGN_OR_RETURN(std::get<2>(key), NewestVersion(transaction, project_id, name));
      if (auto cached = FindCached(key)) {
        stored = *std::move(cached);
        return absl::OkStatus();
      }
    }
    ASSIGN_OR_RETURN(stored, LoadVersion(transaction, project_id, name, std::get<2>(key)));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnly, read));
  std::lock_guard lock(mutex_);
  if (versions_.size() >= kMaxVersions) versions_.clear();
  versions_.emplace(std::move(key), stored);
  return stored;
}

absl::StatusOr<std::vector<StoredCalendar>> CalendarStore::List(int32_t project_id,
                                                                std::string_view after,
                                                                int64_t limit,
                                                                const CallBounds& bounds) {
  std::vector<StoredCalendar> calendars;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const auto names, NamesAfter(transaction, project_id, after, limit));
    ASSIGN_OR_RETURN(calendars, LoadNewestCalendars(transaction, project_id, names));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, read));
  return calendars;
}

}  // namespace metricstore::registry
