#include <utility>

#include "cli/catalog/metric_commands.h"
#include "cli/catalog/metric_fields.h"
#include "cli/catalog/metric_suggestions.h"
#include "cli/catalog/metric_text.h"
#include "cli/core/option_values.h"
#include "cli/messages/change_text.h"
#include "cli/messages/finding_text.h"
#include "cli/messages/proto_text.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/output/progress_bar.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::CatalogService;
using registry::v1::CreateMetricRequest;
using registry::v1::Metric;
using registry::v1::UpdateMetricRequest;
using registry::v1::UpdateMetricResponse;
using registry::v1::ValidateMetricsRequest;

// The tests that a metric carries run on compute_service before it is stored.
constexpr absl::Duration kEditTimeout = absl::Minutes(1);

struct MetricCreateOptions {
  std::string id;
  std::shared_ptr<MetricFieldValues> fields = std::make_shared<MetricFieldValues>();
  std::string request_id;
  bool dry_run = false;
};

struct MetricUpdateOptions {
  std::string name;
  std::shared_ptr<MetricFieldValues> fields = std::make_shared<MetricFieldValues>();
  std::string etag;
  std::string request_id;
  bool promote = false;
  bool no_tests = false;
  bool dry_run = false;
};

absl::Status SetId(const std::string& id, Metric& metric) {
  const size_t slash = id.find('/');
  if (slash == 0 || slash == std::string::npos || slash + 1 == id.size()) {
    return WithHint(UsageError(Concat("ID ", Quoted(id), " is not of the form category/name")),
                    "for example intraday/opening_range");
  }
  metric.set_category(id.substr(0, slash));
  metric.set_name(id.substr(slash + 1));
  return absl::OkStatus();
}

void PrintNotComputed(const Metric& metric, std::ostream& err) {
  if (metric.not_computed().empty()) return;
  err << "note: this release stores it and does not compute it: " << metric.not_computed() << '\n';
}

// The definition as a file, from which the registry tells its doubts; empty if it cannot be had.
ValidateMetricsRequest StoredFile(Invocation& invocation, const std::string& id) {
  registry::v1::ExportMetricsRequest request;
  request.set_project(invocation.connection.project());
  request.set_filter("id = " + FilterString(id));
  request.set_metrics_only(true);
  ValidateMetricsRequest check;
  check.set_project(invocation.connection.project());
  check.set_skip_tests(true);
  const auto exported =
      invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::ExportMetrics, request);
  if (exported.ok()) *check.mutable_files() = exported->files();
  return check;
}

// Imports warn of what is doubtful; edits tell the same of what they stored. The edit is done:
// where the doubts cannot be had, none are told.
void PrintWarnings(Invocation& invocation, const Metric& metric) {
  const ValidateMetricsRequest check = StoredFile(invocation, metric.id());
  if (check.files().empty()) return;
  auto checked =
      invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::ValidateMetrics, check);
  if (!checked.ok()) return;
  for (auto& report : *checked->mutable_reports()) {
    report.clear_path();  // nobody has that file
    for (auto& finding : *report.mutable_findings()) {
      // What follows from the metric alone is told with it.
      if (finding.reason() == "NOT_COMPUTED" && !metric.not_computed().empty()) continue;
      finding.clear_line();
      invocation.terminal.err << "warning: " << FindingText(report, finding) << '\n';
    }
  }
}

absl::StatusOr<int> CreateMetric(Invocation& invocation, const MetricCreateOptions& options) {
  RETURN_IF_ERROR(RefuseCsv(invocation.format, "metrics create"));
  CreateMetricRequest request;
  RETURN_IF_ERROR(SetId(options.id, *request.mutable_metric()));
  RETURN_IF_ERROR(
      SetMetricFields(*options.fields, invocation.terminal, *request.mutable_metric()).status());
  request.set_project(invocation.connection.project());
  request.set_request_id(options.request_id);
  request.set_validate_only(options.dry_run);
  ASSIGN_OR_RETURN(const auto response,
                   invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::CreateMetric,
                                              request, kEditTimeout));
  const Metric& metric = response.metric();
  if (invocation.format == OutputFormat::kJson) {
    PrintJson(metric, invocation.terminal.out);
  } else {
    invocation.terminal.out << (options.dry_run ? "would create " : "created ") << metric.id()
                            << " version " << metric.version()
                            << (options.dry_run ? " (dry run: nothing stored)" : "") << '\n';
  }
  PrintNotComputed(metric, invocation.terminal.err);
  if (!options.dry_run) PrintWarnings(invocation, metric);
  return kExitOk;
}

absl::StatusOr<UpdateMetricRequest> UpdateRequestOf(Invocation& invocation,
                                                    const MetricUpdateOptions& options) {
  UpdateMetricRequest request;
  ASSIGN_OR_RETURN(
      const std::vector<std::string> fields,
      SetMetricFields(*options.fields, invocation.terminal, *request.mutable_metric()));
  if (fields.empty()) {
    return WithHint(UsageError("nothing to change was given"),
                    "give the fields to set (--unit USD) or to empty (--clear unit)");
  }
  ASSIGN_OR_RETURN(const std::string id, ResolveMetricId(invocation, options.name));
  RETURN_IF_ERROR(SetId(id, *request.mutable_metric()));
  for (const std::string& field : fields) request.mutable_update_mask()->add_paths(field);
  request.mutable_metric()->set_etag(options.etag);
  request.set_project(invocation.connection.project());
  request.set_request_id(options.request_id);
  request.set_validate_only(options.dry_run);
  request.set_skip_tests(options.no_tests);
  request.set_promote(options.promote);
  return request;
}

void PrintUpdated(Invocation& invocation, const UpdateMetricResponse& response, bool dry_run) {
  const Metric& metric = response.metric();
  Terminal& terminal = invocation.terminal;
  if (response.changes().empty()) {
    terminal.out << metric.id() << " is so already: version " << metric.version() << '\n';
    return;
  }
  terminal.out << (dry_run ? "would update " : "updated ") << metric.id() << ": version "
               << metric.version() << (dry_run ? " (dry run: nothing stored)" : "") << '\n';
  PrintChanges(response.changes(), "  ", terminal.out_is_terminal, terminal.out);
  if (metric.version() <= metric.active_version() || dry_run) return;
  terminal.err << "version " << metric.version() << " waits, readers are served version "
               << metric.active_version() << ":\n  metricctl metrics promote " << metric.id()
               << '\n';
}

absl::StatusOr<int> UpdateMetric(Invocation& invocation, const MetricUpdateOptions& options) {
  RETURN_IF_ERROR(RefuseCsv(invocation.format, "metrics update"));
  ASSIGN_OR_RETURN(const UpdateMetricRequest request, UpdateRequestOf(invocation, options));
  ASSIGN_OR_RETURN(const UpdateMetricResponse response,
                   invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::UpdateMetric,
                                              request, kEditTimeout));
  if (invocation.format == OutputFormat::kJson) {
    PrintJson(response, invocation.terminal.out);
  } else {
    PrintUpdated(invocation, response, options.dry_run);
  }
  PrintNotComputed(response.metric(), invocation.terminal.err);
  if (!options.dry_run && !response.changes().empty()) {
    PrintWarnings(invocation, response.metric());
  }
  return kExitOk;
}

void AddMetricCreate(CLI::App& group, ChosenCommand& chosen) {
  const auto [create, options] =
      AddCommand(group, chosen, "create", "Create one metric", &CreateMetric);
  create->add_option("ID", options->id, "category/name")->required();
  AddMetricFieldOptions(*create, options->fields);
  for (const char* required : {"--type", "--grain", "--description"}) {
    create->get_option(required)->required();
  }
  create->add_option("--request-id", options->request_id,
                     "The same id creates once: for scripts that try again");
  create->add_flag("--dry-run", options->dry_run, "Check it and store nothing");
  create->footer(
      "Files under version control, sent with metricctl import, are the better home of metrics\n"
      "that a team shares; tests can be written there only.\n\n"
      "Examples:\n"
      "  metricctl metrics create price/opening_range --type derived --grain day \\\n"
      "      --table fact_bars --window first_30m --expression 'max(high) - min(low)' \\\n"
      "      --unit USD --description 'Range of the first half hour.' --tag open\n"
      "  metricctl metrics create finance/mrr --type sql --grain month --sql mrr.sql \\\n"
      "      --sql-by plan=mrr_by_plan.sql --description 'Monthly recurring revenue.'");
}

void AddMetricUpdate(CLI::App& group, ChosenCommand& chosen) {
  const auto [update, options] = AddCommand(
      group, chosen, "update", "Change the given fields of a metric, and no others", &UpdateMetric);
  AddMetricName(*update, options->name);
  AddMetricFieldOptions(*update, options->fields);
  Repeatable(update->add_option("--clear", options->fields->cleared,
                                "Field to empty: unit, tags, filters ... (repeatable)"));
  update->add_option("--etag", options->etag,
                     "Change only this state of the metric (metrics show tells it)");
  update->add_flag("--promote", options->promote, "Serve a new version to readers at once");
  update->add_flag("--no-tests,--skip-tests", options->no_tests, "Do not run the metric's tests");
  update->add_option("--request-id", options->request_id,
                     "The same id changes once: for scripts that try again");
  update->add_flag("--dry-run", options->dry_run, "Show what would change and store nothing");
  update->footer(
      "A change of meaning (expression, table, window ...) makes a version, which waits until it "
      "is\n"
      "promoted; a change of words does not. Repeated options replace the whole list.\n\n"
      "Examples:\n"
      "  metricctl metrics update price/opening_range --window first_1h\n"
      "  metricctl metrics update opening_range --owner markets --tag open --tag us --clear notes\n"
      "  metricctl metrics update opening_range --unit EUR --promote --etag 5d1f");
}

}  // namespace

void AddMetricEdits(CLI::App& group, ChosenCommand& chosen) {
  AddMetricCreate(group, chosen);
  AddMetricUpdate(group, chosen);
}

}  // namespace metricstore::cli
