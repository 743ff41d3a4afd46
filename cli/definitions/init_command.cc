#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "cli/core/option_values.h"
#include "cli/definitions/definition_commands.h"
#include "cli/definitions/folder_writer.h"
#include "cli/definitions/starter_files.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/table_printer.h"
#include "common/status/macros.h"

namespace metricstore::cli {
namespace {

struct InitOptions {
  std::string folder = ".";
};

absl::Status RefuseToOverwrite(const FolderWriter& writer, const std::string& folder) {
  if (writer.IsFile()) {
    return WithHint(Failure(Concat(folder, " is a file")), "init takes a folder");
  }
  std::vector<std::string> present;
  for (const StarterFile& file : StarterFiles()) {
    if (writer.Exists(std::string(file.path))) present.emplace_back(file.path);
  }
  if (present.empty()) return absl::OkStatus();
  return WithHint(Failure(Concat(folder, " has ", absl::StrJoin(present, ", "),
                                 " already; nothing was written")),
                  "init overwrites nothing; give a new folder");
}

absl::StatusOr<int> RunInit(Invocation& invocation, const InitOptions& options) {
  const FolderWriter writer(options.folder);
  RETURN_IF_ERROR(RefuseToOverwrite(writer, options.folder));
  Table table{{{"path"}}, {}};
  for (const StarterFile& file : StarterFiles()) {
    RETURN_IF_ERROR(writer.Write({std::string(file.path), std::string(file.content)}).status());
    table.rows.push_back({std::string(file.path)});
  }
  PrintTable(table, invocation.format, invocation.terminal.out);
  invocation.terminal.err << "next:\n  metricctl validate " << options.folder
                          << "\n  metricctl import " << options.folder << '\n';
  return kExitOk;
}

}  // namespace

void AddInitCommand(CLI::App& app, ChosenCommand& chosen) {
  const auto [command, options] = AddCommand(
      app, chosen, "init", "Write a starter folder: a dataset, two metrics, AGENTS.md", &RunInit);
  command->add_option("DIR", options->folder, "The folder; default: this one");
  command->footer(
      "Needs no service. Files that are there already are never overwritten.\n\n"
      "Examples:\n"
      "  metricctl init metrics\n"
      "  metricctl init");
}

}  // namespace metricstore::cli
