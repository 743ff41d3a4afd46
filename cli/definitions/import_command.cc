#include <utility>
#include <vector>

#include "cli/core/proto_text.h"
#include "cli/definitions/definition_commands.h"
#include "cli/definitions/definition_files.h"
#include "cli/definitions/definition_text.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/output/progress_bar.h"
#include "cli/output/table_printer.h"
#include "common/status/macros.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::CatalogService;
using registry::v1::ImportMetricsRequest;
using registry::v1::ImportMetricsResponse;
using registry::v1::ImportOutcome;

// Importing a large pack parses and type-checks every definition in one transaction, and runs
// tests.
constexpr absl::Duration kImportTimeout = absl::Minutes(2);
constexpr int64_t kMaxWarnings = 20;

struct ImportOptions {
  std::string path;
  std::string request_id;
  bool promote = false;
  bool no_tests = false;
  bool dry_run = false;
};

Table OutcomeTable(const ImportMetricsResponse& response) {
  Table table{{{"kind"}, {"name"}, {"action"}, {"version", true}, {"path"}}, {}};
  for (const ImportOutcome& outcome : response.outcomes()) {
    table.rows.push_back({outcome.kind(), outcome.name(), EnumText(outcome.action(), "ACTION_"),
                          outcome.version() == 0 ? "" : std::to_string(outcome.version()),
                          outcome.path()});
  }
  return table;
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

void PrintWarnings(const ImportMetricsResponse& response, const std::string& path,
                   std::ostream& err) {
  int64_t count = 0;
  for (const auto& report : response.warnings()) {
    for (const auto& finding : report.findings()) {
      if (++count <= kMaxWarnings) err << "warning: " << FindingText(report, finding) << '\n';
    }
  }
  if (count <= kMaxWarnings) return;
  err << "and " << FormatCountOf(count - kMaxWarnings, "more warning") << "; metricctl validate "
      << path << " lists all\n";
}

bool WasWritten(const ImportOutcome& outcome) {
  return outcome.kind() == "metric" && (outcome.action() == ImportOutcome::ACTION_CHANGED ||
                                        outcome.action() == ImportOutcome::ACTION_RESTORED);
}

// Readers go on to see the old version: say which new ones wait, and what makes them ready.
void PrintWaiting(const ImportMetricsResponse& response, std::ostream& err) {
  bool any = false;
  for (const ImportOutcome& outcome : response.outcomes()) {
    if (!WasWritten(outcome) || outcome.version() <= outcome.active_version()) continue;
    any = true;
    err << "v" << outcome.version() << " waits: metricctl metrics promote " << outcome.name()
        << '\n';
  }
  if (any) err << "metricctl backfill --latest computes them first\n";
}

void PrintPromoted(const ImportMetricsResponse& response, std::ostream& err) {
  for (const ImportOutcome& outcome : response.outcomes()) {
    if (!WasWritten(outcome) || outcome.version() < 2) continue;
    err << "note: promoted versions have no points until a backfill computes them; "
           "metricctl freshness --stale lists them\n";
    return;
  }
}

absl::StatusOr<ImportMetricsResponse> Import(Invocation& invocation, const ImportOptions& options) {
  ImportMetricsRequest request;
  request.set_project(invocation.connection.project());
  request.set_validate_only(options.dry_run);
  request.set_request_id(options.request_id);
  request.set_skip_tests(options.no_tests);
  request.set_promote(options.promote);
  ASSIGN_OR_RETURN(auto files, ReadDefinitionFiles(options.path));
  for (auto& file : files) *request.add_files() = std::move(file);
  const BusyLine busy(invocation.terminal,
                      Concat("importing ", FormatCountOf(request.files_size(), "file")));
  return invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::ImportMetrics, request,
                                    kImportTimeout);
}

absl::StatusOr<int> RunImport(Invocation& invocation, const ImportOptions& options) {
  ASSIGN_OR_RETURN(const ImportMetricsResponse response, Import(invocation, options));
  PrintTable(OutcomeTable(response), invocation.format, invocation.terminal.out);
  std::ostream& err = invocation.terminal.err;
  (invocation.format == OutputFormat::kTable ? invocation.terminal.out : err)
      << Summary(response, options.dry_run) << '\n';
  PrintWarnings(response, options.path, err);
  if (options.dry_run) return kExitOk;
  PrintWaiting(response, err);
  if (options.promote) PrintPromoted(response, err);
  return kExitOk;
}

}  // namespace

void AddImportCommand(CLI::App& app, ChosenCommand& chosen) {
  const auto [command, options] =
      AddCommand(app, chosen, "import", "Import definitions: calendars, datasets, columns, metrics",
                 &RunImport);
  command->add_option("PATH", options->path, "A folder of *.yaml files, or one such file")
      ->required();
  command->add_flag("--promote", options->promote, "Serve new versions to readers at once");
  command->add_flag("--no-tests", options->no_tests, "Do not run the tests of metrics");
  command->add_flag("--dry-run", options->dry_run, "Check all, show the outcome, store nothing");
  command->add_option("--request-id", options->request_id,
                      "The same id imports once: for scripts that try again");
  command->footer(
      "All files are imported together or none is; what is stored already stays unchanged. A "
      "metric's\n"
      "new version waits until it is promoted; metricctl plan shows beforehand what would "
      "change.\n\n"
      "Examples:\n"
      "  metricctl import packs/market\n"
      "  metricctl import packs/market --dry-run\n"
      "  metricctl import packs/market/metrics/price/daily_range_us.yaml --promote");
}

}  // namespace metricstore::cli
