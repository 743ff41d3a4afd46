#include "cli/core/bucket_text.h"

#include <utility>

#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "common/status/macros.h"
#include "common/time/iso8601.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"

namespace metricstore::cli {

using registry::v1::DatasetService;

std::string BucketText::Of(const std::string& dataset, registry::v1::Grain grain,
                           absl::Time start) {
  const bool dated = grain != registry::v1::GRAIN_HOUR && grain != registry::v1::GRAIN_UNSPECIFIED;
  if (!dated || dataset.empty()) return FormatInstant(start);
  auto found = dates_.find(dataset);
  if (found == dates_.end()) {
    const auto dates = DatesOf(dataset);
    found = dates_.emplace(dataset, dates.ok() ? std::optional(*dates) : std::nullopt).first;
  }
  if (!found->second.has_value()) return FormatInstant(start);
  const absl::CivilDay day = absl::ToCivilDay(start, found->second->zone);
  return FormatDate(found->second->from_evening_before ? day + 1 : day);
}

absl::StatusOr<BucketText::Dates> BucketText::DatesOf(const std::string& dataset) {
  registry::v1::GetDatasetRequest get_dataset;
  get_dataset.set_project(connection_.project());
  get_dataset.set_name(dataset);
  ASSIGN_OR_RETURN(
      const auto found,
      connection_.Call(Peer::kRegistry, &DatasetService::Stub::GetDataset, get_dataset));
  registry::v1::GetCalendarRequest get_calendar;
  get_calendar.set_project(connection_.project());
  get_calendar.set_name(found.dataset().calendar());
  ASSIGN_OR_RETURN(
      const auto calendar,
      connection_.Call(Peer::kRegistry, &DatasetService::Stub::GetCalendar, get_calendar));
  Dates dates;
  if (!absl::LoadTimeZone(calendar.calendar().time_zone(), &dates.zone)) {
    return Failure(Concat("unknown time zone ", calendar.calendar().time_zone()));
  }
  // With a session that opens on the evening before, every date starts at that time.
  for (const auto& session : calendar.calendar().sessions()) {
    dates.from_evening_before |= session.open().day_offset() < 0;
  }
  for (const auto& session : calendar.calendar().special_sessions()) {
    dates.from_evening_before |= session.open().day_offset() < 0;
  }
  return dates;
}

std::string MetricBuckets::Text(const std::string& metric, registry::v1::Grain grain,
                                absl::Time start) {
  auto found = datasets_.find(metric);
  if (found == datasets_.end()) found = datasets_.emplace(metric, DatasetOf(metric)).first;
  return text_.Of(found->second, grain, start);
}

std::string MetricBuckets::DatasetOf(const std::string& metric) {
  constexpr int kLongestChain = 32;  // longer ones are not computed
  std::string id = metric;
  for (int i = 0; i < kLongestChain; ++i) {
    const registry::v1::Metric& definition = Definition(id);
    if (!definition.dataset().empty()) return definition.dataset();
    if (definition.depends_on().empty()) break;
    id = definition.depends_on(0);
  }
  return "";
}

const registry::v1::Metric& MetricBuckets::Definition(const std::string& metric) {
  const auto [place, is_new] = definitions_.try_emplace(metric);
  if (!is_new) return place->second;
  registry::v1::GetMetricRequest request;
  request.set_project(connection_.project());
  request.set_name(metric);
  auto response =
      connection_.Call(Peer::kRegistry, &registry::v1::CatalogService::Stub::GetMetric, request);
  if (response.ok()) place->second = std::move(*response->mutable_metric());
  return place->second;
}

}  // namespace metricstore::cli
