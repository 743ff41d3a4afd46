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
  void operator()(const DateRule::Dates& form) const {
    if (form.dates.size() == 1) {
      proto->set_date(FormatDate(form.dates.front()));
      return;
    }
    for (const absl::CivilDay date : form.dates) {
      proto->mutable_dates()->add_dates(FormatDate(date));
    }
  }
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

void ToProto(const std::vector<calendar::BreakRule>& breaks,
             google::protobuf::RepeatedPtrField<v1::Break>* proto) {
  for (const calendar::BreakRule& pause : breaks) {
    v1::Break* added = proto->Add();
    ToProto(pause.start, added->mutable_start());
    ToProto(pause.end, added->mutable_end());
  }
}

void ToProto(const calendar::SessionRule& session, v1::Session* proto) {
  proto->set_name(session.name);
  ToProto(session.open, proto->mutable_open());
  ToProto(session.close, proto->mutable_close());
  ToProto(session.breaks, proto->mutable_breaks());
  for (const absl::Weekday day : session.days) proto->add_days(ToProto(day));
  if (session.first_date.has_value()) proto->set_first_date(FormatDate(*session.first_date));
  if (session.last_date.has_value()) proto->set_last_date(FormatDate(*session.last_date));
}

void ToProto(const calendar::SpecialSession& special, v1::SpecialSession* proto) {
  proto->set_name(special.name);
  ToProto(special.on, proto->mutable_on());
  proto->set_session(special.session);
  ToProto(special.open, proto->mutable_open());
  ToProto(special.close, proto->mutable_close());
  ToProto(special.breaks, proto->mutable_breaks());
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
    ToProto(session, proto->add_sessions());
  }
  for (const calendar::Holiday& holiday : spec.holidays) {
    v1::Holiday* added = proto->add_holidays();
    added->set_name(holiday.name);
    ToProto(holiday.on, added->mutable_on());
    added->mutable_sessions()->Assign(holiday.sessions.begin(), holiday.sessions.end());
  }
  for (const calendar::SpecialHours& hours : spec.special_hours) {
    ToProto(hours, proto->add_special_hours());
  }
  for (const calendar::SpecialSession& special : spec.special_sessions) {
    ToProto(special, proto->add_special_sessions());
  }
  proto->set_week_start(ToProto(spec.week_start));
  proto->set_first_date(FormatDate(spec.first_date));
  proto->set_last_date(FormatDate(spec.last_date));
}

}  // namespace metricstore::registry::messages
