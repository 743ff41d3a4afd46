#include "cli/evaluation/evaluated_metrics.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/core/metric_ref.h"
#include "cli/definitions/definition_files.h"
#include "cli/messages/finding_text.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using compute::v1::EvaluatedMetric;
using registry::v1::CatalogService;
using registry::v1::Finding;
using registry::v1::ValidateMetricsRequest;
using registry::v1::ValidateMetricsResponse;

constexpr std::string_view kDefinition = ".definition";

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

// What the registry says of files, and their texts under the paths that people gave.
struct CheckedFiles {
  ValidateMetricsResponse response;
  std::map<std::string, std::string> texts;
};

absl::StatusOr<CheckedFiles> Validate(Invocation& invocation,
                                      const std::vector<std::string>& paths) {
  ASSIGN_OR_RETURN(DefinitionInput input, ReadDefinitionFiles(paths));
  CheckedFiles read;
  ValidateMetricsRequest request;
  request.set_project(invocation.connection.project());
  request.set_skip_tests(true);
  request.set_with_definitions(true);
  for (auto& file : input.files) {
    read.texts[input.paths.Of(file.path())] = file.content();
    *request.add_files() = std::move(file);
  }
  auto response =
      invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::ValidateMetrics, request);
  if (!response.ok()) return input.paths.In(response.status());
  for (auto& report : *response->mutable_reports()) input.paths.Rewrite(report);
  read.response = *std::move(response);
  return read;
}

// Whether a line of YAML gives this name, alone: "- name: x", "name: 'x'  # a comment".
bool GivesName(std::string_view line, std::string_view name) {
  const auto skip_blanks = [&line] {
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
  };
  const auto take = [&line](std::string_view text) {
    const bool is_there = line.starts_with(text);
    if (is_there) line.remove_prefix(text.size());
    return is_there;
  };
  skip_blanks();
  if (take("- ")) skip_blanks();
  if (!take("name:")) return false;
  skip_blanks();
  const std::string_view quote = take("\"") ? "\"" : take("'") ? "'" : "";
  if (!take(name) || !take(quote)) return false;
  const bool ends = line.empty() || line.front() == ' ' || line.front() == '\r';
  skip_blanks();
  return ends && (line.empty() || line.front() == '#');
}

// The only line that gives the name; 0 if none does, or several do: YAML is the registry's to read.
int LineOfName(std::string_view text, std::string_view name) {
  int found = 0;
  int number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (!GivesName(line, name)) continue;
    if (found != 0) return 0;
    found = number;
  }
  return found;
}

std::string SourceOf(const registry::v1::DefinitionReport& report, const CheckedFiles& read) {
  const auto text = read.texts.find(report.path());
  if (text == read.texts.end()) return report.path();
  const int line = LineOfName(text->second, report.definition().name());
  return line == 0 ? report.path() : Concat(report.path(), ":", line);
}

absl::Status AddDefinitions(Invocation& invocation, const std::vector<std::string>& paths,
                            std::vector<GivenMetric>& metrics) {
  ASSIGN_OR_RETURN(CheckedFiles read, Validate(invocation, paths));
  RETURN_IF_ERROR(Refusal(read.response, paths));
  bool any = false;
  for (auto& report : *read.response.mutable_reports()) {
    if (report.kind() != "metric") continue;
    any = true;
    if (!report.has_definition()) {
      return WithHint(Failure("the registry does not send definitions of files back"),
                      "is it a registry service of this release?");
    }
    GivenMetric& metric = metrics.emplace_back();
    metric.source = SourceOf(report, read);
    metric.metric.mutable_definition()->Swap(report.mutable_definition());
  }
  if (any) return absl::OkStatus();
  return Failure(Concat("there is no metric in ", absl::StrJoin(paths, ", ")));
}

// The text with names for fields.
std::string Named(const std::string& text, const std::vector<MetricPlace>& places) {
  std::vector<std::pair<std::string, std::string>> names;
  for (const MetricPlace& place : places) {
    names.emplace_back(place.field, place.name);
    // The bare word "metric" is no field.
    const std::string given = place.field.substr(0, place.field.find(kDefinition));
    if (given != place.field && given.ends_with(']')) names.emplace_back(given, place.name);
  }
  return absl::StrReplaceAll(text, names);
}

// Where the first metric is defined that the text names by its field.
std::string FirstSource(const std::string& text, const std::vector<MetricPlace>& places) {
  std::string source;
  size_t first = std::string::npos;
  for (const MetricPlace& place : places) {
    const size_t at = text.find(place.field);
    if (at >= first) continue;
    first = at;
    source = place.source;
  }
  return source;
}

}  // namespace

bool IsDefinitionPath(const std::string& text) {
  if (text.ends_with(".yaml") || text.ends_with(".yml") || text.ends_with('/')) return true;
  std::error_code error;
  return std::filesystem::is_directory(text, error);
}

absl::StatusOr<std::vector<GivenMetric>> ReadEvaluatedMetrics(
    Invocation& invocation, const std::vector<std::string>& given) {
  std::vector<GivenMetric> metrics;
  std::vector<std::string> paths;
  for (const std::string& text : given) {
    if (IsDefinitionPath(text)) {
      paths.push_back(text);
      continue;
    }
    ASSIGN_OR_RETURN(const auto ref, ParseMetricRef(text));
    EvaluatedMetric& metric = metrics.emplace_back().metric;
    metric.set_name(ref.id());
    metric.set_version(ref.version());
  }
  if (!paths.empty()) RETURN_IF_ERROR(AddDefinitions(invocation, paths, metrics));
  return metrics;
}

MetricPlace PlaceOf(const GivenMetric& metric, const std::string& field) {
  if (!metric.metric.has_definition()) return {field, metric.metric.name(), metric.source};
  return {Concat(field, kDefinition), metric.metric.definition().id(), metric.source};
}

absl::Status WithMetricNames(const absl::Status& error, const std::vector<MetricPlace>& places) {
  const auto details = status::DetailsOf(error);
  if (!details.has_value()) return error;
  const std::string message(error.message());
  const std::string source = FirstSource(message, places);
  status::ErrorBuilder renamed(error.code(), details->reason,
                               Concat(source, source.empty() ? "" : ": ", Named(message, places)));
  for (const auto& [key, value] : details->metadata) renamed.Metadata(key, value);
  for (const auto& bad : details->violations) {
    renamed.Field(Named(bad.field, places), bad.description);
  }
  if (details->retry_after.has_value()) renamed.RetryAfter(*details->retry_after);
  return renamed.Build();
}

}  // namespace metricstore::cli
