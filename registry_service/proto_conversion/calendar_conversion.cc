#include "registry_service/proto_conversion/calendar_conversion.h"

#include <variant>

#include "common/time/iso8601.h"

namespace metricstore::registry::messages {
namespace {

using calendar::DateRule;

// Both count from Monday: absl from 0, the message from 1.
v1::Weekday ToProto(absl::Weekday day) {
  return static_cast<v1::Weekday>(static_cast<int>(day) + 1);
}

void ToProto(const calendar::LocalTime& time, v1::LocalTime* proto) {
  proto->set_second_of_day(time.second_of_day);
  proto->set_day_offset(time.day_offset);
}

struct FormToProto {
  v1::DateRule* proto;
  void operator()(const DateRule::Fixed& form) const { proto->set_date(FormatDate(form.date)); }
  void operator()(const DateRule::MonthDay& form) const {
    proto->mutable_month_day()->set_month(form.month);
    proto->mutable_month_day()->set_day(form.day);
  }
  void operator()(const DateRule::NthWeekday& form) const {
    proto->mutable_nth_weekday()->set_month(form.month);
    proto->mutable_nth_weekday()->set_weekday(ToProto(form.weekday));
    proto->mutable_nth_weekday()->set_n(form.n);
  }
  void operator()(const DateRule::EasterOffset& form) const {
    proto->set_easter_offset_days(form.days);
  }
};

void ToProto(const DateRule& rule, v1::DateRule* proto) {
  std::visit(FormToProto{proto}, rule.rule);
  proto->set_observance(static_cast<v1::Observance>(rule.observance));
  proto->set_offset_days(rule.offset_days);
  proto->set_first_year(rule.first_year);
  proto->set_last_year(rule.last_year);
  for (const absl::Weekday day : rule.only_on) proto->add_only_on(ToProto(day));
}

void ToProto(const calendar::SpecialHours& hours, v1::SpecialHours* proto) {
  proto->set_name(hours.name);
  ToProto(hours.on, proto->mutable_on());
  if (hours.early_close.has_value()) ToProto(*hours.early_close, proto->mutable_early_close());
  if (hours.late_open.has_value()) ToProto(*hours.late_open, proto->mutable_late_open());
  proto->mutable_sessions()->Assign(hours.sessions.begin(), hours.sessions.end());
}

}  // namespace

void ToProto(const calendar::Calendar& calendar, v1::Calendar* proto) {
  const calendar::CalendarSpec& spec = calendar.spec();
  proto->set_name(spec.name);
  proto->set_version(calendar.version());
  proto->set_description(spec.description);
  proto->set_time_zone(spec.time_zone);
  for (const absl::Weekday day : spec.open_days) proto->add_open_days(ToProto(day));
  for (const calendar::SessionRule& session : spec.sessions) {
    v1::Session* added = proto->add_sessions();
    added->set_name(session.name);
    ToProto(session.open, added->mutable_open());
    ToProto(session.close, added->mutable_close());
  }
  for (const calendar::Holiday& holiday : spec.holidays) {
    v1::Holiday* added = proto->add_holidays();
    added->set_name(holiday.name);
    ToProto(holiday.on, added->mutable_on());
  }
  for (const calendar::SpecialHours& hours : spec.special_hours) {
    ToProto(hours, proto->add_special_hours());
  }
  proto->set_first_date(FormatDate(spec.first_date));
  proto->set_last_date(FormatDate(spec.last_date));
}

}  // namespace metricstore::registry::messages
