#include "cli/usage_error.h"

#include <vector>

#include "absl/strings/str_join.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/status/error.h"

namespace metricstore::cli {
namespace {

// The commands chosen, from the program itself to the last.
std::vector<const CLI::App*> ChosenPath(const CLI::App& app) {
  std::vector<const CLI::App*> path = {&app};
  while (true) {
    const auto chosen = path.back()->get_subcommands();
    if (chosen.empty()) return path;
    path.push_back(chosen.front());
  }
}

std::string PathText(const std::vector<const CLI::App*>& path) {
  return absl::StrJoin(path, " ", [](std::string* out, const CLI::App* command) {
    out->append(command->get_name());
  });
}

std::vector<std::string> SubcommandNames(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* subcommand : command.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(subcommand->get_name());
  }
  return names;
}

// Options of the command and of those above it, which are accepted there too.
std::vector<std::string> OptionNames(const std::vector<const CLI::App*>& path) {
  std::vector<std::string> names;
  for (const CLI::App* command : path) {
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

absl::Status Suggest(const absl::Status& error, const std::string& word,
                     const std::vector<std::string>& names) {
  const std::string near = status::ClosestMatch(word, names);
  return near.empty() ? error : WithHint(error, Concat("did you mean ", near, "?"));
}

// The first word that nobody expected.
absl::Status ExplainExtra(const std::vector<const CLI::App*>& path, const std::string& extra) {
  const CLI::App& command = *path.back();
  if (extra.starts_with('-')) {
    const std::string option = extra.substr(0, extra.find('='));
    return Suggest(UsageError(Concat(PathText(path), " has no option ", option)), option,
                   OptionNames(path));
  }
  const std::vector<std::string> names = SubcommandNames(command);
  if (names.empty()) {
    return UsageError(Concat(PathText(path), " does not expect ", Quoted(extra)));
  }
  return Suggest(UsageError(Concat(PathText(path), " has no subcommand ", Quoted(extra))), extra,
                 names);
}

absl::Status Explain(const std::vector<const CLI::App*>& path, const CLI::ParseError& error) {
  const std::vector<std::string> extras = path.front()->remaining(true);
  // A word too many explains more than the option that is missing because of it.
  if (!extras.empty()) return ExplainExtra(path, extras.front());
  const std::vector<std::string> names = SubcommandNames(*path.back());
  if (!names.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    return UsageError(Concat("a subcommand is required: ", absl::StrJoin(names, ", ")));
  }
  return UsageError(error.what());
}

}  // namespace

absl::Status ExplainParseError(const CLI::App& app, const CLI::ParseError& error) {
  const auto path = ChosenPath(app);
  return WithHint(Explain(path, error), Concat(PathText(path), " --help"));
}

}  // namespace metricstore::cli
