#include "tests/unit/common_calendar/random_calendars.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <utility>

namespace metricstore::calendar {
namespace {

constexpr int32_t kStep = 900;  // seconds between hours that rules name
constexpr int32_t kDaySeconds = 86400;
const std::vector<std::string> kNames = {"rth", "pre", "night"};
const std::vector<std::string> kZones = {
    "UTC",          "America/Chicago",     "America/Sao_Paulo", "Asia/Kolkata",
    "Pacific/Apia", "Australia/Lord_Howe", "Africa/Casablanca", "America/St_Johns",
    "Asia/Tehran",  "Antarctica/Troll",    "Europe/London",     "Asia/Pyongyang"};

uint32_t ChooseSeed() {
  const char* given = std::getenv("METRICSTORE_TEST_SEED");
  return given != nullptr ? static_cast<uint32_t>(std::strtoul(given, nullptr, 10))
                          : std::random_device{}();
}

LocalTime Local(int64_t wall_seconds) {
  const int64_t offset = wall_seconds < 0 ? -1 : wall_seconds > kDaySeconds ? 1 : 0;
  return {static_cast<int32_t>(wall_seconds - offset * kDaySeconds), static_cast<int32_t>(offset)};
}

// Open, close and breaks within a trade date that starts at `extent_start`, in steps.
template <typename Rule>
void RollHours(Dice& dice, int64_t extent_start, Rule& rule) {
  const int64_t open = dice.Roll(0, 90);
  const int64_t close = dice.Roll(open + 1, 96);
  rule.open = Local(extent_start + open * kStep);
  rule.close = Local(extent_start + close * kStep);
  for (int64_t at = open + 1; at + 1 < close && dice.Chance(0.3);) {
    const int64_t start = dice.Roll(at, close - 2);
    const int64_t end = dice.Roll(start + 1, close - 1);
    rule.breaks.push_back({Local(extent_start + start * kStep), Local(extent_start + end * kStep)});
    at = end + 1;
  }
}

std::vector<absl::Weekday> RollDays(Dice& dice, double probability) {
  std::vector<absl::Weekday> days;
  for (int day = 0; day < 7; ++day) {
    if (dice.Chance(probability)) days.push_back(static_cast<absl::Weekday>(day));
  }
  return days;
}

DateRule RollDates(Dice& dice, const CalendarSpec& spec, int64_t most) {
  std::vector<absl::CivilDay> dates;
  for (int64_t i = dice.Roll(1, most); i > 0; --i) {
    dates.push_back(dice.Date(spec.first_date, spec.last_date));
  }
  std::sort(dates.begin(), dates.end());
  dates.erase(std::unique(dates.begin(), dates.end()), dates.end());
  return DateRule{DateRule::Dates{std::move(dates)}};
}

std::vector<std::string> RollNames(Dice& dice) {
  if (dice.Chance(0.5)) return {};
  return {dice.Pick(kNames)};
}

void RollSessions(Dice& dice, int64_t extent_start, CalendarSpec& spec) {
  for (const std::string& name : kNames) {
    SessionRule rule;
    rule.name = name;
    RollHours(dice, extent_start, rule);
    if (dice.Chance(0.3)) rule.days = RollDays(dice, 0.6);
    if (dice.Chance(0.4)) {
      const absl::CivilDay change = dice.Date(spec.first_date, spec.last_date);
      SessionRule before;
      before.name = name;
      RollHours(dice, extent_start, before);
      before.last_date = change - 1;
      rule.first_date = change + dice.Roll(0, 10);
      spec.sessions.push_back(std::move(before));
    }
    spec.sessions.push_back(std::move(rule));
  }
  // One session reaches the bound that cuts the dates.
  SessionRule& last = spec.sessions.back();
  if (extent_start < 0) last.open = Local(extent_start);
  if (extent_start > 0) last.close = Local(extent_start + kDaySeconds);
}

void RollExceptions(Dice& dice, int64_t extent_start, CalendarSpec& spec) {
  for (int i = 0; i < 3; ++i) {
    spec.holidays.push_back({"H", RollDates(dice, spec, 12), RollNames(dice)});
    SpecialHours hours{"E", RollDates(dice, spec, 12), {}, {}, RollNames(dice)};
    const LocalTime cut = Local(extent_start + dice.Roll(0, 96) * kStep);
    (dice.Chance(0.5) ? hours.early_close : hours.late_open) = cut;
    spec.special_hours.push_back(std::move(hours));
  }
  for (const std::string& name : kNames) {
    SpecialSession session;
    session.name = "S";
    session.session = name;
    session.on = RollDates(dice, spec, 8);
    RollHours(dice, extent_start, session);
    spec.special_sessions.push_back(std::move(session));
  }
}

void RollBase(Dice& dice, Window& window) {
  window.kind = static_cast<WindowKind>(dice.Roll(1, 5));
  if (window.kind != WindowKind::kFullDay) window.session = dice.Pick(kNames);
  if (window.kind == WindowKind::kFirst || window.kind == WindowKind::kLast) {
    window.length = absl::Seconds(kStep * dice.Roll(1, 96));
  }
  if (window.kind != WindowKind::kRange) return;
  if (dice.Chance(0.5)) window.session.clear();
  window.from_second = static_cast<int32_t>(kStep * dice.Roll(0, 95));
  do {
    window.to_second = static_cast<int32_t>(kStep * dice.Roll(1, 96));
  } while (window.to_second == window.from_second);
}

// Where trade dates start, in steps from midnight.
int64_t ExtentSteps(const CalendarSpec& spec) {
  int64_t earliest = 0;
  int64_t latest = kDaySeconds;
  for (const SessionRule& session : spec.sessions) {
    const auto wall = [](const LocalTime& time) {
      return int64_t{time.day_offset} * kDaySeconds + time.second_of_day;
    };
    earliest = std::min(earliest, wall(session.open));
    latest = std::max(latest, wall(session.close));
  }
  return (earliest < 0 ? earliest : latest - kDaySeconds) / kStep;
}

void MoveHours(Dice& dice, SessionRule& session) {
  LocalTime& moved = dice.Chance(0.5) ? session.open : session.close;
  const int64_t step = kStep * dice.Roll(1, 8) * (dice.Chance(0.5) ? 1 : -1);
  moved = Local(int64_t{moved.day_offset} * kDaySeconds + moved.second_of_day + step);
}

// An evening before the trade date, from which that starts then.
void AddEvening(Dice& dice, CalendarSpec& spec) {
  SessionRule evening;
  evening.name = "evening";
  const int64_t length = dice.Roll(1, 8);
  evening.open = Local((std::min<int64_t>(ExtentSteps(spec), 0) - length) * kStep);
  evening.close = Local(std::min<int64_t>(ExtentSteps(spec), 0) * kStep);
  spec.sessions.push_back(std::move(evening));
}

}  // namespace

CalendarSpec ChangedSpec(Dice& dice, const CalendarSpec& spec) {
  CalendarSpec changed = spec;
  SessionRule& session =
      changed.sessions[static_cast<size_t>(dice.Roll(0, std::ssize(changed.sessions) - 1))];
  if (dice.Chance(0.4)) changed.holidays.pop_back();
  if (dice.Chance(0.3)) changed.special_hours.pop_back();
  if (dice.Chance(0.2)) changed.special_sessions.pop_back();
  if (dice.Chance(0.3)) MoveHours(dice, session);
  if (dice.Chance(0.2) && !session.breaks.empty()) session.breaks.pop_back();
  if (dice.Chance(0.2)) session.days = RollDays(dice, 0.6);
  if (dice.Chance(0.2)) session.first_date = dice.Date(spec.first_date, spec.last_date);
  if (dice.Chance(0.1)) session.last_date.reset();
  if (dice.Chance(0.15)) AddEvening(dice, changed);
  if (dice.Chance(0.1)) changed.sessions.pop_back();
  if (dice.Chance(0.15)) changed.time_zone = dice.Pick(kZones);
  if (dice.Chance(0.2)) changed.week_start = static_cast<absl::Weekday>(dice.Roll(0, 6));
  if (dice.Chance(0.1)) changed.last_date = changed.last_date - dice.Roll(1, 60);
  if (dice.Chance(0.1)) changed.first_date = changed.first_date + dice.Roll(1, 60);
  return changed;
}

Dice::Dice() : seed_(ChooseSeed()), engine_(seed_) {
  std::cout << "METRICSTORE_TEST_SEED=" << seed_ << std::endl;  // also if the test is killed
}

int64_t Dice::Roll(int64_t least, int64_t most) {
  return std::uniform_int_distribution<int64_t>(least, most)(engine_);
}

bool Dice::Chance(double probability) { return std::bernoulli_distribution(probability)(engine_); }

CalendarSpec RandomSpec(Dice& dice) {
  CalendarSpec spec;
  spec.name = "RANDOM";
  spec.time_zone = dice.Pick(kZones);
  spec.first_date = dice.Date(absl::CivilDay(2007, 1, 1), absl::CivilDay(2024, 1, 1));
  // Apia's skipped day is one in six thousand.
  if (spec.time_zone == "Pacific/Apia") spec.first_date = absl::CivilDay(2011, 3, 5);
  spec.last_date = spec.first_date + dice.Roll(400, 700);
  spec.week_start = static_cast<absl::Weekday>(dice.Roll(0, 6));
  spec.open_days = RollDays(dice, 0.7);
  if (spec.open_days.empty()) spec.open_days = {absl::Weekday::tuesday};
  const int64_t extent_start = dice.Roll(-1, 1) * dice.Roll(1, 40) * kStep;
  RollSessions(dice, extent_start, spec);
  RollExceptions(dice, extent_start, spec);
  return spec;
}

std::shared_ptr<const Calendar> RandomCalendar(Dice& dice) {
  auto calendar = Calendar::Create(RandomSpec(dice), 1);
  if (!calendar.ok()) std::cerr << calendar.status() << "\n";
  return *std::move(calendar);
}

Window RandomWindow(Dice& dice, const Calendar& calendar, Grain grain) {
  Window window;
  do {
    window = Window{};
    RollBase(dice, window);
    window.reach = static_cast<WindowReach>(dice.Roll(0, 3));
    if (window.reach == WindowReach::kRolling) {
      window.unit = static_cast<RollingUnit>(dice.Roll(1, 3));
      window.count = static_cast<int32_t>(
          dice.Roll(1, window.unit == RollingUnit::kHours ? 100 : dice.Pick<int>({5, 60, 500})));
    }
    if (window.reach == WindowReach::kPrevious) {
      window.count = static_cast<int32_t>(dice.Roll(1, grain == Grain::kHour ? 30 : 4));
    }
    if (window.reach == WindowReach::kToDate) {
      window.period = static_cast<Grain>(dice.Roll(2, 6));
    }
  } while (!CheckWindow(window, calendar, grain).ok());
  return window;
}

}  // namespace metricstore::calendar
