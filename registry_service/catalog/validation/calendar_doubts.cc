#include "registry_service/catalog/validation/calendar_doubts.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/calendar/spec_check.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/yaml/clock_text.h"

namespace metricstore::registry {
namespace {

using absl::CivilDay;
using calendar::CalendarSpec;
using calendar::DateRule;
using calendar::LocalTime;
using calendar::SessionRule;
using calendar::SpecialHours;
using calendar::WallSeconds;
using Names = std::vector<std::string>;

bool NamesDates(const DateRule& rule) { return std::holds_alternative<DateRule::Dates>(rule.rule); }

template <typename T>
bool Contains(const std::vector<T>& values, const T& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// An empty list stands for all.
bool AppliesTo(const Names& sessions, const std::string& session) {
  return sessions.empty() || Contains(sessions, session);
}

bool Overlap(const Names& a, const Names& b) {
  if (a.empty() || b.empty()) return true;
  return std::any_of(a.begin(), a.end(), [&](const auto& name) { return Contains(b, name); });
}

// Two special hours go together where one cuts the close and the other the open.
bool CutTheSame(const SpecialHours& a, const SpecialHours& b) {
  return (a.early_close && b.early_close) || (a.late_open && b.late_open);
}
bool CutTheSame(const calendar::Holiday&, const calendar::Holiday&) { return true; }

std::string AndMore(size_t others) {
  return others == 0 ? "" : absl::StrCat(" (and ", others, " more)");
}

class DoubtSearch {
 public:
  explicit DoubtSearch(const CalendarSpec& spec) : spec_(spec) {
    for (const auto& holiday : spec_.holidays) {
      for (const CivilDay date : DatesOf(holiday.on)) replaced_[date].push_back(holiday.sessions);
    }
    for (const auto& special : spec_.special_sessions) {
      for (const CivilDay date : DatesOf(special.on)) replaced_[date].push_back({special.session});
    }
  }

  std::vector<Finding> Run() && {
    CheckDates(spec_.holidays, "holidays");
    CheckTwice(spec_.holidays, "holidays");
    CheckDates(spec_.special_hours, "special_hours");
    CheckTwice(spec_.special_hours, "special_hours");
    CheckDates(spec_.special_sessions, "special_sessions");
    for (size_t i = 0; i < spec_.special_hours.size(); ++i) CheckHours(i);
    return std::move(doubts_);
  }

 private:
  void Add(std::string reason, std::string field, const std::string& name, std::string message) {
    doubts_.push_back({Severity::kWarning, std::move(reason), std::move(field), 0,
                       absl::StrCat("\"", Excerpt(name), "\": ", message), ""});
  }

  std::vector<CivilDay> DatesOf(const DateRule& rule) const {
    return rule.DatesWithin(spec_.first_date, spec_.last_date);
  }

  std::string KnownDates() const {
    return absl::StrCat("the calendar's dates, ", FormatDate(spec_.first_date), " to ",
                        FormatDate(spec_.last_date));
  }

  // Dates that the calendar does not know have no effect.
  template <typename Item>
  void CheckDates(const std::vector<Item>& items, const char* list) {
    for (size_t i = 0; i < items.size(); ++i) {
      const Item& item = items[i];
      const std::string field = absl::StrCat(list, "[", i, "].on");
      if (const auto* named = std::get_if<DateRule::Dates>(&item.on.rule)) {
        CheckNamedDates(*named, field, item.name);
      } else if (DatesOf(item.on).empty()) {
        Add("DATES_DOUBTFUL", field, item.name,
            absl::StrCat("the rule gives none of ", KnownDates()));
      }
    }
  }

  void CheckNamedDates(const DateRule::Dates& named, const std::string& field,
                       const std::string& name) {
    std::vector<CivilDay> outside;
    for (const CivilDay date : named.dates) {
      if (date < spec_.first_date || date > spec_.last_date) outside.push_back(date);
    }
    if (outside.empty()) return;
    Add("DATES_DOUBTFUL", field, name,
        absl::StrCat(FormatDate(outside.front()), AndMore(outside.size() - 1), " is not one of ",
                     KnownDates()));
  }

  // Rules meet now and then, and that is right; a date that is written down is meant to add one.
  template <typename Item>
  void CheckTwice(const std::vector<Item>& items, const char* list) {
    std::map<CivilDay, std::vector<size_t>> by_date;
    for (size_t i = 0; i < items.size(); ++i) {
      for (const CivilDay date : DatesOf(items[i].on)) by_date[date].push_back(i);
    }
    std::set<size_t> told;
    for (const auto& [date, named_by] : by_date) {
      for (size_t b = 1; b < named_by.size(); ++b) {
        for (size_t a = 0; a < b; ++a) TellTwice(items, list, date, named_by[a], named_by[b], told);
      }
    }
  }

  template <typename Item>
  void TellTwice(const std::vector<Item>& items, const char* list, CivilDay date, size_t first,
                 size_t second, std::set<size_t>& told) {
    if (!Overlap(items[first].sessions, items[second].sessions)) return;
    if (!CutTheSame(items[first], items[second])) return;
    if (!NamesDates(items[second].on)) std::swap(first, second);
    if (!NamesDates(items[second].on) || !told.insert(second).second) return;
    Add("DATES_DOUBTFUL", absl::StrCat(list, "[", second, "].on"), items[second].name,
        absl::StrCat(FormatDate(date), " is a date of ", list, "[", first, "] \"",
                     Excerpt(items[first].name), "\" too"));
  }

  bool InEffect(const SessionRule& rule, CivilDay date) const {
    if (rule.first_date && date < *rule.first_date) return false;
    if (rule.last_date && date > *rule.last_date) return false;
    return Contains(rule.days.empty() ? spec_.open_days : rule.days, absl::GetWeekday(date));
  }

  // Whether a holiday closes the session on the date, or a special session takes its place.
  bool IsReplaced(const std::string& session, CivilDay date) const {
    const auto found = replaced_.find(date);
    return found != replaced_.end() &&
           std::any_of(found->second.begin(), found->second.end(),
                       [&](const Names& names) { return AppliesTo(names, session); });
  }

  // The sessions that the hours are about on the date.
  std::vector<const SessionRule*> SessionsOn(const SpecialHours& hours, CivilDay date) const {
    std::vector<const SessionRule*> sessions;
    for (const SessionRule& rule : spec_.sessions) {
      const bool concerned = AppliesTo(hours.sessions, rule.name) && InEffect(rule, date);
      if (concerned && !IsReplaced(rule.name, date)) sessions.push_back(&rule);
    }
    return sessions;
  }

  // A rule may fall on closed days in some years; one that has no effect in any, and a date that
  // is written down for nothing, are mistakes.
  void CheckHours(size_t i) {
    const SpecialHours& hours = spec_.special_hours[i];
    const std::vector<CivilDay> dates = DatesOf(hours.on);
    std::string first;
    size_t idle = 0;
    for (const CivilDay date : dates) {
      std::string why = WhyIdle(hours, SessionsOn(hours, date));
      if (why.empty()) continue;
      if (++idle == 1) first = absl::StrCat(why, " on ", FormatDate(date));
    }
    if (idle == 0 || (!NamesDates(hours.on) && idle < dates.size())) return;
    Add("HOURS_DOUBTFUL", absl::StrCat("special_hours[", i, "]"), hours.name,
        absl::StrCat(first, AndMore(idle - 1)));
  }

  // Why the hours make no difference or leave nothing, or "".
  static std::string WhyIdle(const SpecialHours& hours,
                             const std::vector<const SessionRule*>& sessions) {
    if (sessions.empty()) return "there is no session to cut";
    const SessionRule* last = *std::max_element(
        sessions.begin(), sessions.end(),
        [](auto* a, auto* b) { return WallSeconds(a->close) < WallSeconds(b->close); });
    const SessionRule* first = *std::min_element(
        sessions.begin(), sessions.end(),
        [](auto* a, auto* b) { return WallSeconds(a->open) < WallSeconds(b->open); });
    const auto misses = [](const char* key, const LocalTime& time, const char* relation,
                           const SessionRule& rule, const LocalTime& edge) {
      return absl::StrCat(key, " ", FormatLocalTime(time), " is not ", relation, " of ", rule.name,
                          ", ", FormatLocalTime(edge), ",");
    };
    if (hours.early_close && WallSeconds(*hours.early_close) >= WallSeconds(last->close)) {
      return misses("early_close", *hours.early_close, "before the close", *last, last->close);
    }
    if (hours.late_open && WallSeconds(*hours.late_open) <= WallSeconds(first->open)) {
      return misses("late_open", *hours.late_open, "after the open", *first, first->open);
    }
    if (hours.early_close && WallSeconds(*hours.early_close) <= WallSeconds(first->open)) {
      return misses("early_close", *hours.early_close, "after the open", *first, first->open);
    }
    if (hours.late_open && WallSeconds(*hours.late_open) >= WallSeconds(last->close)) {
      return misses("late_open", *hours.late_open, "before the close", *last, last->close);
    }
    return "";
  }

  const CalendarSpec& spec_;
  std::vector<Finding> doubts_;
  // By date the sessions that do not take place as usual; an empty list stands for all.
  std::map<CivilDay, std::vector<Names>> replaced_;
};

}  // namespace

std::vector<Finding> CalendarDoubts(const CalendarSpec& spec) { return DoubtSearch(spec).Run(); }

std::vector<Finding> CalendarDoubts(const Located<CalendarSpec>& located) {
  std::vector<Finding> doubts;
  for (const FieldFault& doubt : located.doubts) {
    doubts.push_back({Severity::kWarning, doubt.reason, doubt.field, 0, doubt.message, ""});
  }
  for (Finding& doubt : CalendarDoubts(located.definition)) doubts.push_back(std::move(doubt));
  for (Finding& doubt : doubts) doubt.line = located.LineOf(doubt.field);
  return doubts;
}

}  // namespace metricstore::registry
