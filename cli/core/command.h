// How a subcommand is declared, and how the one that was chosen is run.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/core/invocation.h"

namespace metricstore::cli {

// The subcommand found on the command line. Its exit status, or an error that is printed for it.
struct ChosenCommand {
  std::function<absl::StatusOr<int>(Invocation&)> run;
  std::vector<const CLI::App*> print_yaml;  // commands that know -o yaml, beside the usual formats
};

// A subcommand of `parent` with options of type Options that `run` gets when it is chosen. Returns
// both, so that the options can be declared.
template <typename Options>
std::pair<CLI::App*, std::shared_ptr<Options>> AddCommand(
    CLI::App& parent, ChosenCommand& chosen, const std::string& name,
    const std::string& description,
    absl::StatusOr<int> (*run)(Invocation& invocation, const Options& options)) {
  CLI::App* command = parent.add_subcommand(name, description);
  auto options = std::make_shared<Options>();
  command->callback([&chosen, options, run] {
    chosen.run = [options, run](Invocation& invocation) { return run(invocation, *options); };
  });
  return {command, std::move(options)};
}

// Lets an option of a list be given several times with one value each: without it CLI11 would take
// the positionals that follow as further values.
inline CLI::Option* Repeatable(CLI::Option* option) {
  return option->allow_extra_args(false)->take_all();
}

// A command that only has subcommands, one of which must be given.
inline CLI::App* AddGroup(CLI::App& parent, const std::string& name,
                          const std::string& description) {
  return parent.add_subcommand(name, description)->require_subcommand(1);
}

}  // namespace metricstore::cli
