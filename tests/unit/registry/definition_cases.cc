#include "tests/unit/registry/definition_cases.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/calendar.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::HasSubstr;

constexpr char kGround[] = R"(
- kind: calendar
  name: XNYS
  description: New York.
  time_zone: America/New_York
  first_date: 2020-01-01
  last_date: 2024-12-31
  open_days: [mon, tue, wed, thu, fri]
  sessions: [{name: rth, open: "09:30", close: "16:00"}]
- kind: dataset
  name: fact_bars
  description: Minute bars.
  grain: [symbol, ts]
  time_column: ts
  entity_column: symbol
  calendar: XNYS
  timeframe: 1m
  columns:
    - {name: symbol, type: text}
    - {name: ts, type: timestamp}
    - {name: open, type: float64}
    - {name: close, type: float64, rollup: last}
    - {name: volume, type: float64}
- kind: dataset
  name: metadata_symbols
  description: Symbols.
  grain: [symbol]
  columns: [{name: symbol, type: text}]
)";

// The lines, with one (from 1) replaced.
std::string Joined(std::vector<std::string> lines, int line, const std::string& replacement) {
  if (line > 0) lines[line - 1] = replacement;
  std::string yaml;
  for (const std::string& text : lines) absl::StrAppend(&yaml, text, "\n");
  return yaml;
}

}  // namespace

StoredDefinitions Ground() {
  Faults faults;
  const std::vector<DefinitionFile> files = {{"ground.yaml", kGround}};
  Definitions definitions = ReadDefinitions(files, faults);
  StoredDefinitions nothing;
  CheckDefinitions(definitions, nothing, faults);
  EXPECT_OK(faults.ToStatus());
  StoredDefinitions stored;
  for (const auto& located : definitions.calendars) {
    stored.calendars[located.definition.name] = {*calendar::Calendar::Create(located.definition, 1),
                                                 absl::UnixEpoch()};
  }
  for (const auto& located : definitions.datasets) {
    stored.datasets[located.definition.name] = located.definition;
  }
  return stored;
}

absl::Status Check(const std::vector<DefinitionFile>& files, Definitions* definitions) {
  Faults faults;
  Definitions read = ReadDefinitions(files, faults);
  StoredDefinitions stored = Ground();
  CheckDefinitions(read, stored, faults);
  if (definitions != nullptr) *definitions = read;
  return faults.ToStatus();
}

std::vector<std::string> Places(const absl::Status& status) {
  std::vector<std::string> places;
  const auto details = status::DetailsOf(status);
  if (!details.has_value()) return places;
  for (const auto& violation : details->violations) places.push_back(violation.field);
  return places;
}

void ExpectOutcome(const Case& param) {
  const absl::Status status = Check({{"metrics/intraday/file.yaml", param.yaml}});
  if (param.reason.empty()) {
    EXPECT_OK(status);
    return;
  }
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kInvalidArgument, param.reason));
  EXPECT_THAT(status,
              testing::ViolatesField(absl::StrCat("metrics/intraday/file.yaml:", param.line)));
  EXPECT_THAT(std::string(status.message()), HasSubstr(param.text));
}

std::string Metric(const std::string& key, const std::string& value) {
  std::vector<std::pair<std::string, std::string>> lines = {
      {"name", "opening"},          {"description", "Opening price."},
      {"type", "derived"},          {"grain", "day"},
      {"table", "fact_bars"},       {"window", "rth"},
      {"expression", "first(open)"}};
  bool replaced = key.empty();
  for (auto& [name, text] : lines) {
    if (name != key) continue;
    text = value;
    replaced = true;
  }
  if (!replaced) lines.emplace_back(key, value);
  std::string yaml;
  for (const auto& [name, text] : lines) {
    if (text != "-") absl::StrAppend(&yaml, name, ": ", text, "\n");
  }
  return yaml;
}

std::string DatasetWith(int line, const std::string& replacement) {
  return Joined({"kind: dataset", "name: fact_ticks", "description: Ticks.", "grain: [symbol, ts]",
                 "time_column: ts", "entity_column: symbol", "calendar: XNYS",
                 "columns: [{name: symbol, type: text}, {name: ts, type: "
                 "timestamp}, {name: price, type: float64, nullable: true}]"},
                line, replacement);
}

std::string CalendarWith(int line, const std::string& replacement) {
  return Joined(
      {"kind: calendar", "name: CME", "description: Chicago.", "time_zone: America/Chicago",
       "first_date: 2020-01-01", "last_date: 2024-12-31", "open_days: [mon, tue, wed, thu, fri]",
       "sessions: [{name: globex, open: 17:00-1d, close: '16:00'}]",
       "holidays: [{name: X, on: {month: 12, day: 25}}]"},
      line, replacement);
}

}  // namespace metricstore::registry
