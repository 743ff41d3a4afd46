#include "cli/usage_error.h"

#include <algorithm>
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

// "metrics list": where below `command` a subcommand of that name is, or "".
std::string PlaceBelow(const CLI::App& command, const std::string& name) {
  for (const CLI::App* group : command.get_subcommands([](const CLI::App*) { return true; })) {
    for (const std::string& subcommand : SubcommandNames(*group)) {
      if (subcommand == name) return Concat(group->get_name(), " ", name);
    }
  }
  return "";
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
  const absl::Status error =
      UsageError(Concat(PathText(path), " has no subcommand ", Quoted(extra)));
  const std::string below = PlaceBelow(command, extra);
  if (!below.empty()) return WithHint(error, Concat("did you mean ", below, "?"));
  const absl::Status suggested = Suggest(error, extra, names);
  if (!HintOf(suggested).empty()) return suggested;
  return WithHint(error, Concat("one of ", absl::StrJoin(names, ", ")));
}

// CLI11's own words speak of its types and ranges: "--from: 1 required TEXT missing".
absl::Status ExplainValue(const CLI::ParseError& error) {
  const std::string said = error.what();
  const std::string option = said.substr(0, said.find(':'));
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const bool many =
        said.find("At Most") != std::string::npos || said.find("Exactly") != std::string::npos;
    return UsageError(Concat(option, many ? " takes one value" : " needs a value"));
  }
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {
    // "Could not convert: --limit = many".
    const std::string given = said.substr(std::min(said.find(": ") + 2, said.size()));
    const size_t equals = given.find(" = ");
    if (equals == std::string::npos) return UsageError(said);
    return UsageError(Concat(given.substr(0, equals), " does not take the value ",
                             Quoted(given.substr(equals + 3))));
  }
  return UsageError(said);
}

absl::Status Explain(const std::vector<const CLI::App*>& path, const CLI::ParseError& error) {
  const std::vector<std::string> extras = path.front()->remaining(true);
  // A word too many explains more than the option that is missing because of it.
  if (!extras.empty()) return ExplainExtra(path, extras.front());
  const std::vector<std::string> names = SubcommandNames(*path.back());
  if (!names.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    return UsageError(Concat("a subcommand is required: ", absl::StrJoin(names, ", ")));
  }
  return ExplainValue(error);
}

}  // namespace

absl::Status ExplainParseError(const CLI::App& app, const CLI::ParseError& error) {
  const auto path = ChosenPath(app);
  return WithHint(Explain(path, error), Concat(PathText(path), " --help"));
}

}  // namespace metricstore::cli
