#include "cli/import_command.h"

#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "cli/definition_files.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/output/table_printer.h"
#include "cli/proto_text.h"
#include "common/status/macros.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::CatalogService;
using registry::v1::ImportMetricsRequest;
using registry::v1::ImportMetricsResponse;
using registry::v1::ImportOutcome;

// Importing a large pack parses and type-checks every definition in one transaction.
constexpr absl::Duration kImportTimeout = absl::Minutes(2);

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
  int64_t created = 0;
  int64_t changed = 0;
  int64_t unchanged = 0;
  for (const ImportOutcome& outcome : response.outcomes()) {
    created += outcome.action() == ImportOutcome::ACTION_CREATED;
    changed += outcome.action() == ImportOutcome::ACTION_CHANGED;
    unchanged += outcome.action() == ImportOutcome::ACTION_UNCHANGED;
  }
  return Concat(FormatCount(created), " created, ", FormatCount(changed), " changed, ",
                FormatCount(unchanged), " unchanged", dry_run ? " (dry run: nothing stored)" : "");
}

// Results are kept by version: a metric that changed looks empty until it is computed again.
void PrintVersionsWithoutPoints(const ImportMetricsResponse& response, std::ostream& err) {
  std::vector<std::string> changed;
  for (const ImportOutcome& outcome : response.outcomes()) {
    if (outcome.kind() != "metric" || outcome.action() != ImportOutcome::ACTION_CHANGED) continue;
    changed.push_back(Concat(outcome.name(), " version ", outcome.version()));
  }
  if (changed.empty()) return;
  err << "note: new versions have no points until a backfill computes them: "
      << absl::StrJoin(changed, ", ") << '\n';
}

}  // namespace

void AddImportCommand(CLI::App& app, ChosenCommand& chosen) {
  const auto [command, options] = AddCommand(
      app, chosen, "import", "Import definitions: calendars, datasets, metrics", &RunImport);
  command->add_option("PATH", options->path, "A folder of *.yaml files, or one such file")
      ->required();
  command->add_flag("--dry-run", options->dry_run, "Show what would change and store nothing");
  command->footer(
      "All files are imported together or none is; what is stored already stays unchanged.\n\n"
      "Examples:\n"
      "  metricctl import packs/market\n"
      "  metricctl import packs/market --dry-run\n"
      "  metricctl import packs/market/metrics/intraday/daily_range.yaml");
}

absl::StatusOr<int> RunImport(Invocation& invocation, const ImportOptions& options) {
  ImportMetricsRequest request;
  request.set_project(invocation.connection.project());
  request.set_validate_only(options.dry_run);
  ASSIGN_OR_RETURN(auto files, ReadDefinitionFiles(options.path));
  for (auto& file : files) *request.add_files() = std::move(file);
  ASSIGN_OR_RETURN(const ImportMetricsResponse response,
                   invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::ImportMetrics,
                                              request, kImportTimeout));
  PrintTable(OutcomeTable(response), invocation.format, invocation.terminal.out);
  std::ostream& summary_stream =
      invocation.format == OutputFormat::kTable ? invocation.terminal.out : invocation.terminal.err;
  summary_stream << Summary(response, options.dry_run) << '\n';
  if (!options.dry_run) PrintVersionsWithoutPoints(response, invocation.terminal.err);
  return kExitOk;
}

}  // namespace metricstore::cli
