// ToCalendarSpec: the calendar message, which has more parts than all others together.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/conversion/definition_conversion.h"

namespace metricstore::compute {
namespace {

namespace pb = ::metricstore::registry::v1;

absl::StatusOr<absl::Weekday> ToWeekday(int proto) {
  if (proto < pb::WEEKDAY_MONDAY || proto > pb::WEEKDAY_SUNDAY) {
    return status::FieldInvalid("calendar.weekday", absl::StrCat(proto), "is no known weekday");
  }
  // Both enums run from Monday to Sunday.
  return static_cast<absl::Weekday>(proto - pb::WEEKDAY_MONDAY +
                                    static_cast<int>(absl::Weekday::monday));
}

absl::StatusOr<std::vector<absl::Weekday>> ToWeekdays(
    const google::protobuf::RepeatedField<int>& proto) {
  std::vector<absl::Weekday> days;
  for (const int day : proto) {
    ASSIGN_OR_RETURN(const absl::Weekday weekday, ToWeekday(day));
    days.push_back(weekday);
  }
  return days;
}

calendar::LocalTime ToLocalTime(const pb::LocalTime& proto) {
  return {.second_of_day = proto.second_of_day(), .day_offset = proto.day_offset()};
}

// A bound of effect: empty text is none.
absl::StatusOr<std::optional<absl::CivilDay>> ToOptionalDate(std::string_view field,
                                                             const std::string& text) {
  if (text.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(const absl::CivilDay date, ParseDate(field, text));
  return date;
}

std::vector<calendar::BreakRule> ToBreaks(
    const google::protobuf::RepeatedPtrField<pb::Break>& proto) {
  std::vector<calendar::BreakRule> breaks;
  for (const pb::Break& pause : proto) {
    breaks.push_back({ToLocalTime(pause.start()), ToLocalTime(pause.end())});
  }
  return breaks;
}

absl::StatusOr<calendar::SessionRule> ToSessionRule(const pb::Session& proto) {
  calendar::SessionRule session;
  session.name = proto.name();
  session.open = ToLocalTime(proto.open());
  session.close = ToLocalTime(proto.close());
  session.breaks = ToBreaks(proto.breaks());
  ASSIGN_OR_RETURN(session.days, ToWeekdays(proto.days()));
  ASSIGN_OR_RETURN(session.first_date,
                   ToOptionalDate("calendar.sessions.first_date", proto.first_date()));
  ASSIGN_OR_RETURN(session.last_date,
                   ToOptionalDate("calendar.sessions.last_date", proto.last_date()));
  return session;
}

absl::StatusOr<calendar::DateRule::Dates> ToDates(const pb::DateRule::DateList& proto) {
  calendar::DateRule::Dates list;
  for (const std::string& text : proto.dates()) {
    ASSIGN_OR_RETURN(const absl::CivilDay date, ParseDate("calendar.dates", text));
    list.dates.push_back(date);
  }
  return list;
}

absl::StatusOr<decltype(calendar::DateRule::rule)> ToRuleForm(const pb::DateRule& proto) {
  switch (proto.rule_case()) {
    case pb::DateRule::kDate: {
      ASSIGN_OR_RETURN(const absl::CivilDay date, ParseDate("calendar.date", proto.date()));
      return calendar::DateRule::Dates{{date}};
    }
    case pb::DateRule::kDates:
      return ToDates(proto.dates());
    case pb::DateRule::kMonthDay:
      return calendar::DateRule::MonthDay{proto.month_day().month(), proto.month_day().day()};
    case pb::DateRule::kNthWeekday: {
      ASSIGN_OR_RETURN(const absl::Weekday weekday, ToWeekday(proto.nth_weekday().weekday()));
      return calendar::DateRule::NthWeekday{proto.nth_weekday().month(), weekday,
                                            proto.nth_weekday().n()};
    }
    case pb::DateRule::kEasterOffsetDays:
      return calendar::DateRule::EasterOffset{proto.easter_offset_days()};
    case pb::DateRule::RULE_NOT_SET:
      break;
  }
  return status::FieldInvalid("calendar.rule", absl::StrCat(static_cast<int>(proto.rule_case())),
                              "is no known form of date rule");
}

absl::StatusOr<calendar::DateRule> ToDateRule(const pb::DateRule& proto) {
  if (proto.observance() < pb::OBSERVANCE_UNSPECIFIED ||
      proto.observance() > pb::OBSERVANCE_WEEKEND_TO_FRIDAY) {
    return status::FieldInvalid("calendar.observance",
                                absl::StrCat(static_cast<int>(proto.observance())),
                                "is no known observance");
  }
  calendar::DateRule rule;
  ASSIGN_OR_RETURN(rule.rule, ToRuleForm(proto));
  rule.observance = static_cast<calendar::Observance>(proto.observance());
  rule.offset_days = proto.offset_days();
  rule.first_year = proto.first_year();
  rule.last_year = proto.last_year();
  ASSIGN_OR_RETURN(rule.only_on, ToWeekdays(proto.only_on()));
  return rule;
}

absl::StatusOr<calendar::SpecialHours> ToSpecialHours(const pb::SpecialHours& proto) {
  calendar::SpecialHours hours;
  hours.name = proto.name();
  ASSIGN_OR_RETURN(hours.on, ToDateRule(proto.on()));
  if (proto.has_early_close()) hours.early_close = ToLocalTime(proto.early_close());
  if (proto.has_late_open()) hours.late_open = ToLocalTime(proto.late_open());
  hours.sessions.assign(proto.sessions().begin(), proto.sessions().end());
  return hours;
}

absl::StatusOr<calendar::Holiday> ToHoliday(const pb::Holiday& proto) {
  calendar::Holiday holiday;
  holiday.name = proto.name();
  ASSIGN_OR_RETURN(holiday.on, ToDateRule(proto.on()));
  holiday.sessions.assign(proto.sessions().begin(), proto.sessions().end());
  return holiday;
}

absl::StatusOr<calendar::SpecialSession> ToSpecialSession(const pb::SpecialSession& proto) {
  calendar::SpecialSession special;
  special.name = proto.name();
  ASSIGN_OR_RETURN(special.on, ToDateRule(proto.on()));
  special.session = proto.session();
  special.open = ToLocalTime(proto.open());
  special.close = ToLocalTime(proto.close());
  special.breaks = ToBreaks(proto.breaks());
  return special;
}

// `convert` makes one value of a message.
template <typename Message, typename Value, typename Convert>
absl::Status Append(const google::protobuf::RepeatedPtrField<Message>& from, Convert convert,
                    std::vector<Value>* to) {
  for (const Message& message : from) {
    ASSIGN_OR_RETURN(Value value, convert(message));
    to->push_back(std::move(value));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<calendar::CalendarSpec> ToCalendarSpec(const pb::Calendar& proto) {
  calendar::CalendarSpec spec;
  spec.name = proto.name();
  spec.description = proto.description();
  spec.time_zone = proto.time_zone();
  ASSIGN_OR_RETURN(spec.open_days, ToWeekdays(proto.open_days()));
  if (proto.week_start() != pb::WEEKDAY_UNSPECIFIED) {
    ASSIGN_OR_RETURN(spec.week_start, ToWeekday(proto.week_start()));
  }
  RETURN_IF_ERROR(Append(proto.sessions(), ToSessionRule, &spec.sessions));
  RETURN_IF_ERROR(Append(proto.holidays(), ToHoliday, &spec.holidays));
  RETURN_IF_ERROR(Append(proto.special_hours(), ToSpecialHours, &spec.special_hours));
  RETURN_IF_ERROR(Append(proto.special_sessions(), ToSpecialSession, &spec.special_sessions));
  ASSIGN_OR_RETURN(spec.first_date, ParseDate("calendar.first_date", proto.first_date()));
  ASSIGN_OR_RETURN(spec.last_date, ParseDate("calendar.last_date", proto.last_date()));
  return spec;
}

}  // namespace metricstore::compute
