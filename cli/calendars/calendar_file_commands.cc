#include "cli/calendars/calendar_commands.h"
#include "cli/definitions/definition_commands.h"

namespace metricstore::cli {
namespace {

constexpr char kKind[] = "calendar";
constexpr char kFolder[] = "calendars/";
// Calendars come with every export; metrics would only be thrown away.
constexpr char kNoMetric[] = "name = \"-\"";

void AddImport(CLI::App& group, ChosenCommand& chosen) {
  const auto [import, options] =
      AddCommand(group, chosen, "import", "Import calendars, and nothing else", &RunImport);
  options->only_kind = kKind;
  AddDefinitionPaths(*import, options->paths)->required();
  import->add_flag("--dry-run", options->dry_run, "Check all, show the outcome, store nothing");
  import->add_option("--request-id", options->request_id,
                     "The same id imports once: for scripts that try again");
  AddTimeout(*import, options->timeout);
  import->footer(
      "A changed calendar is a new version, which metrics follow at once. Stored points that it "
      "makes\n"
      "stale are listed and marked; metricctl backfill --stale computes them again.\n\n"
      "Examples:\n"
      "  metricctl calendars import packs/market/calendars\n"
      "  metricctl calendars import XNYS.yaml XLON.yaml --dry-run");
}

void AddExport(CLI::App& group, ChosenCommand& chosen) {
  const auto [command, options] =
      AddCommand(group, chosen, "export", "Write calendars to a folder of YAML files", &RunExport);
  options->only_below = kFolder;
  options->filter = kNoMetric;
  command->add_option("NAME", options->names, "Only these calendars; default: all");
  command->add_option("--dir", options->folder, "The folder; it is made if it is not there")
      ->required();
  command->add_flag("--force", options->force,
                    "Overwrite files in a folder that is not empty; removes nothing");
  command->footer(
      "Files are DIR/calendars/NAME.yaml, as metricctl export writes them.\n\n"
      "Examples:\n"
      "  metricctl calendars export --dir catalogue\n"
      "  metricctl calendars export XNYS XLON --dir catalogue --force");
}

void AddValidate(CLI::App& group, ChosenCommand& chosen) {
  const auto [validate, options] =
      AddCommand(group, chosen, "validate", "Check files of calendars, without storing anything",
                 &RunValidate);
  options->only_kind = kKind;
  AddDefinitionPaths(*validate, options->paths)->required();
  validate->add_flag("--strict", options->strict, "Warnings make the exit status 1 too");
  AddTimeout(*validate, options->timeout);
  validate->footer(
      "Exit status: 0 all is fine, 1 there are errors.\n\n"
      "Examples:\n"
      "  metricctl calendars validate packs/market/calendars\n"
      "  metricctl calendars validate XNYS.yaml -o json");
}

}  // namespace

void AddCalendarFiles(CLI::App& group, ChosenCommand& chosen) {
  AddImport(group, chosen);
  AddExport(group, chosen);
  AddValidate(group, chosen);
}

}  // namespace metricstore::cli
