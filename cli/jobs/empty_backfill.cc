#include "cli/jobs/empty_backfill.h"

#include <set>

#include "absl/strings/str_join.h"
#include "cli/core/date_range.h"
#include "cli/output/concat.h"
#include "common/status/macros.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::Backfill;
using registry::v1::CatalogService;
using registry::v1::DatasetService;

// A job over hundreds of metrics reads few datasets: the first metrics tell of nearly all.
constexpr int kMostAsked = 20;

absl::StatusOr<std::set<std::string>> DatasetsOf(Connection& connection, const Backfill& backfill) {
  registry::v1::BatchGetMetricsRequest request;
  request.set_project(connection.project());
  for (const auto& metric : backfill.metrics()) {
    if (request.metrics_size() < kMostAsked) *request.add_metrics() = metric.metric();
  }
  ASSIGN_OR_RETURN(
      const auto response,
      connection.Call(Peer::kRegistry, &CatalogService::Stub::BatchGetMetrics, request));
  std::set<std::string> datasets;
  for (const auto& metric : response.metrics()) {
    if (!metric.dataset().empty()) datasets.insert(metric.dataset());
  }
  return datasets;
}

absl::StatusOr<std::set<std::string>> CalendarsOf(Connection& connection,
                                                  const Backfill& backfill) {
  ASSIGN_OR_RETURN(const std::set<std::string> datasets, DatasetsOf(connection, backfill));
  std::set<std::string> calendars;
  for (const std::string& dataset : datasets) {
    registry::v1::GetDatasetRequest request;
    request.set_project(connection.project());
    request.set_name(dataset);
    ASSIGN_OR_RETURN(const auto response,
                     connection.Call(Peer::kRegistry, &DatasetService::Stub::GetDataset, request));
    calendars.insert(response.dataset().calendar());
  }
  return calendars;
}

absl::StatusOr<bool> HasSession(Connection& connection, const std::string& calendar,
                                const common::v1::DateInterval& dates) {
  registry::v1::ListSessionsRequest request;
  request.set_project(connection.project());
  request.set_calendar(calendar);
  *request.mutable_dates() = dates;
  request.set_page_size(1);
  ASSIGN_OR_RETURN(const auto response,
                   connection.Call(Peer::kRegistry, &DatasetService::Stub::ListSessions, request));
  return !response.sessions().empty();
}

// The calendars, if none of them has a session on the job's dates; else none.
absl::StatusOr<std::set<std::string>> ClosedCalendars(Connection& connection,
                                                      const Backfill& backfill) {
  ASSIGN_OR_RETURN(const std::set<std::string> calendars, CalendarsOf(connection, backfill));
  for (const std::string& calendar : calendars) {
    ASSIGN_OR_RETURN(const bool open, HasSession(connection, calendar, backfill.dates()));
    if (open) return std::set<std::string>();
  }
  return calendars;
}

}  // namespace

std::string WhyNothingWasRead(Connection& connection, const Backfill& backfill) {
  const auto closed = ClosedCalendars(connection, backfill);
  if (!closed.ok() || closed->empty()) {
    return "the datasets have no rows for these dates and entities; metricctl datasets list shows "
           "from when to when";
  }
  const bool many = closed->size() > 1;
  return Concat(many ? "calendars " : "calendar ", absl::StrJoin(*closed, ", "),
                many ? " have" : " has", " no session on ", DatesText(backfill.dates()),
                ", so none was to be expected");
}

}  // namespace metricstore::cli
