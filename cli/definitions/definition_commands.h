// metricctl import, export, validate, plan and init: definitions as files.
#pragma once

#include <string>
#include <vector>

#include "cli/core/command.h"
#include "cli/definitions/folder_writer.h"
#include "metricstore/registry/v1/catalog_service.pb.h"

namespace metricstore::cli {

struct ImportOptions {
  std::vector<std::string> paths;
  std::string request_id;
  std::string timeout = "2m";
  bool promote = false;
  bool no_tests = false;
  bool dry_run = false;
  std::string only_kind;  // "calendar": files that define anything else are refused
};

struct PlanOptions {
  std::vector<std::string> paths;
  std::string timeout = "2m";
  bool promote = false;
  bool exit_code = false;
};

struct ValidateOptions {
  std::vector<std::string> paths;  // none: all that is stored
  std::string timeout = "2m";
  bool no_tests = false;
  bool strict = false;
  std::string only_kind;  // as in ImportOptions
};

struct ExportOptions {
  std::string folder;
  std::string filter;
  bool metrics_only = false;
  bool force = false;
  std::string only_below;          // "calendars/": only files there
  std::vector<std::string> names;  // of those only these, by file name; none: all
};

void AddImportCommand(CLI::App& app, ChosenCommand& chosen);
void AddExportCommand(CLI::App& app, ChosenCommand& chosen);
void AddValidateCommand(CLI::App& app, ChosenCommand& chosen);
void AddPlanCommand(CLI::App& app, ChosenCommand& chosen);
void AddInitCommand(CLI::App& app, ChosenCommand& chosen);

// Declares the positional that takes the files of an import.
CLI::Option* AddDefinitionPaths(CLI::App& command, std::vector<std::string>& paths);
CLI::Option* AddTimeout(CLI::App& command, std::string& timeout);

absl::StatusOr<int> RunImport(Invocation& invocation, const ImportOptions& options);
absl::StatusOr<int> RunValidate(Invocation& invocation, const ValidateOptions& options);
absl::StatusOr<int> RunExport(Invocation& invocation, const ExportOptions& options);
// What the plan command tells. The registry's errors.
absl::StatusOr<registry::v1::PlanImportResponse> FetchPlan(Invocation& invocation,
                                                           const PlanOptions& options);
// What RunExport would write. NOT_FOUND for a name that is not there; the registry's errors.
absl::StatusOr<std::vector<OutputFile>> FetchDefinitions(Invocation& invocation,
                                                         const ExportOptions& options);

}  // namespace metricstore::cli
