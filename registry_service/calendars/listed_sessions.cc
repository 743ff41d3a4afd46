#include "registry_service/calendars/listed_sessions.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/window.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/calendars/resolved_windows.h"

namespace metricstore::registry {
namespace {

absl::Status CheckSessionName(const calendar::Calendar& calendar, std::string_view name) {
  if (name.empty() || calendar.HasSession(name)) return absl::OkStatus();
  std::vector<std::string> names;
  for (const std::string_view known : calendar.SessionNames()) names.emplace_back(known);
  const std::string suggestion = status::ClosestMatch(name, names);
  const std::string why = calendar::UnknownSessionText(calendar, name);
  status::ErrorBuilder error(absl::StatusCode::kInvalidArgument, "FIELD_INVALID",
                             absl::StrCat("session: ", why));
  error.Metadata("field", "session").Metadata("value", name).Field("session", why);
  if (!suggestion.empty()) error.Metadata("suggestion", suggestion);
  return error.Build();
}

std::vector<TimeRange> BreaksOf(const calendar::Session& session) {
  std::vector<TimeRange> breaks;
  for (size_t i = 1; i < session.pieces.size(); ++i) {
    breaks.push_back({session.pieces[i - 1].end, session.pieces[i].start});
  }
  return breaks;
}

}  // namespace

absl::StatusOr<SessionPage> ListSessions(const calendar::Calendar& calendar, const DateRange& dates,
                                         std::string_view name,
                                         const std::optional<SessionPosition>& from, size_t limit) {
  RETURN_IF_ERROR(CheckKnownDates(calendar, dates));
  RETURN_IF_ERROR(CheckSessionName(calendar, name));
  const SessionPosition first = from.value_or(SessionPosition{dates.start});
  if (first.date < dates.start || first.date >= dates.end) return ForeignPageToken();
  SessionPage page;
  for (absl::CivilDay date = first.date; date < dates.end; ++date) {
    size_t before = 0;
    for (calendar::Session& session : calendar.SessionsOn(date)) {
      if (!name.empty() && session.name != name) continue;
      const SessionPosition position{date, before++};
      if (date == first.date && position.before < first.before) continue;
      if (page.sessions.size() == limit) {
        page.next = position;
        return page;
      }
      std::vector<TimeRange> breaks = BreaksOf(session);
      page.sessions.push_back(
          {position, std::move(session), std::move(breaks), calendar.NotesOn(date)});
    }
  }
  return page;
}

}  // namespace metricstore::registry
