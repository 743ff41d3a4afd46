#include "registry_service/calendars/calendar_json.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/spec_check.h"
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
  void operator()(const DateRule::Dates& rule) const {
    if (rule.dates.size() == 1) {
      json["date"] = FormatDate(rule.dates.front());
      return;
    }
    json["dates"] = Json::array();
    for (const absl::CivilDay date : rule.dates) json["dates"].push_back(FormatDate(date));
  }
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
    rule.rule = DateRule::Dates{{DateFrom(json.at("date"))}};
  } else if (json.contains("dates")) {
    DateRule::Dates dates;
    for (const Json& date : json.at("dates")) dates.dates.push_back(DateFrom(date));
    rule.rule = std::move(dates);
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

Json BreaksToJson(const std::vector<calendar::BreakRule>& breaks) {
  Json json = Json::array();
  for (const calendar::BreakRule& pause : breaks) {
    json.push_back(Json{{"start", TimeToJson(pause.start)}, {"end", TimeToJson(pause.end)}});
  }
  return json;
}

std::vector<calendar::BreakRule> BreaksFrom(const Json& json) {
  std::vector<calendar::BreakRule> breaks;
  if (!json.contains("breaks")) return breaks;
  for (const Json& pause : json.at("breaks")) {
    breaks.push_back({TimeFrom(pause.at("start")), TimeFrom(pause.at("end"))});
  }
  return breaks;
}

std::vector<std::string> NamesFrom(const Json& json) {
  return json.value("sessions", std::vector<std::string>());
}

Json SessionToJson(const calendar::SessionRule& session) {
  Json json = {{"name", session.name},
               {"open", TimeToJson(session.open)},
               {"close", TimeToJson(session.close)}};
  if (!session.breaks.empty()) json["breaks"] = BreaksToJson(session.breaks);
  if (!session.days.empty()) json["days"] = WeekdaysToJson(session.days);
  if (session.first_date.has_value()) json["first_date"] = FormatDate(*session.first_date);
  if (session.last_date.has_value()) json["last_date"] = FormatDate(*session.last_date);
  return json;
}

calendar::SessionRule SessionFrom(const Json& json) {
  calendar::SessionRule session;
  session.name = json.at("name").get<std::string>();
  session.open = TimeFrom(json.at("open"));
  session.close = TimeFrom(json.at("close"));
  session.breaks = BreaksFrom(json);
  if (json.contains("days")) session.days = WeekdaysFrom(json.at("days"));
  if (json.contains("first_date")) session.first_date = DateFrom(json.at("first_date"));
  if (json.contains("last_date")) session.last_date = DateFrom(json.at("last_date"));
  return session;
}

Json HolidayToJson(const calendar::Holiday& holiday) {
  Json json = {{"name", holiday.name}, {"on", DateRuleToJson(holiday.on)}};
  if (!holiday.sessions.empty()) json["sessions"] = holiday.sessions;
  return json;
}

Json SpecialSessionToJson(const calendar::SpecialSession& special) {
  Json json = {{"name", special.name},
               {"on", DateRuleToJson(special.on)},
               {"session", special.session},
               {"open", TimeToJson(special.open)},
               {"close", TimeToJson(special.close)}};
  if (!special.breaks.empty()) json["breaks"] = BreaksToJson(special.breaks);
  return json;
}

calendar::SpecialSession SpecialSessionFrom(const Json& json) {
  calendar::SpecialSession special;
  special.name = json.at("name").get<std::string>();
  special.on = DateRuleFrom(json.at("on"));
  special.session = json.at("session").get<std::string>();
  special.open = TimeFrom(json.at("open"));
  special.close = TimeFrom(json.at("close"));
  special.breaks = BreaksFrom(json);
  return special;
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
  hours.sessions = NamesFrom(json);
  return hours;
}

CalendarSpec SpecFrom(const Json& json) {
  CalendarSpec spec;
  spec.name = json.at("name").get<std::string>();
  spec.description = json.at("description").get<std::string>();
  spec.time_zone = json.at("time_zone").get<std::string>();
  spec.open_days = WeekdaysFrom(json.at("open_days"));
  for (const Json& session : json.at("sessions")) {
    spec.sessions.push_back(SessionFrom(session));
  }
  for (const Json& holiday : json.at("holidays")) {
    spec.holidays.push_back({holiday.at("name").get<std::string>(), DateRuleFrom(holiday.at("on")),
                             NamesFrom(holiday)});
  }
  for (const Json& hours : json.at("special_hours")) {
    spec.special_hours.push_back(SpecialHoursFrom(hours));
  }
  if (json.contains("special_sessions")) {
    for (const Json& special : json.at("special_sessions")) {
      spec.special_sessions.push_back(SpecialSessionFrom(special));
    }
  }
  if (json.contains("week_start")) spec.week_start = WeekdayOf(json.at("week_start"));
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
    json["sessions"].push_back(SessionToJson(session));
  }
  for (const calendar::Holiday& holiday : spec.holidays) {
    json["holidays"].push_back(HolidayToJson(holiday));
  }
  for (const calendar::SpecialHours& hours : spec.special_hours) {
    json["special_hours"].push_back(SpecialHoursToJson(hours));
  }
  // Only where they say something: texts of calendars that were stored before stay as they are.
  if (!spec.special_sessions.empty()) {
    json["special_sessions"] = Json::array();
    for (const calendar::SpecialSession& special : spec.special_sessions) {
      json["special_sessions"].push_back(SpecialSessionToJson(special));
    }
  }
  if (spec.week_start != absl::Weekday::monday) json["week_start"] = WeekdayNumber(spec.week_start);
  if (const int32_t start = calendar::ExtentStartSeconds(spec.sessions); start != 0) {
    json["extent_start_seconds"] = start;
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
