#include "tests/unit/registry/random_definitions.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "registry_service/catalog/definition/metric_shape.h"

namespace metricstore::registry {

const std::vector<std::string>& NastyTexts() {
  static const auto* const texts = new std::vector<std::string>{
      "on",
      "ON",
      "off",
      "yes",
      "No",
      "y",
      "n",
      "true",
      "False",
      "null",
      "NULL",
      "~",
      "Null",
      "0",
      "-1",
      "+1",
      "12",
      "1_000",
      "0x1F",
      "0o17",
      "017",
      "1e5",
      "1.5e-3",
      ".5",
      "5.",
      "-.inf",
      ".nan",
      "12:30",
      "12:30:45",
      "190:20:30",
      "2024-03-10",
      "2024-03-10T14:30:00Z",
      "2024-03-10 14:30:00 +1",
      "=",
      "<<",
      "-",
      "- a",
      "?",
      "? a",
      ":",
      ": a",
      "a: b",
      "a:",
      "a:b",
      "a #b",
      "#a",
      "a#b",
      "&a",
      "*a",
      "!a",
      "!!str a",
      "|",
      "> a",
      "|-",
      "%a",
      "@a",
      "`a",
      "'",
      "\"",
      "'a'",
      "\"a\"",
      "a 'b' \"c\"",
      "it's",
      "\\",
      "\\n",
      "a\\b\\",
      "{",
      "}",
      "[",
      "]",
      "{a: b}",
      "[a, b]",
      "a, b",
      ",",
      "a,b",
      "---",
      "...",
      "--- a",
      "a\n---\nb",
      "a\n...\nb",
      "a\nb",
      "a\n\nb",
      "a\n\n\n b\n  c",
      "a\n b",
      "a\n\tb",
      "a \nb",
      "a\t\nb",
      "a\n \nb",
      "a\n\t\nb",
      "a\n  # b\nc",
      "a: b\nc: d",
      "- a\n- b",
      "a\n\"b",
      "tab\there",
      "\xC3\xA9t\xC3\xA9",
      "\xE6\x97\xA5\xE6\x9C\xAC",
      "\xF0\x9F\x98\x80",
      "\xF0\x9F\x98\x80\nb",
      "\xC2\xA0"
      "a",
      "a\xC2\xA0",
      "\xE2\x80\xA8",
      "a\xE2\x80\xA8"
      "b\nc",
      "a\xE2\x80\xA9"
      "b",
      "\xEF\xBB\xBF"
      "a",
      "a\xEF\xBB\xBF\nb",
      "\xEF\xBB\xBF",
      "\xE2\x80\x8B"
      "a",
      "e\xCC\x81",
      "\xF4\x8F\xBF\xBD",
      "\xEF\xBF\xBD",
      "x=1",
      "-5",
      "1:",
      "12:30:",
      "1.5.e",
      "-0",
      "SELECT a,\n       b -- c: d\n  FROM t\n WHERE a = 'x'\n   AND b > 1",
      "a" + std::string(3'000, 'x'),
      std::string(200, 'w') + " " + std::string(900, 'v'),
      "- " + std::string(1'100, 'k'),
      std::string(1'100, 'k') + ": b",
      "k\n" + std::string(2'000, 'l')};
  return *texts;
}

namespace {

using calendar::WindowKind;
using calendar::WindowReach;

void AddReach(Random& random, calendar::Window& window) {
  window.reach = static_cast<WindowReach>(random.Below(4));
  switch (window.reach) {
    case WindowReach::kBucket:
      break;
    case WindowReach::kRolling:
      window.unit = static_cast<calendar::RollingUnit>(1 + random.Below(3));
      window.count = 1 + random.Below(calendar::kMaxRollingDays);
      break;
    case WindowReach::kToDate:
      window.period = static_cast<Grain>(2 + random.Below(5));
      break;
    case WindowReach::kPrevious:
      window.count = 1 + random.Below(calendar::kMaxPrevious);
      break;
  }
}

calendar::Window AnyWindow(Random& random) {
  calendar::Window window;
  window.kind = static_cast<WindowKind>(1 + random.Below(5));
  if (random.Chance(50)) AddReach(random, window);
  if (window.kind == WindowKind::kFullDay) return window;
  window.session = random.Chance(50) ? "rth" : "s_" + random.Name();
  if (window.kind == WindowKind::kFirst || window.kind == WindowKind::kLast) {
    window.length = random.Span();
  } else if (window.kind == WindowKind::kRange) {
    if (random.Chance(50)) window.session.clear();
    window.from_second = random.Below(86'400);
    do window.to_second = 1 + random.Below(86'400);
    while (window.to_second == window.from_second);
  }
  return window;
}

std::vector<absl::Weekday> AnyDays(Random& random) {
  std::vector<absl::Weekday> days;
  for (int day = 0; day < 7; ++day) {
    if (random.Chance(40)) days.push_back(static_cast<absl::Weekday>(day));
  }
  return days;
}

absl::CivilDay AnyDate(Random& random) {
  return absl::CivilDay(2012, 1, 1) + random.Below(16 * 365);
}

calendar::DateRule AnyRule(Random& random) {
  using calendar::DateRule;
  calendar::DateRule rule;
  switch (random.Below(4)) {
    case 0: {
      std::set<absl::CivilDay> dates;
      for (int i = 1 + random.Below(30); i > 0; --i) dates.insert(AnyDate(random));
      rule.rule = DateRule::Dates{{dates.begin(), dates.end()}};
      break;
    }
    case 1:
      rule.rule = DateRule::MonthDay{1 + random.Below(12), 1 + random.Below(28)};
      rule.observance = static_cast<calendar::Observance>(random.Below(5));
      break;
    case 2:
      rule.rule =
          DateRule::NthWeekday{1 + random.Below(12), static_cast<absl::Weekday>(random.Below(7)),
                               random.Chance(30) ? -1 : 1 + random.Below(5)};
      break;
    default:
      rule.rule = DateRule::EasterOffset{random.Below(120) - 60};
  }
  if (random.Chance(30)) rule.offset_days = random.Below(15) - 7;
  if (random.Chance(30)) rule.first_year = 1900 + random.Below(300);
  if (random.Chance(30)) rule.last_year = 1900 + random.Below(300);
  if (random.Chance(30)) rule.only_on = AnyDays(random);
  return rule;
}

calendar::LocalTime AnyTime(Random& random) {
  return {random.Chance(50) ? 60 * random.Below(1'441) : random.Below(86'401), random.Below(3) - 1};
}

std::vector<calendar::BreakRule> AnyBreaks(Random& random) {
  std::vector<calendar::BreakRule> breaks;
  for (int i = random.Below(4); i > 0; --i) breaks.push_back({AnyTime(random), AnyTime(random)});
  return breaks;
}

MetricTest AnyTest(Random& random, Grain grain, size_t number) {
  MetricTest test;
  test.name = absl::StrCat(random.Text().substr(0, 1) == "\"" ? "\"" : "is ", number);
  for (int i = random.Below(4); i > 0; --i) {
    MetricTest::Row row;
    // As written: with the white space around it, and empty.
    for (int column = random.Below(4); column > 0; --column) row[random.Name()] = random.AnyText();
    test.rows.push_back(row);
  }
  for (int day = 1 + random.Below(3); day > 0; --day) {
    MetricTest::ExpectedPoint point;
    point.bucket = absl::StrCat("2024-03-1", day, grain == Grain::kHour ? "T15:00:00Z" : "");
    point.entity = random.MaybeText();
    if (random.Chance(70)) point.value = random.Number();
    test.expect.push_back(point);
  }
  if (random.Chance(50)) test.tolerance = random.Below(1'000) / 10'007.0;
  return test;
}

}  // namespace

MetricDefinition AnyMetric(Random& random) {
  MetricDefinition metric;
  metric.name = random.MetricName();
  metric.category = random.Name();
  metric.display_name = random.MaybeText();
  metric.description = random.Text();
  metric.type = static_cast<MetricType>(1 + random.Below(10));
  metric.unit = random.MaybeText();
  metric.grain = static_cast<Grain>(1 + random.Below(6));
  metric.dataset = random.Chance(70) ? "fact_" + random.Name() : "";
  metric.expression = random.Text();
  metric.sql = metric.type == MetricType::kSql ? random.Text() : random.MaybeText();
  for (int i = random.Below(3); i > 0; --i) metric.sql_variants[random.Name()] = random.Text();
  if (random.Chance(20)) metric.time_column = random.Name();
  for (int i = random.Below(3); i > 0; --i) metric.dimensions.push_back(random.Name());
  metric.filters = random.Texts();
  metric.window = AnyWindow(random);
  if (random.Chance(20)) metric.timeframe = random.Span();
  if (metric.timeframe.has_value() && random.Chance(50)) {
    metric.timeframe_alignment = calendar::BarAlignment::kSession;
  }
  metric.rollup = random.Chance(50) ? "sum" : "";
  metric.synonyms = random.Texts();
  metric.notes = random.MaybeText();
  metric.validation = random.MaybeText();
  metric.owner = random.MaybeText();
  metric.source = random.MaybeText();
  metric.tags = random.Texts();
  for (int i = random.Chance(50) ? random.Below(3) : 0; i > 0; --i) {
    metric.tests.push_back(AnyTest(random, metric.grain, metric.tests.size()));
  }
  NormalizeMetric(metric);
  return metric;
}

Dataset AnyDataset(Random& random) {
  Dataset dataset;
  dataset.layer = static_cast<DatasetLayer>(1 + random.Below(3));
  dataset.name = absl::StrCat(std::string(DatasetLayerName(dataset.layer)), "_", random.Name());
  dataset.description = random.Text();
  for (int i = 1 + random.Below(4); i > 0; --i) {
    DatasetColumn column;
    column.name = random.Name();
    column.type = static_cast<columns::ColumnType>(1 + random.Below(6));
    column.nullable = random.Chance(50);
    column.unit = random.MaybeText();
    column.rollup = static_cast<ColumnRollup>(random.Below(7));
    column.description = random.MaybeText();
    dataset.columns.push_back(column);
    dataset.grain.push_back(column.name);
  }
  if (random.Chance(70)) dataset.time_column = dataset.columns.front().name;
  if (random.Chance(50)) dataset.entity_column = dataset.columns.back().name;
  if (random.Chance(70)) dataset.calendar = random.MetricName();
  if (random.Chance(50)) dataset.timeframe = random.Span();
  if (random.Chance(50)) dataset.retention = 300 * random.Span();
  dataset.partitioning = static_cast<Partitioning>(1 + random.Below(3));
  return dataset;
}

calendar::CalendarSpec AnyCalendar(Random& random) {
  calendar::CalendarSpec spec;
  spec.name = random.MetricName();
  spec.description = random.Text();
  spec.time_zone = random.Text();
  spec.week_start = static_cast<absl::Weekday>(random.Below(7));
  spec.open_days = AnyDays(random);
  spec.first_date = AnyDate(random);
  spec.last_date = AnyDate(random);
  for (int i = random.Below(4); i > 0; --i) {
    calendar::SessionRule session{random.Name(), AnyTime(random), AnyTime(random),
                                  AnyBreaks(random)};
    if (random.Chance(30)) session.days = AnyDays(random);
    if (random.Chance(30)) session.first_date = AnyDate(random);
    if (random.Chance(30)) session.last_date = AnyDate(random);
    spec.sessions.push_back(session);
  }
  for (int i = random.Below(4); i > 0; --i) {
    spec.holidays.push_back({random.Text(), AnyRule(random), random.Texts()});
  }
  for (int i = random.Below(4); i > 0; --i) {
    calendar::SpecialHours hours{random.Text(), AnyRule(random)};
    if (random.Chance(50)) hours.early_close = AnyTime(random);
    if (random.Chance(50)) hours.late_open = AnyTime(random);
    hours.sessions = random.Texts();
    spec.special_hours.push_back(hours);
  }
  for (int i = random.Below(4); i > 0; --i) {
    spec.special_sessions.push_back({random.Text(), AnyRule(random), random.Name(), AnyTime(random),
                                     AnyTime(random), AnyBreaks(random)});
  }
  return spec;
}

ColumnNotes AnyNotes(Random& random) {
  ColumnNotes notes;
  notes.table = "fact_" + random.Name();
  const std::string source = random.Text().substr(0, 1) == "a" ? "import" : "a: person";
  for (int i = 1 + random.Below(4); i > 0; --i) {
    ColumnNote note;
    note.column = absl::StrCat(random.Name(), "_", i);
    do note.description = random.Text();
    while (note.description.size() > 4'096);
    if (random.Chance(50)) note.confidence = random.Below(1'001) / 1'000.0;
    note.source = random.Chance(70) ? source : absl::StrCat("tool #", i);
    notes.columns.push_back(note);
  }
  return notes;
}

}  // namespace metricstore::registry
