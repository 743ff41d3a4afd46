#include "registry_service/backfills/metric_choice.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace metricstore::registry {
namespace {

absl::Status NotSupported(const SkippedMetric& metric, const std::string& message) {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED", message)
      .Metadata("field", "metrics")
      .Metadata("metric", metric.id)
      .Metadata("reason", metric.reason)
      .Field("metrics", message)
      .Build();
}

}  // namespace

bool IsNamed(const MetricDefinition& metric, const std::vector<std::string>& globs) {
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
    return glob == metric.id() || glob == metric.name;
  });
}

absl::StatusOr<MetricChoice> ChooseMetrics(std::vector<MetricDefinition> matched,
                                           const std::vector<std::string>& globs,
                                           const WhyNot& why_not) {
  MetricChoice choice;
  for (MetricDefinition& metric : matched) {
    SkippedMetric skipped{metric.id(), why_not(metric)};
    if (skipped.reason.empty()) {
      choice.computed.push_back(std::move(metric));
      continue;
    }
    if (IsNamed(metric, globs)) {
      return NotSupported(skipped, absl::StrCat("this release does not compute metric ", skipped.id,
                                                ": ", skipped.reason));
    }
    choice.skipped.push_back(std::move(skipped));
  }
  if (!choice.computed.empty()) return choice;
  const SkippedMetric& first = choice.skipped.front();
  return NotSupported(first,
                      absl::StrCat("this release computes none of the ", choice.skipped.size(),
                                   " metrics that fit, such as ", first.id, ": ", first.reason));
}

std::string SkippedToJson(const std::vector<SkippedMetric>& skipped) {
  nlohmann::json list = nlohmann::json::array();
  for (const SkippedMetric& metric : skipped) {
    list.push_back({{"id", metric.id}, {"reason", metric.reason}});
  }
  return list.dump();
}

absl::StatusOr<std::vector<SkippedMetric>> ParseSkipped(std::string_view json) {
  try {
    std::vector<SkippedMetric> skipped;
    for (const auto& item : nlohmann::json::parse(json)) {
      skipped.push_back({item.at("id").get<std::string>(), item.at("reason").get<std::string>()});
    }
    return skipped;
  } catch (const std::exception& error) {
    return status::InternalError(
        absl::StrCat("stored skipped metrics cannot be read: ", error.what()));
  }
}

}  // namespace metricstore::registry
