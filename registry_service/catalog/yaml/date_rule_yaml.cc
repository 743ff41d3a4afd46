#include "registry_service/catalog/yaml/date_rule_yaml.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/yaml/clock_text.h"

namespace metricstore::registry {
namespace {

using calendar::DateRule;
using calendar::Observance;
using Keys = std::set<std::string_view>;

constexpr std::string_view kFormKeys[] = {"date",    "dates", "month", "day",
                                          "weekday", "n",     "easter"};

// The keys that say which dates, of those that are given.
Keys GivenKeys(YamlMapping& mapping) {
  Keys given;
  for (const std::string_view key : kFormKeys) {
    if (mapping.Take(key) != nullptr) given.insert(key);
  }
  return given;
}

// A list out of order is read as well as one in order, and most often holds a typing error.
void DoubtOrder(YamlMapping& mapping, const std::vector<absl::CivilDay>& dates) {
  const auto earlier = std::is_sorted_until(dates.begin(), dates.end());
  if (earlier == dates.end()) return;
  const std::string field = mapping.FieldName("dates");
  mapping.source().doubts.push_back(
      {field,
       "DATES_DOUBTFUL",
       absl::StrCat(field, " are out of order: ", FormatDate(*earlier), " follows ",
                    FormatDate(*std::prev(earlier))),
       {}});
}

// In order, whatever their order in the file.
DateRule::Dates ReadDates(YamlMapping& mapping) {
  DateRule::Dates read;
  const std::vector<std::string> texts = mapping.Texts("dates");
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto date = ParseDate("dates", texts[i]);
    if (date.ok()) {
      read.dates.push_back(*date);
    } else if (!texts[i].empty()) {
      const std::string key = absl::StrCat("dates[", i, "]");
      mapping.Invalid(
          key, absl::StrCat(mapping.FieldName(key), " must be a date like 2024-03-10, not \"",
                            Excerpt(texts[i]), "\""));
    }
  }
  DoubtOrder(mapping, read.dates);
  std::sort(read.dates.begin(), read.dates.end());
  const auto twice = std::adjacent_find(read.dates.begin(), read.dates.end());
  if (twice != read.dates.end()) {
    mapping.Invalid(
        "dates", absl::StrCat(mapping.FieldName("dates"), " names ", FormatDate(*twice), " twice"));
  }
  return read;
}

// What is given of a form that is not whole reads as something that passes for it.
void ReadForm(YamlMapping& mapping, const std::string& field, DateRule& rule) {
  const Keys given = GivenKeys(mapping);
  const int month = mapping.Int("month", 1, 12).value_or(1);
  const int day = mapping.Int("day", 1, 31).value_or(1);
  const std::string weekday = mapping.Choice("weekday", WeekdayNames()).value_or("mon");
  const int n = mapping.Int("n", -1, 5).value_or(1);
  if (n == 0) mapping.Invalid("n", mapping.FieldName("n") + " must be 1 to 5, or -1 for the last");
  if (given == Keys{"date"}) {
    rule.rule = DateRule::Dates{{mapping.Date("date").value_or(absl::CivilDay())}};
  } else if (given == Keys{"dates"}) {
    rule.rule = ReadDates(mapping);
  } else if (given == Keys{"easter"}) {
    rule.rule = DateRule::EasterOffset{mapping.Int("easter", -100, 100).value_or(0)};
  } else if (given == Keys{"month", "day"}) {
    rule.rule = DateRule::MonthDay{month, day};
  } else if (given == Keys{"month", "weekday", "n"}) {
    rule.rule = DateRule::NthWeekday{month, WeekdayNamed(weekday), n};
  } else {
    mapping.source().Invalid(
        mapping.line(), field,
        absl::StrCat(field,
                     " takes one of: date; dates; month and day; month, weekday and n; "
                     "easter"));
  }
}

Observance ReadObservance(YamlMapping& mapping, const DateRule& rule) {
  const std::vector<std::string>& names = ObservanceNames();
  const auto name = mapping.Choice("observed", names);
  if (!name.has_value()) return Observance::kNone;
  if (!std::holds_alternative<DateRule::MonthDay>(rule.rule)) {
    mapping.Invalid("observed", mapping.FieldName("observed") + " goes with month and day only");
    return Observance::kNone;
  }
  return static_cast<Observance>(std::find(names.begin(), names.end(), *name) - names.begin() + 1);
}

}  // namespace

absl::Weekday WeekdayNamed(const std::string& name) {
  const auto& names = WeekdayNames();
  return static_cast<absl::Weekday>(std::find(names.begin(), names.end(), name) - names.begin());
}

std::vector<absl::Weekday> ReadWeekdays(YamlMapping& mapping, std::string_view key) {
  std::vector<absl::Weekday> days;
  for (const std::string& name : mapping.Choices(key, WeekdayNames())) {
    days.push_back(WeekdayNamed(name));
  }
  std::sort(days.begin(), days.end());
  if (std::adjacent_find(days.begin(), days.end()) != days.end()) {
    mapping.Invalid(key, absl::StrCat(mapping.FieldName(key), " names a day twice"));
  }
  return days;
}

DateRule ReadDateRule(YamlMapping& parent) {
  // A rule with faults must not be told of again.
  DateRule rule{.rule = DateRule::MonthDay{1, 1}};
  const YamlNode* node = parent.Take("on");
  if (node == nullptr) {
    parent.Missing("on");
    return rule;
  }
  YamlMapping mapping(*node, parent.source(), parent.FieldName("on."));
  if (node->kind != YamlNode::Kind::kMapping) return rule;
  ReadForm(mapping, parent.FieldName("on"), rule);
  rule.observance = ReadObservance(mapping, rule);
  rule.offset_days = mapping.Int("offset_days", -7, 7).value_or(0);
  rule.first_year = mapping.Int("first_year", 1900, 2200).value_or(0);
  rule.last_year = mapping.Int("last_year", 1900, 2200).value_or(0);
  rule.only_on = ReadWeekdays(mapping, "only_on");
  mapping.Finish();
  return rule;
}

}  // namespace metricstore::registry
