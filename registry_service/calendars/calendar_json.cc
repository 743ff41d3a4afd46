#include "registry_service/calendars/calendar_json.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/time/iso8601.h"

namespace metricstore::registry {
namespace {

using calendar::CalendarSpec;
using calendar::DateRule;
using calendar::LocalTime;
using Json = nlohmann::ordered_json;

// Monday is 1, as in the proto enum and in ISO 8601.
int WeekdayNumber(absl::Weekday day) { return static_cast<int>(day) + 1; }
absl::Weekday WeekdayOf(const Json& number) {
  return static_cast<absl::Weekday>(number.get<int>() - 1);
}

Json WeekdaysToJson(const std::vector<absl::Weekday>& days) {
  Json json = Json::array();
  for (const absl::Weekday day : days) json.push_back(WeekdayNumber(day));
  return json;
}

std::vector<absl::Weekday> WeekdaysFrom(const Json& json) {
  std::vector<absl::Weekday> days;
  for (const Json& day : json) days.push_back(WeekdayOf(day));
  return days;
}

Json TimeToJson(const LocalTime& time) {
  return Json{{"second", time.second_of_day}, {"day_offset", time.day_offset}};
}

LocalTime TimeFrom(const Json& json) {
  return {json.at("second").get<int32_t>(), json.at("day_offset").get<int32_t>()};
}

absl::CivilDay DateFrom(const Json& json) {
  absl::CivilDay date;
  if (!absl::ParseCivilTime(json.get<std::string>(), &date)) {
    throw nlohmann::json::other_error::create(501, "not a date", &json);
  }
  return date;
}

struct RuleToJson {
  Json& json;
  void operator()(const DateRule::Fixed& rule) const { json["date"] = FormatDate(rule.date); }
  void operator()(const DateRule::MonthDay& rule) const {
    json["month"] = rule.month;
    json["day"] = rule.day;
  }
  void operator()(const DateRule::NthWeekday& rule) const {
    json["month"] = rule.month;
    json["weekday"] = WeekdayNumber(rule.weekday);
    json["n"] = rule.n;
  }
  void operator()(const DateRule::EasterOffset& rule) const { json["easter"] = rule.days; }
};

Json DateRuleToJson(const DateRule& rule) {
  Json json = Json::object();
  std::visit(RuleToJson{json}, rule.rule);
  if (rule.observance != calendar::Observance::kNone) {
    json["observance"] = static_cast<int>(rule.observance);
  }
  if (rule.offset_days != 0) json["offset_days"] = rule.offset_days;
  if (rule.first_year != 0) json["first_year"] = rule.first_year;
  if (rule.last_year != 0) json["last_year"] = rule.last_year;
  if (!rule.only_on.empty()) json["only_on"] = WeekdaysToJson(rule.only_on);
  return json;
}

DateRule DateRuleFrom(const Json& json) {
  DateRule rule;
  if (json.contains("date")) {
    rule.rule = DateRule::Fixed{DateFrom(json.at("date"))};
  } else if (json.contains("easter")) {
    rule.rule = DateRule::EasterOffset{json.at("easter").get<int>()};
  } else if (json.contains("weekday")) {
    rule.rule = DateRule::NthWeekday{json.at("month").get<int>(), WeekdayOf(json.at("weekday")),
                                     json.at("n").get<int>()};
  } else {
    rule.rule = DateRule::MonthDay{json.at("month").get<int>(), json.at("day").get<int>()};
  }
  rule.observance = static_cast<calendar::Observance>(json.value("observance", 0));
  rule.offset_days = json.value("offset_days", 0);
  rule.first_year = json.value("first_year", 0);
  rule.last_year = json.value("last_year", 0);
  if (json.contains("only_on")) rule.only_on = WeekdaysFrom(json.at("only_on"));
  return rule;
}

Json SpecialHoursToJson(const calendar::SpecialHours& hours) {
  Json json = {{"name", hours.name}, {"on", DateRuleToJson(hours.on)}};
  if (hours.early_close.has_value()) json["early_close"] = TimeToJson(*hours.early_close);
  if (hours.late_open.has_value()) json["late_open"] = TimeToJson(*hours.late_open);
  if (!hours.sessions.empty()) json["sessions"] = hours.sessions;
  return json;
}

calendar::SpecialHours SpecialHoursFrom(const Json& json) {
  calendar::SpecialHours hours;
  hours.name = json.at("name").get<std::string>();
  hours.on = DateRuleFrom(json.at("on"));
  if (json.contains("early_close")) hours.early_close = TimeFrom(json.at("early_close"));
  if (json.contains("late_open")) hours.late_open = TimeFrom(json.at("late_open"));
  if (json.contains("sessions")) {
    hours.sessions = json.at("sessions").get<std::vector<std::string>>();
  }
  return hours;
}

CalendarSpec SpecFrom(const Json& json) {
  CalendarSpec spec;
  spec.name = json.at("name").get<std::string>();
  spec.description = json.at("description").get<std::string>();
  spec.time_zone = json.at("time_zone").get<std::string>();
  spec.open_days = WeekdaysFrom(json.at("open_days"));
  for (const Json& session : json.at("sessions")) {
    spec.sessions.push_back({session.at("name").get<std::string>(), TimeFrom(session.at("open")),
                             TimeFrom(session.at("close"))});
  }
  for (const Json& holiday : json.at("holidays")) {
    spec.holidays.push_back(
        {holiday.at("name").get<std::string>(), DateRuleFrom(holiday.at("on"))});
  }
  for (const Json& hours : json.at("special_hours")) {
    spec.special_hours.push_back(SpecialHoursFrom(hours));
  }
  spec.first_date = DateFrom(json.at("first_date"));
  spec.last_date = DateFrom(json.at("last_date"));
  return spec;
}

}  // namespace

std::string CalendarToJson(const CalendarSpec& spec) {
  Json json = {{"name", spec.name},
               {"description", spec.description},
               {"time_zone", spec.time_zone},
               {"open_days", WeekdaysToJson(spec.open_days)},
               {"sessions", Json::array()},
               {"holidays", Json::array()},
               {"special_hours", Json::array()},
               {"first_date", FormatDate(spec.first_date)},
               {"last_date", FormatDate(spec.last_date)}};
  for (const calendar::SessionRule& session : spec.sessions) {
    json["sessions"].push_back(Json{{"name", session.name},
                                    {"open", TimeToJson(session.open)},
                                    {"close", TimeToJson(session.close)}});
  }
  for (const calendar::Holiday& holiday : spec.holidays) {
    json["holidays"].push_back(Json{{"name", holiday.name}, {"on", DateRuleToJson(holiday.on)}});
  }
  for (const calendar::SpecialHours& hours : spec.special_hours) {
    json["special_hours"].push_back(SpecialHoursToJson(hours));
  }
  return json.dump();
}

absl::StatusOr<CalendarSpec> CalendarFromJson(std::string_view json) {
  try {
    return SpecFrom(Json::parse(json));
  } catch (const nlohmann::json::exception& error) {
    return status::InternalError(absl::StrCat("stored calendar cannot be read: ", error.what()));
  }
}

}  // namespace metricstore::registry
