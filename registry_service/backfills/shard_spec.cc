#include "registry_service/backfills/shard_spec.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::registry {
namespace {

using nlohmann::json;

json MetricsToJson(const std::vector<MetricAtGrain>& metrics) {
  json list = json::array();
  for (const MetricAtGrain& metric : metrics) {
    list.push_back(
        {{"id", metric.id}, {"version", metric.version}, {"grain", GrainName(metric.grain)}});
  }
  return list;
}

std::vector<MetricAtGrain> MetricsFromJson(const json& list) {
  std::vector<MetricAtGrain> metrics;
  metrics.reserve(list.size());
  for (const json& item : list) {
    const auto grain = ParseGrain(item.at("grain").get<std::string>());
    if (!grain.has_value()) throw std::runtime_error("unknown grain");
    metrics.push_back(
        {item.at("id").get<std::string>(), item.at("version").get<int32_t>(), *grain});
  }
  return metrics;
}

json DatesToJson(DateRange dates) {
  return json::array({FormatDate(dates.start), FormatDate(dates.end)});
}

DateRange DatesFromJson(const json& pair) {
  const auto start = ParseDate("dates", pair.at(0).get<std::string>());
  const auto end = ParseDate("dates", pair.at(1).get<std::string>());
  if (!start.ok() || !end.ok()) throw std::runtime_error("dates are not ISO 8601");
  return {*start, *end};
}

absl::Status Damaged(std::string_view what, const std::exception& error) {
  return status::InternalError(
      absl::StrCat("a stored ", std::string(what), " cannot be read: ", error.what()));
}

}  // namespace

std::string ShardSpecToJson(const ShardSpec& spec) {
  json text = {{"dataset", spec.dataset},
               {"calendar", spec.calendar},
               {"calendar_version", spec.calendar_version},
               {"entities", spec.entities},
               {"dates", DatesToJson(spec.dates)},
               {"extent_micros", {ToMicros(spec.extent.start), ToMicros(spec.extent.end)}},
               {"metrics", MetricsToJson(spec.metrics)}};
  // Left out where there are none, as specifications were before derived metrics.
  if (!spec.also_reads.empty()) text["also_reads"] = spec.also_reads;
  if (!spec.reads.empty()) text["reads"] = spec.reads;
  return text.dump();
}

absl::StatusOr<ShardSpec> ParseShardSpec(std::string_view text) {
  try {
    const json parsed = json::parse(text);
    ShardSpec spec;
    spec.dataset = parsed.at("dataset").get<std::string>();
    spec.calendar = parsed.at("calendar").get<std::string>();
    spec.calendar_version = parsed.at("calendar_version").get<int32_t>();
    spec.entities = parsed.at("entities").get<std::vector<std::string>>();
    spec.dates = DatesFromJson(parsed.at("dates"));
    const json& extent = parsed.at("extent_micros");
    spec.extent = {FromMicros(extent.at(0).get<int64_t>()),
                   FromMicros(extent.at(1).get<int64_t>())};
    spec.metrics = MetricsFromJson(parsed.at("metrics"));
    spec.also_reads = parsed.value("also_reads", std::vector<std::string>());
    spec.reads = parsed.value("reads", std::vector<std::pair<std::string, int>>());
    return spec;
  } catch (const std::exception& error) {
    return Damaged("shard", error);
  }
}

std::string BackfillSpecToJson(const BackfillSpec& spec) {
  return json{{"metrics", MetricsToJson(spec.metrics)},
              {"entities", spec.entities},
              {"dates", DatesToJson(spec.dates)}}
      .dump();
}

absl::StatusOr<BackfillSpec> ParseBackfillSpec(std::string_view text) {
  try {
    const json parsed = json::parse(text);
    return BackfillSpec{MetricsFromJson(parsed.at("metrics")),
                        parsed.at("entities").get<std::vector<std::string>>(),
                        DatesFromJson(parsed.at("dates"))};
  } catch (const std::exception& error) {
    return Damaged("backfill", error);
  }
}

}  // namespace metricstore::registry
