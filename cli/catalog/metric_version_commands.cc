#include <utility>

#include "cli/catalog/metric_commands.h"
#include "cli/catalog/metric_suggestions.h"
#include "cli/catalog/metric_text.h"
#include "cli/core/freshness.h"
#include "cli/core/metric_ref.h"
#include "cli/core/option_values.h"
#include "cli/core/resource_printer.h"
#include "cli/messages/change_text.h"
#include "cli/output/concat.h"
#include "cli/output/number_text.h"
#include "cli/output/plain_text.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::CatalogService;
using registry::v1::DiffMetricsRequest;
using registry::v1::DiffMetricsResponse;
using registry::v1::ListVersionsRequest;
using registry::v1::ListVersionsResponse;
using registry::v1::MetricRef;
using registry::v1::MetricVersion;

constexpr int kVersionPageSize = 100;

struct MetricVersionsOptions {
  std::string name;
};

struct MetricPromoteOptions {
  std::string name;
  int version = 0;
  std::string etag;
  std::string request_id;
  bool dry_run = false;
};

struct MetricDiffOptions {
  std::string before;
  std::string after;
};

std::vector<std::string> VersionRow(const MetricVersion& version) {
  return {std::to_string(version.version()), version.active() ? "yes" : "no",
          TimeText(version.has_create_time(), version.create_time()),
          version.changes().empty() ? "" : ChangedFieldsText(version.changes()),
          version.metric().expression()};
}

absl::StatusOr<int> ListVersions(Invocation& invocation, const MetricVersionsOptions& options) {
  ListVersionsRequest request;
  request.set_name(options.name);
  request.set_page_size(kVersionPageSize);
  ListVersionsResponse all;
  const absl::Status status =
      ForEachPage(invocation.connection, &CatalogService::Stub::ListVersions, request,
                  [&](const auto& page) { all.mutable_versions()->MergeFrom(page.versions()); });
  if (!status.ok()) return ExplainMissing(invocation, options.name, status);
  if (invocation.format != OutputFormat::kJson) {
    Table table{{{"version", true}, {"active"}, {"created"}, {"changed"}, {"expression"}}, {}};
    for (const MetricVersion& version : all.versions()) table.rows.push_back(VersionRow(version));
    PrintTable(table, invocation.format, invocation.terminal.out);
    return kExitOk;
  }
  std::vector<const google::protobuf::Message*> versions;
  for (const MetricVersion& version : all.versions()) versions.push_back(&version);
  PrintJsonArray(versions, invocation.terminal.out);
  return kExitOk;
}

// Readers are served the version from now on: say what they will find. It is promoted; where its
// freshness cannot be had, how to ask for it is told.
void PrintPoints(Invocation& invocation, const std::string& id, int version) {
  using registry::v1::MetricFreshness;
  std::ostream& err = invocation.terminal.err;
  const auto freshness = CollectFreshness(invocation.connection, {id});
  if (!freshness.ok() || freshness->empty()) {
    err << "metricctl freshness " << id << " says whether its points are there\n";
    return;
  }
  const MetricFreshness& metric = freshness->front();
  const bool computed = metric.state() != MetricFreshness::STATE_NOT_COMPUTED &&
                        metric.state() != MetricFreshness::STATE_NO_ROWS;
  if (!computed) {
    err << "note: no points: " << OneLine(metric.reason()) << '\n';
  } else if (!metric.has_newest_bucket_time()) {
    err << "note: no points of version " << version << " are stored, so readers find none until\n"
        << "  metricctl backfill --stale " << id << "\nhas computed them\n";
  } else if (IsStale(metric)) {
    err << "note: some of its points are not up to date; metricctl backfill --stale " << id
        << " computes them\n";
  }
}

absl::StatusOr<int> PromoteVersion(Invocation& invocation, const MetricPromoteOptions& options) {
  RETURN_IF_ERROR(RefuseCsv(invocation.format, "metrics promote"));
  registry::v1::PromoteVersionRequest request;
  ASSIGN_OR_RETURN(const std::string id, ResolveMetricId(invocation, options.name));
  request.set_project(invocation.connection.project());
  request.set_id(id);
  request.set_version(options.version);
  request.set_etag(options.etag);
  request.set_request_id(options.request_id);
  request.set_validate_only(options.dry_run);
  ASSIGN_OR_RETURN(
      const auto response,
      invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::PromoteVersion, request));
  if (invocation.format == OutputFormat::kJson) {
    PrintJson(response, invocation.terminal.out);
    return kExitOk;
  }
  std::ostream& out = invocation.terminal.out;
  const int now = response.metric().active_version();
  const int before = response.previous_version();
  if (now == before) {
    out << id << ": version " << now << " was active already\n";
    return kExitOk;
  }
  out << (options.dry_run ? "would promote " : "promoted ") << id << ": version " << before
      << " -> " << now << (options.dry_run ? " (dry run: nothing stored)" : "") << '\n';
  PrintChanges(response.changes(), "  ", invocation.terminal.out_is_terminal, out);
  if (options.dry_run) {
    invocation.terminal.err << "metricctl backfill " << id << " --latest --from DATE --to DATE"
                            << " computes a newest version before it is promoted\n";
  } else {
    PrintPoints(invocation, id, now);
  }
  return kExitOk;
}

std::string RefText(const MetricRef& ref) { return Concat(ref.id(), " version ", ref.version()); }

void PrintDiff(const DiffMetricsResponse& response, bool coloured, std::ostream& out) {
  if (response.changes().empty()) {
    out << RefText(response.before()) << " and " << RefText(response.after()) << " are the same\n";
    return;
  }
  out << "--- " << RefText(response.before()) << "\n+++ " << RefText(response.after()) << '\n';
  PrintChanges(response.changes(), "", coloured, out);
}

absl::StatusOr<int> DiffMetrics(Invocation& invocation, const MetricDiffOptions& options) {
  DiffMetricsRequest request;
  request.set_project(invocation.connection.project());
  ASSIGN_OR_RETURN(*request.mutable_before(), ParseMetricRef(options.before));
  // One name alone: what waits against what is served.
  request.mutable_after()->set_id(request.before().id());
  if (!options.after.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_after(), ParseMetricRef(options.after));
  }
  const absl::StatusOr<DiffMetricsResponse> compared =
      invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::DiffMetrics, request);
  if (!compared.ok()) {
    // The one of the two that is not there.
    const absl::Status first = ExplainMissing(invocation, request.before().id(), compared.status());
    return ExplainMissing(invocation, request.after().id(), first);
  }
  const DiffMetricsResponse& response = *compared;
  Terminal& terminal = invocation.terminal;
  switch (invocation.format) {
    case OutputFormat::kJson:
      PrintJson(response, terminal.out);
      break;
    case OutputFormat::kCsv:
      PrintTable(ChangeTable(response.changes()), invocation.format, terminal.out);
      break;
    case OutputFormat::kTable:
      PrintDiff(response, terminal.out_is_terminal, terminal.out);
      break;
  }
  return kExitOk;
}

}  // namespace

void AddMetricVersions(CLI::App& group, ChosenCommand& chosen) {
  const auto [versions, versions_options] = AddCommand(
      group, chosen, "versions", "List a metric's versions, newest first", &ListVersions);
  AddMetricName(*versions, versions_options->name);
  versions->footer(
      "A field with ! is a breaking change.\n\n"
      "Examples:\n"
      "  metricctl metrics versions price/daily_range_us\n"
      "  metricctl metrics versions daily_range_us -o json");
  const auto [promote, promote_options] =
      AddCommand(group, chosen, "promote",
                 "Serve a version to readers: the newest, or an older one", &PromoteVersion);
  AddMetricName(*promote, promote_options->name);
  WholeNumber(promote->add_option("--version", promote_options->version,
                                  "The version; default: the newest"));
  promote->add_option("--etag", promote_options->etag,
                      "Only in this state of the metric (metrics show tells it)");
  promote->add_option("--request-id", promote_options->request_id,
                      "The same id promotes once: for scripts that try again");
  promote->add_flag("--dry-run", promote_options->dry_run, "Check it and store nothing");
  promote->footer(
      "metricctl backfill --latest computes a version before it is promoted.\n\n"
      "Examples:\n"
      "  metricctl metrics promote price/daily_range_us\n"
      "  metricctl metrics promote price/daily_range_us --version 1");
  const auto [diff, diff_options] = AddCommand(
      group, chosen, "diff", "Compare two versions of a metric, or two metrics", &DiffMetrics);
  diff->add_option("A", diff_options->before, "NAME (its active version) or NAME@2")->required();
  diff->add_option("B", diff_options->after,
                   "NAME (its newest version) or NAME@3; default: A's newest");
  diff->footer(
      "Examples:\n"
      "  metricctl metrics diff daily_range_us                         what waits to be promoted\n"
      "  metricctl metrics diff daily_range_us@1 daily_range_us@2\n"
      "  metricctl metrics diff price/rth_high price/rth_low -o json");
}

}  // namespace metricstore::cli
