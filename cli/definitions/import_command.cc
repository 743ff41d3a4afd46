#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "cli/core/option_values.h"
#include "cli/definitions/definition_commands.h"
#include "cli/definitions/definition_files.h"
#include "cli/definitions/definition_text.h"
#include "cli/definitions/known_dates.h"
#include "cli/definitions/stale_text.h"
#include "cli/messages/finding_text.h"
#include "cli/messages/proto_json.h"
#include "cli/messages/proto_text.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/output/progress_bar.h"
#include "cli/output/table_printer.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::CatalogService;
using registry::v1::ImportMetricsRequest;
using registry::v1::ImportMetricsResponse;
using registry::v1::ImportOutcome;
using registry::v1::StaleResults;

constexpr int64_t kMaxLines = 20;

Table OutcomeTable(const ImportMetricsResponse& response) {
  Table table{
      {{"kind"}, {"name"}, {"action"}, {"version", true}, {"path"}, {"active_version", true}}, {}};
  for (const ImportOutcome& outcome : response.outcomes()) {
    table.rows.push_back(
        {outcome.kind(), outcome.name(), EnumText(outcome.action(), "ACTION_"),
         outcome.version() == 0 ? "" : std::to_string(outcome.version()), outcome.path(),
         outcome.active_version() == 0 ? "" : std::to_string(outcome.active_version())});
  }
  return table;
}

// For programs the stale results stand beside the calendar or dataset that makes them so.
void PrintOutcomes(const ImportMetricsResponse& response, const Invocation& invocation) {
  const Table table = OutcomeTable(response);
  std::ostream& out = invocation.terminal.out;
  if (invocation.format != OutputFormat::kJson) return PrintTable(table, invocation.format, out);
  nlohmann::ordered_json rows = JsonRows(table);
  for (int i = 0; i < response.outcomes_size(); ++i) {
    for (const StaleResults& stale : response.outcomes(i).stale()) {
      rows[static_cast<size_t>(i)]["stale"].push_back(JsonOf(stale));
    }
  }
  PrintJsonValue(rows, out);
}

std::string Summary(const ImportMetricsResponse& response, bool dry_run) {
  OutcomeCount count;
  int64_t tests = 0;
  for (const ImportOutcome& outcome : response.outcomes()) {
    count.Add(outcome);
    tests += outcome.tests_run();
  }
  return Concat(count.Text(),
                tests > 0 ? Concat("; ", FormatCountOf(tests, "metric test"), " passed") : "",
                dry_run ? " (dry run: nothing stored)" : "");
}

// Metrics that say the same warn of each other: one line tells of all.
std::vector<std::string> WarningLines(const ImportMetricsResponse& response) {
  std::vector<std::string> lines;
  SameMeaning pairs;
  for (const auto& report : response.warnings()) {
    for (const auto& finding : report.findings()) {
      if (finding.reason() == "NEAR_DUPLICATE" && !finding.suggestion().empty()) {
        pairs.emplace_back(report.name(), finding.suggestion());
      } else {
        lines.push_back(FindingText(report, finding));
      }
    }
  }
  for (std::vector<std::string>& group : GroupsOf(pairs)) lines.push_back(SameMeaningText(group));
  return lines;
}

void PrintWarnings(const ImportMetricsResponse& response, const ImportOptions& options,
                   std::ostream& err) {
  const std::vector<std::string> lines = WarningLines(response);
  const auto count = static_cast<int64_t>(lines.size());
  for (int64_t i = 0; i < count && i < kMaxLines; ++i) err << "warning: " << lines[i] << '\n';
  if (count <= kMaxLines) return;
  err << "and " << FormatCountOf(count - kMaxLines, "more warning") << "; metricctl validate "
      << absl::StrJoin(options.paths, " ") << " lists all\n";
}

bool WasWritten(const ImportOutcome& outcome) {
  return outcome.kind() == "metric" && (outcome.action() == ImportOutcome::ACTION_CHANGED ||
                                        outcome.action() == ImportOutcome::ACTION_RESTORED);
}

// Readers go on to see the old version: say which new ones wait, those of earlier imports too, and
// what makes them ready.
void PrintWaiting(const ImportMetricsResponse& response, std::ostream& err) {
  int64_t waiting = 0;
  for (const ImportOutcome& outcome : response.outcomes()) {
    if (outcome.kind() != "metric" || outcome.version() <= outcome.active_version()) continue;
    if (++waiting > kMaxLines) continue;
    err << "v" << outcome.version() << " waits: metricctl metrics promote " << outcome.name()
        << '\n';
  }
  if (waiting == 0) return;
  if (waiting > kMaxLines) {
    err << "and " << FormatCountOf(waiting - kMaxLines, "more version")
        << "; metricctl metrics list shows them\n";
  }
  err << "metricctl backfill --latest computes them first\n";
}

bool AnyStaleCalendar(const ImportMetricsResponse& response) {
  return std::any_of(response.outcomes().begin(), response.outcomes().end(),
                     [](const ImportOutcome& outcome) {
                       return outcome.kind() == "calendar" && !outcome.stale().empty();
                     });
}

// What the stale calendars would know is in no outcome: a plan tells it.
KnownByCalendar WouldKnow(const ImportMetricsResponse& response, Invocation& invocation,
                          const ImportOptions& options) {
  if (!AnyStaleCalendar(response)) return {};
  const auto plan = FetchPlan(invocation, {options.paths, options.timeout, options.promote});
  return plan.ok() ? PlannedDates(*plan, invocation.connection) : KnownByCalendar();
}

// Points that a changed calendar or dataset leaves behind, or would leave.
void PrintOutdated(const ImportMetricsResponse& response, const KnownByCalendar& known,
                   bool dry_run, Invocation& invocation) {
  std::ostream& err = invocation.terminal.err;
  MetricBuckets buckets(invocation.connection);
  std::vector<ListedStale> all;
  for (const ImportOutcome& outcome : response.outcomes()) {
    const std::vector<ListedStale> stale = ComputableStale(outcome, known);
    if (!stale.empty()) {
      err << outcome.kind() << " " << outcome.name()
          << (dry_run ? " would make stored points stale:\n" : " makes stored points stale:\n");
      PrintStale(stale, buckets, err);
      all.insert(all.end(), stale.begin(), stale.end());
    }
    PrintOutside(outcome, known, dry_run ? "would know" : "knows", err);
  }
  if (!all.empty() && !dry_run) err << StaleBackfill(all) << " computes them again\n";
}

void PrintPromoted(const ImportMetricsResponse& response, std::ostream& err) {
  for (const ImportOutcome& outcome : response.outcomes()) {
    if (!WasWritten(outcome) || outcome.version() < 2) continue;
    err << "note: promoted versions have no points until a backfill computes them; "
           "metricctl freshness --stale lists them\n";
    return;
  }
}

// Refuses files with definitions of other kinds: the registry says what is in them.
absl::Status CheckKinds(Invocation& invocation, const ImportOptions& options,
                        const ImportMetricsRequest& import, const GivenPaths& paths) {
  if (options.only_kind.empty()) return absl::OkStatus();
  registry::v1::ValidateMetricsRequest request;
  request.set_project(import.project());
  *request.mutable_files() = import.files();
  request.set_skip_tests(true);
  ASSIGN_OR_RETURN(const absl::Duration timeout, ParseTimeout(options.timeout));
  ASSIGN_OR_RETURN(auto response,
                   invocation.connection.Call(
                       Peer::kRegistry, &CatalogService::Stub::ValidateMetrics, request, timeout));
  for (auto& report : *response.mutable_reports()) paths.Rewrite(report);
  return RequireKind(response.reports(), options.only_kind);
}

absl::StatusOr<ImportMetricsResponse> Import(Invocation& invocation, const ImportOptions& options) {
  ASSIGN_OR_RETURN(const absl::Duration timeout, ParseTimeout(options.timeout));
  ImportMetricsRequest request;
  request.set_project(invocation.connection.project());
  request.set_validate_only(options.dry_run);
  request.set_request_id(options.request_id);
  request.set_skip_tests(options.no_tests);
  request.set_promote(options.promote);
  ASSIGN_OR_RETURN(DefinitionInput input, ReadDefinitionFiles(options.paths));
  for (auto& file : input.files) *request.add_files() = std::move(file);
  const BusyLine busy =
      WaitForRegistry(invocation, Concat("importing ", FormatCountOf(request.files_size(), "file")),
                      options.timeout);
  RETURN_IF_ERROR(input.paths.In(CheckKinds(invocation, options, request, input.paths)));
  auto response = invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::ImportMetrics,
                                             request, timeout);
  if (!response.ok()) return input.paths.In(response.status());
  for (auto& outcome : *response->mutable_outcomes()) input.paths.Rewrite(outcome);
  for (auto& report : *response->mutable_warnings()) input.paths.Rewrite(report);
  return response;
}

// After a call that nobody answered: the registry may have got it.
std::string MayBeStored(const ImportOptions& options) {
  return Concat("the import may be stored nevertheless; metricctl plan ",
                absl::StrJoin(options.paths, " "), " shows what is left to do, if anything");
}

// Whether the registry may have done what it did not answer: not where no connection came about.
bool IsInDoubt(const absl::Status& status) {
  if (!status::ReasonOf(status).empty()) return false;
  if (!absl::IsUnavailable(status)) return absl::IsDeadlineExceeded(status);
  const std::string said(status.message());
  return said.find("ailed to connect") == std::string::npos &&
         said.find("connections to all backends failing") == std::string::npos;
}

}  // namespace

CLI::Option* AddDefinitionPaths(CLI::App& command, std::vector<std::string>& paths) {
  return command.add_option("PATH", paths, "Folders of *.yaml files, or such files");
}

CLI::Option* AddTimeout(CLI::App& command, std::string& timeout) {
  return command.add_option("--timeout", timeout,
                            Concat("How long to wait for the registry; default: ", timeout));
}

absl::StatusOr<int> RunImport(Invocation& invocation, const ImportOptions& options) {
  const auto response = Import(invocation, options);
  std::ostream& err = invocation.terminal.err;
  if (absl::IsCancelled(response.status()) && invocation.connection.interrupt().cancelled()) {
    err << "interrupted" << (options.dry_run ? "" : ": " + MayBeStored(options)) << '\n';
    return kExitInterrupted;
  }
  if (!response.ok()) {
    const bool in_doubt = !options.dry_run && IsInDoubt(response.status());
    return in_doubt ? WithHint(response.status(), MayBeStored(options)) : response.status();
  }
  PrintOutcomes(*response, invocation);
  invocation.summary() << Summary(*response, options.dry_run) << '\n';
  PrintWarnings(*response, options, err);
  if (options.dry_run) {
    PrintOutdated(*response, WouldKnow(*response, invocation, options), true, invocation);
    return kExitOk;
  }
  PrintOutdated(*response, StoredDates(*response, invocation.connection), false, invocation);
  PrintWaiting(*response, err);
  if (options.promote) PrintPromoted(*response, err);
  return kExitOk;
}

void AddImportCommand(CLI::App& app, ChosenCommand& chosen) {
  const auto [command, options] =
      AddCommand(app, chosen, "import", "Import definitions: calendars, datasets, columns, metrics",
                 &RunImport);
  AddDefinitionPaths(*command, options->paths)->required();
  command->add_flag("--promote", options->promote, "Serve new versions to readers at once");
  command->add_flag("--no-tests,--skip-tests", options->no_tests,
                    "Do not run the tests of metrics");
  command->add_flag("--dry-run", options->dry_run, "Check all, show the outcome, store nothing");
  command->add_option("--request-id", options->request_id,
                      "The same id imports once: for scripts that try again");
  AddTimeout(*command, options->timeout);
  command->footer(
      "All files are imported together or none is; what is stored already stays unchanged. A "
      "metric's\n"
      "new version waits until it is promoted; metricctl plan shows beforehand what would "
      "change.\n"
      "What a changed calendar makes stale is listed, with the command that computes it again.\n\n"
      "Examples:\n"
      "  metricctl import packs/market\n"
      "  metricctl import packs/market --dry-run\n"
      "  metricctl import packs/market/metrics/price/daily_range_us.yaml --promote");
}

}  // namespace metricstore::cli
