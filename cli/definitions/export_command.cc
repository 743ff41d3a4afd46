#include <algorithm>
#include <utility>

#include "cli/core/option_values.h"
#include "cli/core/paging.h"
#include "cli/definitions/definition_commands.h"
#include "cli/definitions/folder_writer.h"
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
using registry::v1::ExportMetricsRequest;

struct ExportedFile {
  std::string path;
  WriteOutcome outcome;
};

absl::Status CheckFolder(const FolderWriter& writer, const ExportOptions& options) {
  if (writer.IsFile()) {
    return WithHint(Failure(Concat(options.folder, " is a file")), "--dir takes a folder");
  }
  if (options.force) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool empty, writer.IsEmpty());
  if (empty) return absl::OkStatus();
  return WithHint(Failure(Concat(options.folder, " is not empty")),
                  "give another folder, or --force to overwrite its files (none is removed)");
}

// Without its folder and its ending: "XNYS" of "calendars/XNYS.yaml".
std::string NameOf(const std::string& path) {
  const std::string file = path.substr(path.rfind('/') + 1);
  return file.substr(0, file.rfind('.'));
}

// What was asked for of all that the registry sent. NOT_FOUND for a name that no file has.
absl::StatusOr<std::vector<OutputFile>> Choose(std::vector<OutputFile> files,
                                               const ExportOptions& options) {
  std::erase_if(files,
                [&](const auto& file) { return !file.path.starts_with(options.only_below); });
  if (options.names.empty()) return files;
  std::vector<std::string> present;
  for (const OutputFile& file : files) present.push_back(NameOf(file.path));
  for (const std::string& name : options.names) {
    if (std::find(present.begin(), present.end(), name) != present.end()) continue;
    const std::string near = status::ClosestMatch(name, present);
    const absl::Status missing =
        absl::NotFoundError(Concat("there is no ", options.only_below, Quoted(name)));
    return near.empty() ? missing : WithHint(missing, Concat("did you mean ", near, "?"));
  }
  std::erase_if(files, [&](const auto& file) {
    return std::find(options.names.begin(), options.names.end(), NameOf(file.path)) ==
           options.names.end();
  });
  return files;
}

absl::StatusOr<std::vector<ExportedFile>> WriteFiles(Invocation& invocation,
                                                     const FolderWriter& writer,
                                                     const std::vector<OutputFile>& files) {
  std::vector<ExportedFile> exported;
  ProgressBar bar(invocation.terminal, invocation.clock);
  for (const OutputFile& file : files) {
    ASSIGN_OR_RETURN(const WriteOutcome outcome, writer.Write(file));
    exported.push_back({file.path, outcome});
    const double fraction =
        static_cast<double>(exported.size()) / static_cast<double>(files.size());
    bar.Show({"writing", fraction, file.path});
  }
  return exported;
}

// Files that stay in the folder although the export does not hold them.
void PrintStrangers(const std::vector<std::string>& present, const std::vector<OutputFile>& files,
                    const ExportOptions& options, std::ostream& err) {
  std::vector<std::string> exported;
  for (const OutputFile& file : files) exported.push_back(file.path);
  std::sort(exported.begin(), exported.end());
  for (const std::string& path : present) {
    const bool looked_at = options.names.empty() && path.starts_with(options.only_below);
    if (!looked_at || std::binary_search(exported.begin(), exported.end(), path)) continue;
    err << "note: " << path << " is not part of this export; it was left as it is\n";
  }
}

void PrintExported(const Invocation& invocation, const std::vector<ExportedFile>& files,
                   const std::string& folder) {
  int64_t written = 0;
  Table table{{{"path"}, {"outcome"}}, {}};
  for (const ExportedFile& file : files) {
    const bool was_written = file.outcome == WriteOutcome::kWritten;
    written += was_written;
    table.rows.push_back({file.path, was_written ? "written" : "unchanged"});
  }
  if (invocation.format != OutputFormat::kTable) {
    PrintTable(table, invocation.format, invocation.terminal.out);
  }
  invocation.summary() << folder << ": " << FormatCountOf(written, "file") << " written, "
                       << FormatCount(static_cast<int64_t>(files.size()) - written)
                       << " unchanged\n";
}

}  // namespace

// All pages, before the first file is written: a call that breaks leaves the folder as it was.
absl::StatusOr<std::vector<OutputFile>> FetchDefinitions(Invocation& invocation,
                                                         const ExportOptions& options) {
  ExportMetricsRequest request;
  request.set_filter(options.filter);
  request.set_metrics_only(options.metrics_only);
  std::vector<OutputFile> files;
  const BusyLine busy = WaitForRegistry(invocation, "reading the catalogue", "");
  RETURN_IF_ERROR(ForEachPage(invocation.connection, &CatalogService::Stub::ExportMetrics, request,
                              [&](const auto& page) {
                                for (const auto& file : page.files()) {
                                  files.push_back({file.path(), file.content()});
                                }
                              }));
  return Choose(std::move(files), options);
}

absl::StatusOr<int> RunExport(Invocation& invocation, const ExportOptions& options) {
  const FolderWriter writer(options.folder);
  RETURN_IF_ERROR(CheckFolder(writer, options));
  ASSIGN_OR_RETURN(const auto present, writer.DefinitionFiles());
  ASSIGN_OR_RETURN(const auto files, FetchDefinitions(invocation, options));
  ASSIGN_OR_RETURN(const auto exported, WriteFiles(invocation, writer, files));
  PrintExported(invocation, exported, options.folder);
  PrintStrangers(present, files, options, invocation.terminal.err);
  return kExitOk;
}

void AddExportCommand(CLI::App& app, ChosenCommand& chosen) {
  const auto [command, options] = AddCommand(
      app, chosen, "export", "Write the stored definitions to a folder of YAML files", &RunExport);
  command->add_option("--dir", options->folder, "The folder; it is made if it is not there")
      ->required();
  command->add_option("--filter", options->filter,
                      "Only metrics that fit: 'tags:\"core\"', as in metrics list");
  command->add_flag("--metrics-only", options->metrics_only,
                    "Without calendars, datasets and columns");
  command->add_flag("--force", options->force,
                    "Overwrite files in a folder that is not empty; removes nothing");
  command->footer(
      "Metrics are written in their newest version. What is exported imports as unchanged.\n\n"
      "Examples:\n"
      "  metricctl export --dir catalogue\n"
      "  metricctl export --dir catalogue --force\n"
      "  metricctl export --dir core --metrics-only --filter 'tags:\"core\"'");
}

}  // namespace metricstore::cli
