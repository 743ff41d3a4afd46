#include "cli/field_options.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "common/status/error.h"

namespace metricstore::cli {
namespace {

// Where the option is not called as the field.
struct Alias {
  std::string_view field;
  std::string_view option;
};
constexpr Alias kAliases[] = {
    {"window_text", "--window"},  {"dates.start_date", "--from"},
    {"dates.end_date", "--to"},   {"dates", "--from"},
    {"entities", "--entity"},     {"metrics", "--metrics"},
    {"grains", "--grain"},        {"dataset", "--table"},
    {"sql_variants", "--sql-by"}, {"calendar_version", "--version"},
    {"row_limit", "--rows"},
};

// The command that was chosen, last of those above it.
std::vector<const CLI::App*> CommandsOf(const CLI::App& app) {
  std::vector<const CLI::App*> commands = {&app};
  while (!commands.back()->get_subcommands().empty()) {
    commands.push_back(commands.back()->get_subcommands().front());
  }
  return commands;
}

// --version of the program itself shows its own.
bool HasOption(const std::vector<const CLI::App*>& commands, const std::string& option) {
  const auto first = commands.begin() + (option == "--version" ? 1 : 0);
  return std::any_of(first, commands.end(), [&](const CLI::App* command) {
    return command->get_option_no_throw(option) != nullptr;
  });
}

// The option of the field itself, or "".
std::string OptionOf(const std::vector<const CLI::App*>& commands, const std::string& field) {
  for (const Alias& alias : kAliases) {
    const std::string option(alias.option);
    if (alias.field == field && HasOption(commands, option)) {
      return field == "dates" ? "--from and --to" : option;
    }
  }
  const std::string option = "--" + absl::StrReplaceAll(field, {{"_", "-"}});
  if (HasOption(commands, option)) return option;
  const std::string singular = option.substr(0, option.size() - 1);
  return option.ends_with('s') && HasOption(commands, singular) ? singular : "";
}

// The option of a field, of what it is an item of ("entities[2]") or a part of ("window.session").
std::string OptionFor(const std::vector<const CLI::App*>& commands, std::string field) {
  constexpr std::string_view kEdited = "metric.";
  if (field.starts_with(kEdited)) field.erase(0, kEdited.size());
  while (!field.empty()) {
    if (std::string option = OptionOf(commands, field); !option.empty()) return option;
    const size_t cut = field.find_last_of(".[");
    field.erase(cut == std::string::npos ? 0 : cut);
  }
  return "";
}

// `text` with `option` for `field` where it begins with that.
void Rename(const std::string& field, const std::string& option, size_t place, std::string& text) {
  if (text.compare(place, field.size(), field) != 0) return;
  const size_t end = place + field.size();
  if (end < text.size() && text[end] != ':' && text[end] != ' ') return;
  text.replace(place, field.size(), option);
}

}  // namespace

absl::Status WithOptionNames(const CLI::App& app, const absl::Status& error) {
  const auto details = status::DetailsOf(error);
  if (!details.has_value() || details->violations.empty()) return error;
  const std::vector<const CLI::App*> commands = CommandsOf(app);
  std::string message(error.message());
  std::vector<status::FieldViolation> violations = details->violations;
  for (status::FieldViolation& violation : violations) {
    const std::string option = OptionFor(commands, violation.field);
    if (option.empty()) continue;
    constexpr std::string_view kFirst = "the first: ";
    Rename(violation.field, option, 0, message);
    const size_t first = message.find(kFirst);
    if (first != std::string::npos) {
      Rename(violation.field, option, first + kFirst.size(), message);
    }
    violation.field = option;
  }
  status::ErrorBuilder renamed(error.code(), details->reason, message);
  for (const auto& [key, value] : details->metadata) renamed.Metadata(key, value);
  for (const auto& violation : violations) renamed.Field(violation.field, violation.description);
  if (details->retry_after.has_value()) renamed.RetryAfter(*details->retry_after);
  const std::string hint = HintOf(error);
  return hint.empty() ? renamed.Build() : WithHint(renamed.Build(), hint);
}

}  // namespace metricstore::cli
