#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_join.h"
#include "cli/calendars/calendar_commands.h"
#include "cli/core/date_range.h"
#include "cli/core/option_values.h"
#include "cli/core/paging.h"
#include "cli/messages/proto_text.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/output/table_printer.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::DatasetService;
using registry::v1::ListSessionsRequest;
using registry::v1::SessionOnDate;

constexpr int kPageSize = 20'000;

struct SessionsOptions {
  std::string calendar;
  std::string session;
  std::string from;
  std::string to;
  int version = 0;
};

absl::StatusOr<ListSessionsRequest> RequestOf(const SessionsOptions& options) {
  ListSessionsRequest request;
  ASSIGN_OR_RETURN(const DateRange dates, ParseDateRange(options.from, options.to));
  request.set_calendar(options.calendar);
  request.set_calendar_version(options.version);
  request.set_session(options.session);
  ToProto(dates, request.mutable_dates());
  request.set_page_size(kPageSize);
  return request;
}

// An ISO 8601 interval: "2024-05-06T04:00:00Z/2024-05-06T05:00:00Z".
std::string BreakText(const common::v1::Interval& pause) {
  return Concat(TimeText(true, pause.start_time()), "/", TimeText(true, pause.end_time()));
}

std::string BreaksText(const SessionOnDate& session) {
  std::vector<std::string> breaks;
  for (const auto& pause : session.breaks()) breaks.push_back(BreakText(pause));
  return absl::StrJoin(breaks, " ");
}

Table SessionTable(const std::vector<SessionOnDate>& sessions) {
  Table table{{{"trade_date"}, {"session"}, {"open_utc"}, {"close_utc"}, {"breaks"}, {"notes"}},
              {}};
  for (const SessionOnDate& session : sessions) {
    table.rows.push_back({session.trade_date(), session.session(),
                          TimeText(true, session.open_time()), TimeText(true, session.close_time()),
                          BreaksText(session), absl::StrJoin(session.notes(), "; ")});
  }
  return table;
}

nlohmann::ordered_json SessionsJson(const std::vector<SessionOnDate>& sessions) {
  nlohmann::ordered_json rows = JsonRows(SessionTable(sessions));
  for (size_t i = 0; i < sessions.size(); ++i) {
    rows[i]["breaks"] = nlohmann::ordered_json::array();
    for (const auto& pause : sessions[i].breaks()) {
      rows[i]["breaks"].push_back({{"start_utc", TimeText(true, pause.start_time())},
                                   {"end_utc", TimeText(true, pause.end_time())}});
    }
    rows[i]["notes"] =
        std::vector<std::string>(sessions[i].notes().begin(), sessions[i].notes().end());
  }
  return rows;
}

absl::StatusOr<int> ListSessions(Invocation& invocation, const SessionsOptions& options) {
  ASSIGN_OR_RETURN(const ListSessionsRequest request, RequestOf(options));
  std::vector<SessionOnDate> sessions;
  RETURN_IF_ERROR(ForEachPage(
      invocation.connection, &DatasetService::Stub::ListSessions, request, [&](const auto& page) {
        sessions.insert(sessions.end(), page.sessions().begin(), page.sessions().end());
      }));
  if (invocation.format == OutputFormat::kJson) {
    PrintJsonValue(SessionsJson(sessions), invocation.terminal.out);
  } else {
    PrintTable(SessionTable(sessions), invocation.format, invocation.terminal.out);
  }
  invocation.summary() << FormatCountOf(static_cast<int64_t>(sessions.size()), "session") << '\n';
  return kExitOk;
}

}  // namespace

void AddSessions(CLI::App& group, ChosenCommand& chosen) {
  const auto [sessions, options] =
      AddCommand(group, chosen, "sessions",
                 "List sessions with the instants at which they open and close", &ListSessions);
  sessions->add_option("--calendar", options->calendar, "The calendar's name")->required();
  sessions->add_option("--session", options->session, "Only this session; default: all");
  sessions->add_option("--from", options->from, "First trade date, YYYY-MM-DD")->required();
  sessions->add_option("--to", options->to, "Last trade date, included")->required();
  WholeNumber(sessions->add_option("--version,--calendar-version", options->version,
                                   "A version of the calendar; default: the newest"));
  sessions->footer(
      "Closed dates have no row. Notes say why hours are not the usual ones. The close is the "
      "first\n"
      "instant after the session.\n\n"
      "Examples:\n"
      "  metricctl calendars sessions --calendar XNYS --session rth --from 2024-11-25 \\\n"
      "      --to 2024-11-29\n"
      "  metricctl calendars sessions --calendar XHKG --from 2024-01-01 --to 2024-12-31 -o json");
}

}  // namespace metricstore::cli
