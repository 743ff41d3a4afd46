#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "cli/core/option_values.h"
#include "cli/definitions/definition_commands.h"
#include "cli/definitions/definition_files.h"
#include "cli/definitions/definition_text.h"
#include "cli/definitions/known_dates.h"
#include "cli/definitions/stale_text.h"
#include "cli/messages/change_text.h"
#include "cli/messages/finding_text.h"
#include "cli/messages/proto_text.h"
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
using registry::v1::DefinitionReport;
using registry::v1::ImportOutcome;
using registry::v1::PlanImportRequest;
using registry::v1::PlanImportResponse;
using registry::v1::PlannedChange;
using registry::v1::StaleResults;

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

// While a version waits, what changes for readers is not what changes in the newest version.
void PrintBoth(const PlannedChange& change, const Terminal& terminal) {
  const int waiting = change.outcome().version() - (change.makes_version() ? 1 : 0);
  terminal.out << "    against version " << waiting << ", which waits:\n";
  PrintChanges(change.changes(), "      ", terminal.out_is_terminal, terminal.out);
  terminal.out << "    against version " << change.served_version()
               << ", which readers are served:\n";
  if (change.served_changes().empty()) terminal.out << "      nothing differs\n";
  PrintChanges(change.served_changes(), "      ", terminal.out_is_terminal, terminal.out);
}

// The doubts about a definition; empty without any.
DefinitionReport WarningsOf(const PlanImportResponse& plan, const ImportOutcome& outcome) {
  for (const DefinitionReport& report : plan.warnings()) {
    if (report.kind() == outcome.kind() && report.name() == outcome.name()) return report;
  }
  return {};
}

// Without what the changes themselves say, and the groups of metrics that say the same.
void PrintPlannedWarnings(DefinitionReport report, std::ostream& out) {
  auto& findings = *report.mutable_findings();
  findings.erase(std::remove_if(findings.begin(), findings.end(),
                                [](const auto& finding) {
                                  return finding.reason() == "READERS_BROKEN" ||
                                         finding.reason() == "NEAR_DUPLICATE";
                                }),
                 findings.end());
  PrintFindings(report, "    ", out);
}

void PrintPlannedChanges(const PlanImportResponse& plan, const Terminal& terminal) {
  for (const PlannedChange& change : plan.changes()) {
    if (change.outcome().action() == ImportOutcome::ACTION_UNCHANGED) {
      if (change.served_version() == 0) continue;
      terminal.out << "= " << change.outcome().kind() << " " << change.outcome().name()
                   << ": unchanged; version " << change.outcome().version()
                   << " waits, readers are served version " << change.served_version() << '\n';
      continue;
    }
    terminal.out << Headline(change) << '\n';
    if (change.served_version() != 0) {
      PrintBoth(change, terminal);
    } else {
      PrintChanges(change.changes(), "    ", terminal.out_is_terminal, terminal.out);
    }
    if (!change.dependents().empty()) {
      terminal.out << "    affects " << FormatCountOf(change.dependents_size(), "metric") << ": "
                   << absl::StrJoin(change.dependents(), ", ") << '\n';
    }
    PrintPlannedWarnings(WarningsOf(plan, change.outcome()), terminal.out);
  }
}

// All that the plan tells of results, and those that a calendar or dataset alone tells of.
std::vector<StaleResults> StaleOf(const PlanImportResponse& plan) {
  std::vector<StaleResults> stale(plan.stale().begin(), plan.stale().end());
  std::set<std::pair<std::string, int>> told;
  for (const StaleResults& results : stale) told.emplace(results.metric(), results.version());
  std::set<std::tuple<std::string, int, int>> added;  // results of a version at each of its grains
  for (const PlannedChange& change : plan.changes()) {
    for (const StaleResults& results : change.outcome().stale()) {
      if (told.contains({results.metric(), results.version()})) continue;
      if (added.emplace(results.metric(), results.version(), results.grain()).second) {
        stale.push_back(results);
      }
    }
  }
  return stale;
}

// The dates of results as the calendar or dataset tells them are the exact ones.
void TakeDates(const PlanImportResponse& plan, std::vector<StaleResults>& stale) {
  std::map<std::pair<std::string, int>, const StaleResults*> dated;
  for (const PlannedChange& change : plan.changes()) {
    for (const StaleResults& results : change.outcome().stale()) {
      if (!results.dates().empty()) dated[{results.metric(), results.version()}] = &results;
    }
  }
  for (StaleResults& results : stale) {
    const auto found = dated.find({results.metric(), results.version()});
    if (results.dates().empty() && found != dated.end()) {
      *results.mutable_dates() = found->second->dates();
    }
  }
}

bool Tells(const ImportOutcome& outcome, const ListedStale& listed) {
  return std::any_of(outcome.stale().begin(), outcome.stale().end(), [&](const StaleResults& told) {
    return told.metric() == listed.results.metric() && told.version() == listed.results.version();
  });
}

// Without the dates that calendars which make them stale would not know.
std::vector<ListedStale> Computable(const PlanImportResponse& plan,
                                    const std::vector<StaleResults>& stale,
                                    const KnownByCalendar& known) {
  std::vector<ListedStale> listed;
  for (const StaleResults& results : stale) {
    std::optional<ListedStale> inside = ListedStale{results};
    for (const PlannedChange& change : plan.changes()) {
      const ImportOutcome& outcome = change.outcome();
      const auto dates = known.find(outcome.name());
      if (outcome.kind() != "calendar" || dates == known.end()) continue;
      if (inside && Tells(outcome, *inside)) inside = Within(dates->second, *std::move(inside));
    }
    if (inside) listed.push_back(*std::move(inside));
  }
  return listed;
}

// Results that are marked by the import itself; those of a new version are the new version's
// affair.
bool AnyMarked(const PlanImportResponse& plan, const std::vector<ListedStale>& stale) {
  return std::any_of(plan.changes().begin(), plan.changes().end(), [&](const auto& change) {
    return std::any_of(stale.begin(), stale.end(),
                       [&](const ListedStale& listed) { return Tells(change.outcome(), listed); });
  });
}

void PrintOutdated(const PlanImportResponse& plan, Invocation& invocation) {
  std::ostream& out = invocation.terminal.out;
  std::vector<StaleResults> all = StaleOf(plan);
  if (all.empty()) return;
  TakeDates(plan, all);
  const KnownByCalendar known = PlannedDates(plan, invocation.connection);
  const std::vector<ListedStale> stale = Computable(plan, all, known);
  MetricBuckets buckets(invocation.connection);
  if (!stale.empty()) out << "stored results that would be outdated:\n";
  PrintStale(stale, buckets, out);
  for (const PlannedChange& change : plan.changes()) {
    PrintOutside(change.outcome(), known, "would know", out);
  }
  if (stale.empty()) return;
  // What is counted is all that was stale before the cut.
  const bool cut = stale.size() < all.size() ||
                   std::any_of(stale.begin(), stale.end(), [](auto& one) { return one.is_cut; });
  const char* const at_most = cut ? "at most " : "";
  out << "to compute them anew reads " << at_most << FormatCountOf(plan.recompute_rows(), "row")
      << " and writes " << at_most << FormatCountOf(plan.recompute_points(), "point") << '\n';
  if (AnyMarked(plan, stale)) out << "after the import: " << StaleBackfill(stale) << '\n';
}

void PrintConsequences(const PlanImportResponse& plan, Invocation& invocation) {
  std::ostream& out = invocation.terminal.out;
  PrintOutdated(plan, invocation);
  SameMeaning pairs;
  for (const auto& pair : plan.near_duplicates()) pairs.emplace_back(pair.metric(), pair.other());
  for (const auto& group : GroupsOf(pairs)) out << SameMeaningText(group) << '\n';
}

// One row for each definition, for programs.
Table PlanTable(const PlanImportResponse& plan) {
  Table table{{{"kind"},
               {"name"},
               {"action"},
               {"version", true},
               {"makes_version", false, true},
               {"breaking", false, true},
               {"changed_fields"},
               {"dependents"},
               {"path"},
               {"served_version", true},
               {"served_changed_fields"},
               {"warnings"}},
              {}};
  for (const PlannedChange& change : plan.changes()) {
    const ImportOutcome& outcome = change.outcome();
    const DefinitionReport warnings = WarningsOf(plan, outcome);
    const auto add_reason = [](std::string* out, const auto& finding) { *out += finding.reason(); };
    table.rows.push_back(
        {outcome.kind(), outcome.name(), EnumText(outcome.action(), "ACTION_"),
         outcome.version() == 0 ? "" : std::to_string(outcome.version()),
         change.makes_version() ? "yes" : "no", change.breaking() ? "yes" : "no",
         ChangedFieldsText(change.changes()), absl::StrJoin(change.dependents(), " "),
         outcome.path(),
         change.served_version() == 0 ? "" : std::to_string(change.served_version()),
         ChangedFieldsText(change.served_changes()),
         absl::StrJoin(warnings.findings(), " ", add_reason)});
  }
  return table;
}

absl::StatusOr<int> RunPlan(Invocation& invocation, const PlanOptions& options) {
  ASSIGN_OR_RETURN(const PlanImportResponse plan, FetchPlan(invocation, options));
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
      PrintConsequences(plan, invocation);
      break;
  }
  invocation.summary() << count.Text() << " (plan: nothing stored)\n";
  return options.exit_code && count.AnyChange() ? kExitFound : kExitOk;
}

}  // namespace

absl::StatusOr<PlanImportResponse> FetchPlan(Invocation& invocation, const PlanOptions& options) {
  ASSIGN_OR_RETURN(const absl::Duration timeout, ParseTimeout(options.timeout));
  PlanImportRequest request;
  request.set_project(invocation.connection.project());
  request.set_promote(options.promote);
  ASSIGN_OR_RETURN(DefinitionInput input, ReadDefinitionFiles(options.paths));
  for (auto& file : input.files) *request.add_files() = std::move(file);
  const BusyLine busy =
      WaitForRegistry(invocation, Concat("planning ", FormatCountOf(request.files_size(), "file")),
                      options.timeout);
  auto response = invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::PlanImport,
                                             request, timeout);
  if (!response.ok()) return input.paths.In(response.status());
  for (auto& change : *response->mutable_changes()) input.paths.Rewrite(*change.mutable_outcome());
  for (auto& report : *response->mutable_warnings()) input.paths.Rewrite(report);
  return response;
}

void AddPlanCommand(CLI::App& app, ChosenCommand& chosen) {
  const auto [command, options] = AddCommand(
      app, chosen, "plan", "Show what an import would do and what follows from it", &RunPlan);
  AddDefinitionPaths(*command, options->paths)->required();
  command->add_flag("--promote", options->promote, "Plan an import with --promote");
  command->add_flag("--exit-code", options->exit_code,
                    "Exit status 3 if anything would be created or changed");
  AddTimeout(*command, options->timeout);
  command->footer(
      "+ created, ~ changed, ^ restored, = unchanged with a version that waits to be promoted. "
      "BREAKING:\n"
      "readers of the results must change. While a version waits, changes are told against it and "
      "against\n"
      "the version that readers are served.\n\n"
      "Examples:\n"
      "  metricctl plan packs/market\n"
      "  metricctl plan packs/market --exit-code -o json");
}

}  // namespace metricstore::cli
