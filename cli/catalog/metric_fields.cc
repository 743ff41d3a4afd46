#include "cli/catalog/metric_fields.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/core/command.h"
#include "cli/messages/window_text.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/calendar/window.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/time/iso8601.h"

namespace metricstore::cli {
namespace {

using registry::v1::Metric;

// An option and the field of Metric that it sets.
struct FieldOption {
  const char* option;
  const char* field;
  const char* help;
};

constexpr FieldOption kTexts[] = {
    {"--display-name", "display_name", "Name for people"},
    {"--description", "description", "What it measures, in a sentence"},
    {"--unit", "unit", "Unit of the values: USD, shares, ratio"},
    {"--table", "dataset", "The dataset that the expression reads"},
    {"--expression", "expression", "What is computed over the rows of a bucket: sum(volume)"},
    {"--time-column", "time_column", "Only the dataset's time column, the default"},
    {"--rollup", "rollup", "How points fold into coarser grains: first last min max sum avg"},
    {"--notes", "notes", "Anything a reader should know"},
    {"--validation", "validation", "How the number can be checked"},
    {"--owner", "owner", "Who answers questions about it"},
    {"--source", "source", "Where the definition comes from"},
};

constexpr FieldOption kLists[] = {
    {"--filter", "filters", "Condition that rows must meet: 'volume > 0' (repeatable)"},
    {"--dimension", "dimensions", "Column that splits the metric into series (repeatable)"},
    {"--synonym", "synonyms", "Another name that people search by (repeatable)"},
    {"--tag", "tags", "Free label (repeatable)"},
};

// Fields with options or forms of their own, by the names that --clear knows them by.
constexpr std::pair<const char*, const char*> kOtherFields[] = {
    {"window", "window"},       {"sql", "sql"},     {"sql-by", "sql_variants"},
    {"timeframe", "timeframe"}, {"tests", "tests"}, {"timeframe-alignment", "timeframe_alignment"},
};

// Option names and field names, both with underscores, to fields.
std::map<std::string, std::string> ClearableFields() {
  std::map<std::string, std::string> fields;
  const auto add = [&](std::string_view option, const std::string& field) {
    option.remove_prefix(std::min(option.find_first_not_of('-'), option.size()));
    fields[absl::StrReplaceAll(std::string(option), {{"-", "_"}})] = field;
    fields[field] = field;
  };
  for (const FieldOption& text : kTexts) add(text.option, text.field);
  for (const FieldOption& list : kLists) add(list.option, list.field);
  for (const auto& [name, field] : kOtherFields) add(name, field);
  return fields;
}

absl::StatusOr<std::string> ClearedField(const std::string& given) {
  const auto fields = ClearableFields();
  const auto found = fields.find(absl::StrReplaceAll(given, {{"-", "_"}}));
  if (found != fields.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [name, field] : fields) names.push_back(name);
  const absl::Status error =
      UsageError(Concat("--clear ", Quoted(given), " is no field that can be cleared"));
  const std::string near = status::ClosestMatch(given, names);
  return WithHint(error, near.empty() ? Concat("one of ", absl::StrJoin(names, ", "))
                                      : Concat("did you mean ", near, "?"));
}

absl::StatusOr<std::string> ReadText(const std::string& path, const Terminal& terminal) {
  std::ostringstream text;
  if (path == "-") {
    if (terminal.in == nullptr) return Failure("standard input cannot be read");
    text << terminal.in->rdbuf();
  } else {
    std::ifstream file(path, std::ios::binary);
    if (!file) return Failure(Concat("cannot read ", path));
    text << file.rdbuf();
  }
  std::string content = std::move(text).str();
  while (content.ends_with('\n')) content.pop_back();
  if (content.empty())
    return Failure(Concat(path == "-" ? "standard input" : path, " is empty or cannot be read"));
  return content;
}

// The value of an enum by its name without the prefix, in lower case.
absl::Status SetEnum(const std::string& option, const std::string& given, const char* field,
                     const std::string& prefix, Metric& metric) {
  const auto* descriptor = Metric::descriptor()->FindFieldByName(field);
  const auto* values = descriptor->enum_type();
  const auto* value = values->FindValueByName(prefix + absl::AsciiStrToUpper(given));
  if (value != nullptr && value->number() != 0) {
    metric.GetReflection()->SetEnum(&metric, descriptor, value);
    return absl::OkStatus();
  }
  std::vector<std::string> names;
  for (int i = 1; i < values->value_count(); ++i) {
    names.push_back(absl::AsciiStrToLower(values->value(i)->name().substr(prefix.size())));
  }
  return UsageError(Concat(option, " ", Quoted(given), " is none of ", absl::StrJoin(names, ", ")));
}

absl::Status SetWindow(const std::string& given, Metric& metric) {
  const auto window = calendar::ParseWindow(given);
  if (!window.ok()) {
    return WithHint(UsageError(Concat("--window ", Quoted(given), " is not a window")),
                    "full_day, rth, first_30m of globex, 09:30-10:00, rolling_20_sessions of rth, "
                    "rolling_30d, month_to_date, previous of rth");
  }
  ToProto(*window, metric.mutable_window());
  return absl::OkStatus();
}

absl::Status SetTimeframe(const std::string& given, Metric& metric) {
  const auto span = ParseSpan("--timeframe", given);
  if (!span.ok()) {
    return UsageError(
        Concat("--timeframe ", Quoted(given), " is not a span of time such as 15m or 1h"));
  }
  metric.mutable_timeframe()->set_seconds(absl::ToInt64Seconds(*span));
  return absl::OkStatus();
}

absl::Status SetSqlVariants(const std::vector<std::string>& given, const Terminal& terminal,
                            Metric& metric) {
  for (const std::string& text : given) {
    const size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return UsageError(Concat("--sql-by ", Quoted(text), " is not of the form NAME=FILE"));
    }
    ASSIGN_OR_RETURN((*metric.mutable_sql_variants())[text.substr(0, equals)],
                     ReadText(text.substr(equals + 1), terminal));
  }
  return absl::OkStatus();
}

void SetTexts(const MetricFieldValues& values, std::set<std::string>& fields, Metric& metric) {
  const auto* reflection = metric.GetReflection();
  for (const auto& [field, text] : values.texts) {
    reflection->SetString(&metric, Metric::descriptor()->FindFieldByName(field), text);
    fields.insert(field);
  }
  for (const auto& [field, texts] : values.lists) {
    const auto* descriptor = Metric::descriptor()->FindFieldByName(field);
    for (const std::string& text : texts) reflection->AddString(&metric, descriptor, text);
    fields.insert(field);
  }
}

absl::Status SetForms(const MetricFieldValues& values, const Terminal& terminal,
                      std::set<std::string>& fields, Metric& metric) {
  if (!values.type.empty()) {
    RETURN_IF_ERROR(SetEnum("--type", values.type, "type", "METRIC_TYPE_", metric));
    fields.insert("type");
  }
  if (!values.grain.empty()) {
    RETURN_IF_ERROR(SetEnum("--grain", values.grain, "grain", "GRAIN_", metric));
    fields.insert("grain");
  }
  if (!values.window.empty()) {
    RETURN_IF_ERROR(SetWindow(values.window, metric));
    fields.insert("window");
  }
  if (!values.timeframe.empty()) {
    RETURN_IF_ERROR(SetTimeframe(values.timeframe, metric));
    fields.insert("timeframe");
  }
  if (!values.alignment.empty()) {
    RETURN_IF_ERROR(SetEnum("--timeframe-alignment", values.alignment, "timeframe_alignment",
                            "BAR_ALIGNMENT_", metric));
    fields.insert("timeframe_alignment");
  }
  if (!values.sql_file.empty()) {
    ASSIGN_OR_RETURN(*metric.mutable_sql(), ReadText(values.sql_file, terminal));
    fields.insert("sql");
  }
  if (!values.sql_variant_files.empty()) {
    RETURN_IF_ERROR(SetSqlVariants(values.sql_variant_files, terminal, metric));
    fields.insert("sql_variants");
  }
  return absl::OkStatus();
}

}  // namespace

void AddMetricFieldOptions(CLI::App& command, const std::shared_ptr<MetricFieldValues>& values) {
  command.add_option("--type", values->type, "sum count avg min max ratio derived sql ...");
  command.add_option("--grain", values->grain, "hour day week month quarter year");
  for (const FieldOption& text : kTexts) {
    command.add_option_function<std::string>(
        text.option,
        [values, field = text.field](const std::string& value) { values->texts[field] = value; },
        text.help);
  }
  command.add_option("--window", values->window,
                     "rth, first_30m of globex, rolling_20_sessions of rth, month_to_date ...");
  command.add_option("--timeframe", values->timeframe, "Bars that rows are made into first: 15m");
  command.add_option("--timeframe-alignment", values->alignment,
                     "From where bars are counted: clock or session");
  for (const FieldOption& list : kLists) {
    Repeatable(command.add_option_function<std::vector<std::string>>(
        list.option,
        [values, field = list.field](const std::vector<std::string>& given) {
          values->lists[field] = given;
        },
        list.help));
  }
  command.add_option("--sql", values->sql_file, "File with the SELECT; - reads stdin");
  Repeatable(command.add_option("--sql-by", values->sql_variant_files,
                                "NAME=FILE: a variant of the SELECT (repeatable)"));
}

absl::StatusOr<std::vector<std::string>> SetMetricFields(const MetricFieldValues& values,
                                                         const Terminal& terminal, Metric& metric) {
  std::set<std::string> fields;
  std::set<std::string> cleared;
  SetTexts(values, fields, metric);
  RETURN_IF_ERROR(SetForms(values, terminal, fields, metric));
  for (const std::string& given : values.cleared) {
    ASSIGN_OR_RETURN(const std::string field, ClearedField(given));
    if (fields.contains(field)) {
      return UsageError(Concat("--clear ", given, " contradicts the value that is given for it"));
    }
    cleared.insert(field);
  }
  fields.merge(cleared);
  return std::vector<std::string>(fields.begin(), fields.end());
}

}  // namespace metricstore::cli
