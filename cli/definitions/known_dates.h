// What becomes of points whose dates a calendar knows no more after an import.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "cli/core/connection.h"
#include "metricstore/registry/v1/catalog_service.pb.h"

namespace metricstore::cli {

// The dates that a calendar knows, both included.
struct KnownDates {
  std::string first, last;
};

// Those of the stored calendar, if it can be had.
std::optional<KnownDates> StoredDates(const std::string& calendar, Connection& connection);

// Whether any of the results has dates inside of the known ones, and outside.
bool AnyInside(const std::vector<registry::v1::StaleResults>& stale, const KnownDates& known);
bool AnyOutside(const std::vector<registry::v1::StaleResults>& stale, const KnownDates& known);

// "note: calendar XNYS knows 2012-01-01 to 2024-01-20: points outside stay as they are, ...".
std::string OutsideText(const std::string& calendar, const KnownDates& known);

// A note that says so of each calendar that would leave points outside of the dates that it would
// know. Nothing of the plan is stored yet.
void PrintOutside(const registry::v1::PlanImportResponse& plan, Connection& connection,
                  std::ostream& out);

}  // namespace metricstore::cli
