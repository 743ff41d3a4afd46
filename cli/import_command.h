// metricctl import: definition files to the registry.
#pragma once

#include <string>

#include "cli/command.h"

namespace metricstore::cli {

struct ImportOptions {
  std::string path;
  bool dry_run = false;
};

void AddImportCommand(CLI::App& app, ChosenCommand& chosen);

absl::StatusOr<int> RunImport(Invocation& invocation, const ImportOptions& options);

}  // namespace metricstore::cli
