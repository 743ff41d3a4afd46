#include "cli/evaluation/evaluated_metrics.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_join.h"
#include "cli/core/metric_ref.h"
#include "cli/definitions/definition_files.h"
#include "cli/messages/finding_text.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/status/macros.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using compute::v1::EvaluatedMetric;
using registry::v1::CatalogService;
using registry::v1::Finding;
using registry::v1::ValidateMetricsRequest;
using registry::v1::ValidateMetricsResponse;

// What is wrong in the files: the first fault, and how to see the others.
absl::Status Refusal(const ValidateMetricsResponse& response,
                     const std::vector<std::string>& paths) {
  std::string first;
  int64_t errors = 0;
  for (const auto& report : response.reports()) {
    for (const Finding& finding : report.findings()) {
      if (finding.severity() != Finding::SEVERITY_ERROR) continue;
      if (++errors == 1) first = FindingText(report, finding);
    }
  }
  if (errors == 0) return absl::OkStatus();
  const absl::Status refusal = Failure(first);
  if (errors == 1) return refusal;
  return WithHint(refusal, Concat(FormatCountOf(errors, "error"), " in all; metricctl validate ",
                                  absl::StrJoin(paths, " "), " lists them"));
}

// What the registry says of files, under the paths that people gave.
absl::StatusOr<ValidateMetricsResponse> Validate(Invocation& invocation,
                                                 const std::vector<std::string>& paths) {
  ASSIGN_OR_RETURN(DefinitionInput input, ReadDefinitionFiles(paths));
  ValidateMetricsRequest request;
  request.set_project(invocation.connection.project());
  request.set_skip_tests(true);
  request.set_with_definitions(true);
  for (auto& file : input.files) *request.add_files() = std::move(file);
  auto response =
      invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::ValidateMetrics, request);
  if (!response.ok()) return input.paths.In(response.status());
  for (auto& report : *response->mutable_reports()) input.paths.Rewrite(report);
  return response;
}

absl::Status AddDefinitions(Invocation& invocation, const std::vector<std::string>& paths,
                            GivenMetrics& given) {
  ASSIGN_OR_RETURN(ValidateMetricsResponse response, Validate(invocation, paths));
  RETURN_IF_ERROR(Refusal(response, paths));
  bool any = false;
  for (auto& report : *response.mutable_reports()) {
    if (report.kind() == "dataset") given.datasets[report.name()] = report.path();
    if (report.kind() != "metric") continue;
    any = true;
    if (!report.has_definition()) {
      return WithHint(Failure("the registry does not send definitions of files back"),
                      "is it a registry service of this release?");
    }
    GivenMetric& metric = given.metrics.emplace_back();
    metric.source = {report.path(), {report.field_lines().begin(), report.field_lines().end()}};
    metric.metric.mutable_definition()->Swap(report.mutable_definition());
  }
  if (any) return absl::OkStatus();
  return Failure(Concat("there is no metric in ", absl::StrJoin(paths, ", ")));
}

}  // namespace

bool IsDefinitionPath(const std::string& text) {
  if (text.ends_with(".yaml") || text.ends_with(".yml") || text.ends_with('/')) return true;
  std::error_code error;
  return std::filesystem::is_directory(text, error);
}

absl::StatusOr<GivenMetrics> ReadEvaluatedMetrics(Invocation& invocation,
                                                  const std::vector<std::string>& texts) {
  GivenMetrics given;
  std::vector<std::string> paths;
  for (const std::string& text : texts) {
    if (IsDefinitionPath(text)) {
      paths.push_back(text);
      continue;
    }
    ASSIGN_OR_RETURN(const auto ref, ParseMetricRef(text));
    EvaluatedMetric& metric = given.metrics.emplace_back().metric;
    metric.set_name(ref.id());
    metric.set_version(ref.version());
  }
  if (!paths.empty()) RETURN_IF_ERROR(AddDefinitions(invocation, paths, given));
  return given;
}

MetricPlace PlaceOf(const GivenMetric& metric, const std::string& field) {
  if (!metric.metric.has_definition()) return {field, metric.metric.name(), metric.source};
  return {Concat(field, ".definition"), metric.metric.definition().id(), metric.source};
}

}  // namespace metricstore::cli
