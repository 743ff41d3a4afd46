#include <algorithm>
#include <utility>

#include "cli/core/option_values.h"
#include "cli/definitions/definition_commands.h"
#include "cli/definitions/definition_files.h"
#include "cli/definitions/definition_text.h"
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
using registry::v1::Finding;
using registry::v1::ValidateMetricsRequest;
using registry::v1::ValidateMetricsResponse;

std::string_view Verdict(const DefinitionReport& report) {
  std::string_view verdict = "OK";
  for (const Finding& finding : report.findings()) {
    if (finding.severity() == Finding::SEVERITY_ERROR) return "ERROR";
    verdict = "WARNING";
  }
  return verdict;
}

std::string TestsText(const DefinitionReport& report) {
  if (report.tests_passed() == 0) return "";
  return Concat(FormatCountOf(report.tests_passed(), "test"), " passed");
}

// Each definition with its verdict, its findings below it.
void PrintReports(const ValidateMetricsResponse& response, std::ostream& out) {
  Table table{{{"verdict"}, {"kind"}, {"name"}, {"path"}, {"tests"}}, {}};
  for (const DefinitionReport& report : response.reports()) {
    table.rows.push_back({std::string(Verdict(report)), report.kind(), report.name(), report.path(),
                          TestsText(report)});
  }
  const std::vector<std::string> lines = AlignedLines(table);
  for (int i = 0; i < response.reports_size(); ++i) {
    const DefinitionReport& report = response.reports(i);
    out << lines[i + 1] << '\n';
    PrintFindings(report, "  ", out);
  }
}

// One row for each finding, and one for each definition without.
Table FindingTable(const ValidateMetricsResponse& response) {
  Table table{{{"verdict"},
               {"kind"},
               {"name"},
               {"path"},
               {"line", true},
               {"field"},
               {"reason"},
               {"message"},
               {"suggestion"}},
              {}};
  for (const DefinitionReport& report : response.reports()) {
    if (report.findings().empty()) {
      table.rows.push_back({"OK", report.kind(), report.name(), report.path(), "", "", "", "", ""});
    }
    for (const Finding& finding : report.findings()) {
      table.rows.push_back(
          {finding.severity() == Finding::SEVERITY_ERROR ? "ERROR" : "WARNING", report.kind(),
           report.name(), report.path(), finding.line() > 0 ? std::to_string(finding.line()) : "",
           finding.field(), finding.reason(), finding.message(), finding.suggestion()});
    }
  }
  return table;
}

std::string Summary(const ValidateMetricsResponse& response) {
  int64_t tests = 0;
  for (const DefinitionReport& report : response.reports()) tests += report.tests_passed();
  const int64_t total = response.reports_size();
  return Concat(FormatCountOf(total, "definition"), ": ",
                FormatCount(total - response.errors() - response.warnings()), " OK, ",
                FormatCount(response.warnings()), " with warnings, ",
                FormatCount(response.errors()), " with errors",
                tests > 0 ? Concat("; ", FormatCountOf(tests, "metric test"), " passed") : "");
}

absl::StatusOr<ValidateMetricsResponse> Validate(Invocation& invocation,
                                                 const ValidateOptions& options) {
  ASSIGN_OR_RETURN(const absl::Duration timeout, ParseTimeout(options.timeout));
  ValidateMetricsRequest request;
  request.set_project(invocation.connection.project());
  request.set_skip_tests(options.no_tests);
  DefinitionInput input;
  if (!options.paths.empty()) {
    ASSIGN_OR_RETURN(input, ReadDefinitionFiles(options.paths));
  }
  for (auto& file : input.files) *request.add_files() = std::move(file);
  const BusyLine busy = WaitForRegistry(invocation, "checking", options.timeout);
  auto response = invocation.connection.Call(
      Peer::kRegistry, &CatalogService::Stub::ValidateMetrics, request, timeout);
  if (!response.ok()) return input.paths.In(response.status());
  for (auto& report : *response->mutable_reports()) input.paths.Rewrite(report);
  return response;
}

}  // namespace

absl::StatusOr<int> RunValidate(Invocation& invocation, const ValidateOptions& options) {
  ASSIGN_OR_RETURN(const ValidateMetricsResponse response, Validate(invocation, options));
  if (!options.only_kind.empty()) {
    RETURN_IF_ERROR(RequireKind(response.reports(), options.only_kind));
  }
  Terminal& terminal = invocation.terminal;
  switch (invocation.format) {
    case OutputFormat::kJson:
      PrintJson(response, terminal.out);
      break;
    case OutputFormat::kCsv:
      PrintTable(FindingTable(response), invocation.format, terminal.out);
      break;
    case OutputFormat::kTable:
      PrintReports(response, terminal.out);
      break;
  }
  invocation.summary() << Summary(response) << '\n';
  const bool refused = response.errors() > 0 || (options.strict && response.warnings() > 0);
  return refused ? kExitFailure : kExitOk;
}

void AddValidateCommand(CLI::App& app, ChosenCommand& chosen) {
  const auto [command, options] =
      AddCommand(app, chosen, "validate",
                 "Check definitions and run their tests, without storing anything", &RunValidate);
  AddDefinitionPaths(*command, options->paths)
      ->description("Folders of *.yaml files, or such files; default: all that is stored");
  command->add_flag("--no-tests,--skip-tests", options->no_tests,
                    "Do not run the tests of metrics");
  command->add_flag("--strict", options->strict, "Warnings make the exit status 1 too");
  AddTimeout(*command, options->timeout);
  command->footer(
      "Exit status: 0 all is fine, 1 there are errors.\n\n"
      "Examples:\n"
      "  metricctl validate packs/market\n"
      "  metricctl validate packs/market --strict -o json\n"
      "  metricctl validate");
}

}  // namespace metricstore::cli
