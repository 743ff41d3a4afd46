#include "common/calendar/day_plans.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "common/calendar/spec_check.h"

namespace metricstore::calendar {
namespace {

template <typename T>
bool Contains(const std::vector<T>& values, const T& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// An empty list stands for all.
bool AppliesTo(const std::vector<std::string>& sessions, std::string_view session) {
  return sessions.empty() || std::find(sessions.begin(), sessions.end(), session) != sessions.end();
}

bool InEffect(const SessionRule& rule, const CalendarSpec& spec, absl::CivilDay date) {
  if (rule.first_date && date < *rule.first_date) return false;
  if (rule.last_date && date > *rule.last_date) return false;
  return Contains(rule.days.empty() ? spec.open_days : rule.days, absl::GetWeekday(date));
}

// What is left of [open, close) between the breaks. A break that reaches an end moves the end.
std::vector<WallRange> Pieces(int32_t open, int32_t close, const std::vector<BreakRule>& breaks) {
  std::vector<WallRange> pieces;
  const auto add = [&pieces](int32_t start, int32_t end) {
    if (start < end) pieces.push_back({start, end});
  };
  for (const BreakRule& pause : breaks) {
    add(open, std::min(close, WallSeconds(pause.start)));
    open = std::max(open, WallSeconds(pause.end));
  }
  add(open, close);
  return pieces;
}

template <typename Rule>
std::vector<WallRange> UncutPieces(const Rule& rule) {
  return Pieces(WallSeconds(rule.open), WallSeconds(rule.close), rule.breaks);
}

std::vector<WallRange> CutPieces(const SessionRule& rule,
                                 const std::vector<const SpecialHours*>& cuts) {
  int32_t open = WallSeconds(rule.open);
  int32_t close = WallSeconds(rule.close);
  for (const SpecialHours* hours : cuts) {
    if (!AppliesTo(hours->sessions, rule.name)) continue;
    if (hours->late_open) open = std::max(open, WallSeconds(*hours->late_open));
    if (hours->early_close) close = std::min(close, WallSeconds(*hours->early_close));
  }
  return Pieces(open, close, rule.breaks);
}

// The dates at which the set of rules in effect may change.
std::set<absl::CivilDay> Boundaries(const CalendarSpec& spec) {
  std::set<absl::CivilDay> dates;
  for (const SessionRule& rule : spec.sessions) {
    if (rule.first_date) dates.insert(*rule.first_date);
    if (rule.last_date) dates.insert(*rule.last_date + 1);
  }
  return dates;
}

void AddNote(const std::string& name, std::vector<std::string_view>& notes) {
  if (!Contains(notes, std::string_view(name))) notes.push_back(name);
}

}  // namespace

DayPlans::DayPlans(const CalendarSpec& spec) : first_date_(spec.first_date) {
  for (const SessionRule& rule : spec.sessions) {
    auto named = std::find_if(sessions_.begin(), sessions_.end(),
                              [&](const NamedRules& rules) { return rules.name == rule.name; });
    if (named == sessions_.end()) named = sessions_.insert(named, {rule.name, {}});
    named->rules.push_back(&rule);
  }
  plans_.emplace_back();
  PlanOrdinaryDates(spec);
  for (const auto& [date, exceptions] : ExceptionsOf(spec)) {
    plan_ids_[static_cast<size_t>(date - first_date_)] = static_cast<uint32_t>(plans_.size());
    plans_.push_back(Plan(spec, date, exceptions));
  }
}

DayPlans::ExceptionMap DayPlans::ExceptionsOf(const CalendarSpec& spec) {
  ExceptionMap exceptions;
  for (const Holiday& holiday : spec.holidays) {
    for (const absl::CivilDay date : holiday.on.DatesWithin(spec.first_date, spec.last_date)) {
      exceptions[date].holidays.push_back(&holiday);
      AddNote(holiday.name, notes_[date]);
    }
  }
  for (const SpecialHours& hours : spec.special_hours) {
    for (const absl::CivilDay date : hours.on.DatesWithin(spec.first_date, spec.last_date)) {
      exceptions[date].hours.push_back(&hours);
      AddNote(hours.name, notes_[date]);
    }
  }
  for (const SpecialSession& session : spec.special_sessions) {
    for (const absl::CivilDay date : session.on.DatesWithin(spec.first_date, spec.last_date)) {
      exceptions[date].sessions.push_back(&session);
      AddNote(session.name, notes_[date]);
    }
  }
  return exceptions;
}

void DayPlans::PlanOrdinaryDates(const CalendarSpec& spec) {
  const std::set<absl::CivilDay> boundaries = Boundaries(spec);
  plan_ids_.reserve(static_cast<size_t>(spec.last_date - spec.first_date + 1));
  auto boundary = boundaries.upper_bound(spec.first_date);
  // Between two boundaries, dates of one day of the week are alike.
  std::array<std::optional<uint32_t>, 7> of_weekday;
  for (absl::CivilDay date = spec.first_date; date <= spec.last_date; ++date) {
    if (boundary != boundaries.end() && date == *boundary) {
      of_weekday.fill(std::nullopt);
      ++boundary;
    }
    auto& id = of_weekday[static_cast<size_t>(absl::GetWeekday(date))];
    if (!id) {
      id = static_cast<uint32_t>(plans_.size());
      plans_.push_back(Plan(spec, date, {}));
    }
    plan_ids_.push_back(*id);
  }
}

DayPlan DayPlans::Plan(const CalendarSpec& spec, absl::CivilDay date,
                       const Exceptions& exceptions) const {
  DayPlan plan;
  for (const NamedRules& named : sessions_) {
    PlannedSession session{named.name, {}};
    const auto special =
        std::find_if(exceptions.sessions.begin(), exceptions.sessions.end(),
                     [&](const SpecialSession* s) { return s->session == named.name; });
    const bool closed =
        std::any_of(exceptions.holidays.begin(), exceptions.holidays.end(),
                    [&](const Holiday* h) { return AppliesTo(h->sessions, named.name); });
    const auto rule = std::find_if(named.rules.begin(), named.rules.end(),
                                   [&](const SessionRule* r) { return InEffect(*r, spec, date); });
    if (special != exceptions.sessions.end()) {
      session.pieces = UncutPieces(**special);
    } else if (!closed && rule != named.rules.end()) {
      session.pieces = CutPieces(**rule, exceptions.hours);
    }
    if (!session.pieces.empty()) plan.push_back(std::move(session));
  }
  std::stable_sort(plan.begin(), plan.end(), [](const auto& a, const auto& b) {
    return a.pieces.front().start < b.pieces.front().start;
  });
  return plan;
}

const DayPlan& DayPlans::On(absl::CivilDay date) const {
  const absl::civil_diff_t day = date - first_date_;
  const bool known = day >= 0 && day < static_cast<absl::civil_diff_t>(plan_ids_.size());
  return plans_[known ? plan_ids_[static_cast<size_t>(day)] : 0];
}

const std::vector<std::string_view>& DayPlans::NotesOn(absl::CivilDay date) const {
  static const std::vector<std::string_view>& none = *new std::vector<std::string_view>();
  const auto found = notes_.find(date);
  return found == notes_.end() ? none : found->second;
}

std::vector<std::string_view> DayPlans::SessionNames() const {
  std::vector<std::string_view> names;
  for (const NamedRules& named : sessions_) names.push_back(named.name);
  return names;
}

}  // namespace metricstore::calendar
