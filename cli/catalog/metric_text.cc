#include "cli/catalog/metric_text.h"

#include <utility>

#include "absl/strings/str_join.h"
#include "cli/catalog/metric_suggestions.h"
#include "cli/messages/proto_text.h"
#include "cli/output/concat.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {

using registry::v1::CatalogService;
using registry::v1::Metric;

std::string TypeText(const Metric& metric) { return EnumText(metric.type(), "METRIC_TYPE_"); }

std::string GrainText(const Metric& metric) { return EnumText(metric.grain(), "GRAIN_"); }

std::string VersionText(const Metric& metric) {
  std::string text = std::to_string(metric.version());
  if (metric.latest_version() > metric.active_version()) {
    text += Concat(" (v", metric.latest_version(), " pending)");
  }
  if (metric.has_delete_time()) text += " (deleted)";
  return text;
}

std::string TableText(const Metric& metric) {
  return metric.dataset().empty() ? absl::StrJoin(metric.tables(), "+") : metric.dataset();
}

CLI::Option* AddMetricName(CLI::App& command, std::string& name) {
  return command
      .add_option("NAME", name, "The id category/name, or the name alone if it is unique")
      ->required();
}

absl::StatusOr<Metric> GetMetric(Invocation& invocation, const std::string& name, int version) {
  registry::v1::GetMetricRequest request;
  request.set_project(invocation.connection.project());
  request.set_name(name);
  request.set_version(version);
  auto response =
      invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::GetMetric, request);
  if (!response.ok()) return ExplainMissing(invocation, name, response.status());
  return std::move(*response->mutable_metric());
}

absl::StatusOr<std::string> ResolveMetricId(Invocation& invocation, const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  ASSIGN_OR_RETURN(const Metric metric, GetMetric(invocation, name));
  return metric.id();
}

}  // namespace metricstore::cli
