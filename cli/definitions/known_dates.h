// What becomes of points whose dates a calendar knows no more after an import.
#pragma once

#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "cli/core/connection.h"
#include "cli/definitions/stale_text.h"
#include "metricstore/registry/v1/catalog_service.pb.h"

namespace metricstore::cli {

// The dates that a calendar knows, both included.
struct KnownDates {
  std::string first, last;
};
using KnownByCalendar = std::map<std::string, KnownDates>;

// Those of the calendars that make results stale as an import has left them, as far as they can be
// had.
KnownByCalendar StoredDates(const registry::v1::ImportMetricsResponse& response,
                            Connection& connection);
// Those that such calendars would know. Nothing of the plan is stored yet.
KnownByCalendar PlannedDates(const registry::v1::PlanImportResponse& plan, Connection& connection);

// Of results the dates of buckets that are known in whole, which alone can be computed again:
// nullopt if there are none. Results without dates are stale on all of them, and stay.
std::optional<ListedStale> Within(const KnownDates& known, ListedStale stale);

// The stale results of an outcome, cut to what the calendar knows where the outcome is one's.
std::vector<ListedStale> ComputableStale(const registry::v1::ImportOutcome& outcome,
                                         const KnownByCalendar& known);

// "note: calendar XNYS knows 2012-01-01 to 2024-01-20: points outside stay as they are, ...", if
// the outcome is that of a calendar which leaves results outside; `knows` is "knows" or "would
// know".
void PrintOutside(const registry::v1::ImportOutcome& outcome, const KnownByCalendar& known,
                  const char* knows, std::ostream& out);

}  // namespace metricstore::cli
