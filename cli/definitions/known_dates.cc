#include "cli/definitions/known_dates.h"

#include <algorithm>

#include "cli/core/date_range.h"
#include "cli/output/concat.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::FieldChange;
using registry::v1::PlannedChange;
using registry::v1::StaleResults;

// An end that does not move is the stored one.
std::optional<KnownDates> PlannedDates(const PlannedChange& change, Connection& connection) {
  std::optional<KnownDates> known = StoredDates(change.outcome().name(), connection);
  if (!known) return known;
  for (const FieldChange& field : change.changes()) {
    if (field.field() == "first_date") known->first = field.after();
    if (field.field() == "last_date") known->last = field.after();
  }
  return known;
}

std::string NoteText(const std::string& calendar, const char* knows, const KnownDates& known) {
  return Concat("note: calendar ", calendar, knows, known.first, " to ", known.last,
                ": points outside stay as they are, and trend and backfill refuse their dates "
                "until it knows them again");
}

}  // namespace

std::optional<KnownDates> StoredDates(const std::string& calendar, Connection& connection) {
  registry::v1::GetCalendarRequest request;
  request.set_project(connection.project());
  request.set_name(calendar);
  const auto response =
      connection.Call(Peer::kRegistry, &registry::v1::DatasetService::Stub::GetCalendar, request);
  if (!response.ok()) return std::nullopt;
  return KnownDates{response->calendar().first_date(), response->calendar().last_date()};
}

bool AnyInside(const std::vector<StaleResults>& stale, const KnownDates& known) {
  return std::any_of(stale.begin(), stale.end(), [&](const StaleResults& results) {
    const auto inside = [&](const auto& dates) {
      return dates.start_date() <= known.last && LastDate(dates) >= known.first;
    };
    const auto& dates = results.dates();
    return dates.empty() || std::any_of(dates.begin(), dates.end(), inside);
  });
}

bool AnyOutside(const std::vector<StaleResults>& stale, const KnownDates& known) {
  return std::any_of(stale.begin(), stale.end(), [&](const StaleResults& results) {
    const auto outside = [&](const auto& dates) {
      return dates.start_date() < known.first || LastDate(dates) > known.last;
    };
    return std::any_of(results.dates().begin(), results.dates().end(), outside);
  });
}

std::string OutsideText(const std::string& calendar, const KnownDates& known) {
  return NoteText(calendar, " knows ", known);
}

void PrintOutside(const registry::v1::PlanImportResponse& plan, Connection& connection,
                  std::ostream& out) {
  for (const PlannedChange& change : plan.changes()) {
    const auto& outcome = change.outcome();
    if (outcome.kind() != "calendar" || outcome.stale().empty()) continue;
    const std::optional<KnownDates> known = PlannedDates(change, connection);
    if (!known || !AnyOutside({outcome.stale().begin(), outcome.stale().end()}, *known)) continue;
    out << NoteText(outcome.name(), " would know ", *known) << '\n';
  }
}

}  // namespace metricstore::cli
