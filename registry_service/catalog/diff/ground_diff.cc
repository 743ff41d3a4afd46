#include "registry_service/catalog/diff/ground_diff.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/diff/field_values.h"
#include "registry_service/catalog/yaml/definition_export.h"

namespace metricstore::registry {
namespace {

using Effect = ChangeList::Effect;

std::string SpanValue(const std::optional<absl::Duration>& span) {
  return span.has_value() ? FormatSpan(*span) : "";
}

std::string TypeName(const DatasetColumn& column) {
  return std::string(columns::ColumnTypeName(column.type));
}

std::string BoolValue(bool value) { return value ? "true" : "false"; }

std::string ColumnValue(const DatasetColumn& column) {
  std::string value = absl::StrCat("{name: ", column.name, ", type: ", TypeName(column));
  if (column.nullable) absl::StrAppend(&value, ", nullable: true");
  if (!column.unit.empty()) absl::StrAppend(&value, ", unit: ", FlowText(column.unit));
  if (column.rollup != ColumnRollup::kNone) {
    absl::StrAppend(&value, ", rollup: ", std::string(ColumnRollupName(column.rollup)));
  }
  if (!column.description.empty()) {
    absl::StrAppend(&value, ", description: ", FlowText(column.description));
  }
  return value + "}";
}

std::vector<std::string> ColumnNames(const Dataset& dataset, const Dataset& other) {
  std::vector<std::string> names;
  for (const DatasetColumn& column : dataset.columns) {
    if (other.Find(column.name) != nullptr) names.push_back(column.name);
  }
  return names;
}

void DiffColumn(const DatasetColumn& before, const DatasetColumn& after, ChangeList& changes) {
  const std::string field = absl::StrCat("columns[", after.name, "].");
  changes.Add(field + "type", TypeName(before), TypeName(after),
              {.breaking = true, .reason = "values are of another type"});
  changes.Add(field + "nullable", BoolValue(before.nullable), BoolValue(after.nullable),
              {.breaking = !after.nullable,
               .reason = after.nullable ? "" : "rows must have a value from now on"});
  changes.Add(field + "unit", before.unit, after.unit,
              {.breaking = !before.unit.empty(),
               .reason = before.unit.empty() ? "" : "values are in another unit"});
  changes.Add(field + "rollup", std::string(ColumnRollupName(before.rollup)),
              std::string(ColumnRollupName(after.rollup)));
  changes.Add(field + "description", before.description, after.description);
}

void DiffColumns(const Dataset& before, const Dataset& after, ChangeList& changes) {
  for (const DatasetColumn& column : after.columns) {
    if (const DatasetColumn* const old = before.Find(column.name); old != nullptr) {
      DiffColumn(*old, column, changes);
      continue;
    }
    changes.Add(absl::StrCat("columns[", column.name, "]"), "", ColumnValue(column),
                {.breaking = !column.nullable,
                 .reason = column.nullable ? "" : "rows must have a value from now on"});
  }
  for (const DatasetColumn& column : before.columns) {
    if (after.Find(column.name) != nullptr) continue;
    changes.Add(absl::StrCat("columns[", column.name, "]"), ColumnValue(column), "",
                {.breaking = true, .reason = "the column goes"});
  }
  changes.Add("columns", FlowList(ColumnNames(before, after)), FlowList(ColumnNames(after, before)),
              {.reason = "the same columns in another order"});
}

// What an export writes for each top-level key: the lines from one to the next. One text for equal
// parts, whatever they are.
std::map<std::string, std::string> PartsOf(const calendar::CalendarSpec& spec) {
  std::map<std::string, std::string> parts;
  const std::string yaml = ExportCalendar(spec).content;
  std::string* part = nullptr;
  for (size_t start = 0; start < yaml.size();) {
    const size_t end = std::min(yaml.find('\n', start), yaml.size());
    const std::string line = yaml.substr(start, end - start);
    start = end + 1;
    const size_t colon = line.find(':');
    const bool is_key =
        !line.empty() && line[0] >= 'a' && line[0] <= 'z' && colon != std::string::npos;
    if (is_key) {
      part = &parts[line.substr(0, colon)];
      *part = line.substr(std::min(line.size(), line.find_first_not_of(' ', colon + 1)));
    } else if (part != nullptr) {
      absl::StrAppend(part, part->empty() ? "" : "\n", line);
    }
  }
  return parts;
}

// What is put between two lines of one item.
const char* SeparatorBehind(const std::string& text) {
  const bool open = text.empty() || std::string_view(":,[{").find(text.back()) != std::string::npos;
  return open ? " " : ", ";
}

// One element for each date of a list of dates: that list is what grows from year to year.
void AddElement(std::string text, std::vector<std::string>& elements) {
  if (text.starts_with('{') && text.ends_with('}')) text = text.substr(1, text.size() - 2);
  constexpr std::string_view kDates = "dates: [";
  const size_t start = text.find(kDates);
  const size_t end = start == std::string::npos ? start : text.find(']', start);
  if (end == std::string::npos) {
    elements.push_back(text);
    return;
  }
  const size_t first = start + kDates.size();
  for (const absl::string_view date : absl::StrSplit(text.substr(first, end - first), ", ")) {
    elements.push_back(absl::StrCat(text.substr(0, start), "date: ", date, text.substr(end + 1)));
  }
}

// The items of a part that is a block list, each on a line of its own.
std::vector<std::string> ElementsOf(const std::string& part) {
  std::vector<std::string> elements;
  std::string element;
  size_t indent = std::string::npos;
  for (const absl::string_view line : absl::StrSplit(part, '\n', absl::SkipEmpty())) {
    const size_t start = std::min(line.find_first_not_of(' '), line.size());
    indent = std::min(indent, start);
    const absl::string_view text = line.substr(start);
    if (start == indent && absl::StartsWith(text, "- ")) {
      if (!element.empty()) AddElement(element, elements);
      element = std::string(text.substr(2));
    } else {
      absl::StrAppend(&element, SeparatorBehind(element), text);
    }
  }
  if (!element.empty()) AddElement(element, elements);
  return elements;
}

bool SameElements(std::vector<std::string> a, std::vector<std::string> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

bool IsList(std::string_view part) {
  return part == "sessions" || part == "holidays" || part == "special_hours" ||
         part == "special_sessions";
}

const char* const kCalendarParts[] = {"description",   "time_zone",       "first_date", "last_date",
                                      "week_start",    "open_days",       "sessions",   "holidays",
                                      "special_hours", "special_sessions"};

}  // namespace

std::vector<FieldChange> DiffDatasets(const Dataset& before, const Dataset& after) {
  ChangeList changes;
  changes.Add("name", before.name, after.name);
  changes.Add("description", before.description, after.description);
  changes.Add("layer", std::string(DatasetLayerName(before.layer)),
              std::string(DatasetLayerName(after.layer)));
  changes.Add("grain", FlowList(before.grain), FlowList(after.grain),
              {.breaking = true, .reason = "other columns make a row unique"});
  changes.Add("time_column", before.time_column, after.time_column,
              {true, true, "rows belong to other times"});
  changes.Add("entity_column", before.entity_column, after.entity_column,
              {true, true, "rows belong to other entities"});
  changes.Add("calendar", before.calendar, after.calendar,
              {.changes_meaning = true, .reason = "buckets are cut by another calendar"});
  changes.Add("timeframe", SpanValue(before.timeframe), SpanValue(after.timeframe));
  changes.Add("partitioning", std::string(PartitioningName(before.partitioning)),
              std::string(PartitioningName(after.partitioning)));
  changes.Add("retention", SpanValue(before.retention), SpanValue(after.retention));
  DiffColumns(before, after, changes);
  return changes.Take();
}

std::vector<FieldChange> DiffCalendars(const calendar::CalendarSpec& before,
                                       const calendar::CalendarSpec& after) {
  std::map<std::string, std::string> old_parts = PartsOf(before);
  std::map<std::string, std::string> new_parts = PartsOf(after);
  ChangeList changes;
  for (const std::string part : kCalendarParts) {
    Effect effect;
    if (part != "description") effect = {.changes_meaning = true};
    const std::vector<std::string> old_elements = ElementsOf(old_parts[part]);
    const std::vector<std::string> new_elements = ElementsOf(new_parts[part]);
    // The same elements in another order are another text.
    if (IsList(part) && !SameElements(old_elements, new_elements)) {
      changes.AddElements(part, old_elements, new_elements, effect);
    } else {
      changes.Add(part, old_parts[part], new_parts[part], effect);
    }
  }
  return changes.Take();
}

std::vector<FieldChange> DiffColumnNotes(const std::vector<ColumnNote>& before,
                                         const std::vector<ColumnNote>& after) {
  ChangeList changes;
  const auto confidence = [](const ColumnNote& note) {
    return note.confidence.has_value() ? NumberValue(*note.confidence) : std::string();
  };
  for (const ColumnNote& note : after) {
    const auto found = std::find_if(before.begin(), before.end(), [&](const ColumnNote& other) {
      return other.column == note.column;
    });
    const ColumnNote old = found == before.end() ? ColumnNote() : *found;
    const std::string field = absl::StrCat("columns[", note.column, "].");
    changes.Add(field + "description", old.description, note.description);
    changes.Add(field + "confidence", confidence(old), confidence(note));
    changes.Add(field + "source", old.source, note.source);
  }
  return changes.Take();
}

}  // namespace metricstore::registry
