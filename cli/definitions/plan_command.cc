#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "cli/core/change_text.h"
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
#include "common/time/iso8601.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::CatalogService;
using registry::v1::ImportOutcome;
using registry::v1::PlanImportRequest;
using registry::v1::PlanImportResponse;
using registry::v1::PlannedChange;
using registry::v1::StaleResults;

constexpr absl::Duration kPlanTimeout = absl::Minutes(2);

struct PlanOptions {
  std::string path;
  bool exit_code = false;
};

OutcomeCount CountOf(const PlanImportResponse& plan) {
  OutcomeCount count;
  for (const PlannedChange& change : plan.changes()) count.Add(change.outcome());
  return count;
}

std::string_view Sign(ImportOutcome::Action action) {
  if (action == ImportOutcome::ACTION_CREATED) return "+ ";
  return action == ImportOutcome::ACTION_RESTORED ? "^ " : "~ ";
}

std::string Headline(const PlannedChange& change) {
  const ImportOutcome& outcome = change.outcome();
  std::string line = Concat(Sign(outcome.action()), outcome.kind(), " ", outcome.name());
  if (outcome.action() == ImportOutcome::ACTION_RESTORED) line += " (was deleted)";
  if (change.makes_version() && outcome.action() != ImportOutcome::ACTION_CREATED) {
    line += Concat(": makes version ", outcome.version());
  }
  if (change.breaking()) line += ", BREAKING";
  return line;
}

void PrintPlannedChanges(const PlanImportResponse& plan, const Terminal& terminal) {
  for (const PlannedChange& change : plan.changes()) {
    if (change.outcome().action() == ImportOutcome::ACTION_UNCHANGED) continue;
    terminal.out << Headline(change) << '\n';
    PrintChanges(change.changes(), "    ", terminal.out_is_terminal, terminal.out);
    if (change.dependents().empty()) continue;
    terminal.out << "    affects " << FormatCountOf(change.dependents_size(), "metric") << ": "
                 << absl::StrJoin(change.dependents(), ", ") << '\n';
  }
}

std::string StaleText(const StaleResults& stale) {
  std::string text =
      Concat("  ", stale.metric(), " version ", stale.version(), ": ", FormatCount(stale.series()),
             " series, ", FormatCountOf(stale.points(), "point"));
  if (stale.has_first_bucket_time() && stale.has_last_bucket_time()) {
    text += Concat(", ", FormatInstant(InstantOf(stale.first_bucket_time())), " to ",
                   FormatInstant(InstantOf(stale.last_bucket_time())));
  }
  return text;
}

void PrintConsequences(const PlanImportResponse& plan, std::ostream& out) {
  if (!plan.stale().empty()) {
    out << "stored results that would be outdated:\n";
    for (const StaleResults& stale : plan.stale()) out << StaleText(stale) << '\n';
    out << "to compute them anew reads " << FormatCountOf(plan.recompute_rows(), "row")
        << " and writes " << FormatCountOf(plan.recompute_points(), "point") << '\n';
  }
  for (const auto& pair : plan.near_duplicates()) {
    out << pair.metric() << " computes the same as " << pair.other()
        << ": use one of them, with synonyms\n";
  }
}

// One row for each definition, for programs.
Table PlanTable(const PlanImportResponse& plan) {
  Table table{{{"kind"},
               {"name"},
               {"action"},
               {"version", true},
               {"makes_version"},
               {"breaking"},
               {"changed_fields"},
               {"dependents"},
               {"path"}},
              {}};
  for (const PlannedChange& change : plan.changes()) {
    const ImportOutcome& outcome = change.outcome();
    table.rows.push_back({outcome.kind(), outcome.name(), EnumText(outcome.action(), "ACTION_"),
                          outcome.version() == 0 ? "" : std::to_string(outcome.version()),
                          change.makes_version() ? "yes" : "no", change.breaking() ? "yes" : "no",
                          ChangedFieldsText(change.changes()),
                          absl::StrJoin(change.dependents(), " "), outcome.path()});
  }
  return table;
}

absl::StatusOr<PlanImportResponse> Plan(Invocation& invocation, const PlanOptions& options) {
  PlanImportRequest request;
  request.set_project(invocation.connection.project());
  ASSIGN_OR_RETURN(auto files, ReadDefinitionFiles(options.path));
  for (auto& file : files) *request.add_files() = std::move(file);
  const BusyLine busy(invocation.terminal,
                      Concat("planning ", FormatCountOf(request.files_size(), "file")));
  return invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::PlanImport, request,
                                    kPlanTimeout);
}

absl::StatusOr<int> RunPlan(Invocation& invocation, const PlanOptions& options) {
  ASSIGN_OR_RETURN(const PlanImportResponse plan, Plan(invocation, options));
  const OutcomeCount count = CountOf(plan);
  Terminal& terminal = invocation.terminal;
  switch (invocation.format) {
    case OutputFormat::kJson:
      PrintJson(plan, terminal.out);
      break;
    case OutputFormat::kCsv:
      PrintTable(PlanTable(plan), invocation.format, terminal.out);
      break;
    case OutputFormat::kTable:
      PrintPlannedChanges(plan, terminal);
      PrintConsequences(plan, terminal.out);
      terminal.out << count.Text() << " (plan: nothing stored)\n";
      break;
  }
  return options.exit_code && count.AnyChange() ? kExitFound : kExitOk;
}

}  // namespace

void AddPlanCommand(CLI::App& app, ChosenCommand& chosen) {
  const auto [command, options] = AddCommand(
      app, chosen, "plan", "Show what an import would do and what follows from it", &RunPlan);
  command->add_option("PATH", options->path, "A folder of *.yaml files, or one such file")
      ->required();
  command->add_flag("--exit-code", options->exit_code,
                    "Exit status 3 if anything would be created or changed");
  command->footer(
      "+ created, ~ changed, ^ restored. BREAKING: readers of the results must change.\n\n"
      "Examples:\n"
      "  metricctl plan packs/market\n"
      "  metricctl plan packs/market --exit-code -o json");
}

}  // namespace metricstore::cli
