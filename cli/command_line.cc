#include "cli/command_line.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cli/calendars/calendar_commands.h"
#include "cli/catalog/metric_commands.h"
#include "cli/core/command.h"
#include "cli/data/ingest_command.h"
#include "cli/datasets/dataset_commands.h"
#include "cli/definitions/definition_commands.h"
#include "cli/evaluation/evaluation_commands.h"
#include "cli/field_options.h"
#include "cli/jobs/backfill_command.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/query/query_commands.h"
#include "cli/usage_error.h"

namespace metricstore::cli {
namespace {

struct GlobalOptions {
  Endpoints endpoints;
  std::string output = "table";
};

constexpr char kExamples[] =
    "Exit status: 0 success, 1 refused or failed, 2 wrong command line, 3 something to do (with\n"
    "--exit-code only), 130 Ctrl-C.\n\n"
    "Examples:\n"
    "  export METRICSTORE_REGISTRY=127.0.0.1:7001 METRICSTORE_COMPUTE=127.0.0.1:7002\n"
    "  metricctl metrics list --search 'opening range'\n"
    "  metricctl import packs/market\n"
    "  metricctl ingest fact_bars bars.csv --timezone America/New_York --map ts=ts_ny_local\n"
    "  metricctl backfill --metrics 'intraday/*' --entity SPY --from 2013-10-04 --to 2013-10-31\n"
    "  metricctl trend rth_close --entity SPY --from 2013-10-04 --to 2013-10-31 -o csv\n\n"
    "metricctl COMMAND --help shows a command's options and examples.";

void AddGlobalOptions(CLI::App& app, GlobalOptions& globals) {
  // Commands hand options that they do not know to their parent: global ones are accepted anywhere.
  app.fallthrough();
  // One command a run: a dataset or folder may then be called like a command.
  app.require_subcommand(0, 1);
  app.add_option("--registry", globals.endpoints.registry,
                 "HOST:PORT of the registry; default: $METRICSTORE_REGISTRY");
  app.add_option("--compute", globals.endpoints.compute,
                 "HOST:PORT of compute; default: $METRICSTORE_COMPUTE");
  app.add_option("--project", globals.endpoints.project,
                 "The project; default: $METRICSTORE_PROJECT, else \"default\"");
  app.add_option("-o,--output", globals.output, "table, csv or json; default: table");
  app.set_version_flag("--version", "metricctl " METRICSTORE_VERSION, "Show the version");
  app.set_help_flag("-h,--help", "Show help");
}

void AddCommands(CLI::App& app, ChosenCommand& chosen) {
  AddInitCommand(app, chosen);
  AddValidateCommand(app, chosen);
  AddPlanCommand(app, chosen);
  AddImportCommand(app, chosen);
  AddExportCommand(app, chosen);
  AddMetricCommands(app, chosen);
  AddDatasetCommands(app, chosen);
  AddColumnCommands(app, chosen);
  AddCalendarCommands(app, chosen);
  AddIngestCommand(app, chosen);
  AddBackfillCommand(app, chosen);
  AddRunCommand(app, chosen);
  AddBackfillsCommands(app, chosen);
  AddTrendCommand(app, chosen);
  AddFreshnessCommand(app, chosen);
  AddEvaluateCommand(app, chosen);
  AddExplainCommand(app, chosen);
}

int ReportParseError(const CLI::App& app, const CLI::ParseError& error, Terminal& terminal) {
  // Help and version are "errors" of CLI11 with exit status 0.
  if (error.get_exit_code() == 0) return app.exit(error, terminal.out, terminal.err);
  PrintError(ExplainParseError(app, error), terminal.err);
  return kExitUsage;
}

absl::StatusOr<int> RunChosen(const ChosenCommand& chosen, const GlobalOptions& globals,
                              Terminal& terminal, const Environment& environment) {
  const bool may_be_yaml = std::any_of(chosen.print_yaml.begin(), chosen.print_yaml.end(),
                                       [](const CLI::App* command) { return command->parsed(); });
  const bool yaml = may_be_yaml && globals.output == "yaml";
  const auto format = yaml ? OutputFormat::kTable : ParseOutputFormat(globals.output);
  if (!format.has_value()) {
    return UsageError(Concat("--output ", Quoted(globals.output), " is none of table, csv, json",
                             may_be_yaml ? ", yaml" : ""));
  }
  Connection connection(WithEnvironment(globals.endpoints, environment), terminal.interrupt);
  Invocation invocation{
      .terminal = terminal, .connection = connection, .format = *format, .yaml = yaml};
  return chosen.run(invocation);
}

int Conclude(const absl::StatusOr<int>& result, Terminal& terminal) {
  terminal.out.flush();
  if (!result.ok() && absl::IsCancelled(result.status()) && terminal.interrupt.cancelled()) {
    terminal.err << "interrupted\n";
    return kExitInterrupted;
  }
  if (!result.ok()) {
    PrintError(result.status(), terminal.err);
    return ExitCodeOf(result.status());
  }
  if (!terminal.out) {
    PrintError(Failure("cannot write to standard output"), terminal.err);
    return kExitFailure;
  }
  return *result;
}

}  // namespace

int RunMetricctl(const std::vector<std::string>& args, Terminal& terminal,
                 const Environment& environment) {
  CLI::App app("Metricstore: metrics defined once, computed everywhere, stored predictably.",
               "metricctl");
  GlobalOptions globals;
  ChosenCommand chosen;
  AddGlobalOptions(app, globals);
  AddCommands(app, chosen);
  app.footer(kExamples);
  try {
    // CLI11 takes the arguments from the back.
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  } catch (const CLI::ParseError& error) {
    return ReportParseError(app, error, terminal);
  }
  if (!chosen.run) {
    terminal.err << app.help();
    return kExitUsage;
  }
  absl::StatusOr<int> result = RunChosen(chosen, globals, terminal, environment);
  if (!result.ok()) result = WithOptionNames(app, result.status());
  return Conclude(result, terminal);
}

}  // namespace metricstore::cli
