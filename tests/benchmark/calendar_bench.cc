// What it costs to resolve windows over ten years, and to find the trade date of an instant.
#include <memory>
#include <string>

#include "absl/time/civil_time.h"
#include "benchmark/benchmark.h"
#include "common/calendar/buckets.h"

namespace metricstore::calendar {
namespace {

const absl::CivilDay kFirstDate(2012, 1, 1);
const absl::CivilDay kLastDate(2027, 12, 31);
const DateRange kTenYears{absl::CivilDay(2014, 1, 1), absl::CivilDay(2024, 1, 1)};

DateRule MonthDay(int month, int day) {
  return {DateRule::MonthDay{month, day}, Observance::kNearestWeekday};
}

// Rules like those of the New York Stock Exchange.
CalendarSpec Exchange() {
  CalendarSpec spec;
  spec.name = "XNYS";
  spec.time_zone = "America/New_York";
  spec.open_days = {absl::Weekday::monday, absl::Weekday::tuesday, absl::Weekday::wednesday,
                    absl::Weekday::thursday, absl::Weekday::friday};
  spec.sessions = {{"pre", {14400, 0}, {34200, 0}},
                   {"rth", {34200, 0}, {57600, 0}},
                   {"post", {57600, 0}, {72000, 0}}};
  spec.holidays = {
      {"New Year's Day", MonthDay(1, 1)},
      {"Martin Luther King Jr. Day", {DateRule::NthWeekday{1, absl::Weekday::monday, 3}}},
      {"Washington's Birthday", {DateRule::NthWeekday{2, absl::Weekday::monday, 3}}},
      {"Good Friday", {DateRule::EasterOffset{-2}}},
      {"Memorial Day", {DateRule::NthWeekday{5, absl::Weekday::monday, -1}}},
      {"Independence Day", MonthDay(7, 4)},
      {"Labor Day", {DateRule::NthWeekday{9, absl::Weekday::monday, 1}}},
      {"Thanksgiving", {DateRule::NthWeekday{11, absl::Weekday::thursday, 4}}},
      {"Christmas Day", MonthDay(12, 25)}};
  SpecialHours eve{"Christmas Eve", {DateRule::MonthDay{12, 24}}};
  eve.early_close = LocalTime{46800, 0};
  spec.special_hours = {eve};
  spec.first_date = kFirstDate;
  spec.last_date = kLastDate;
  return spec;
}

std::shared_ptr<const Calendar> ExchangeCalendar() { return *Calendar::Create(Exchange(), 1); }

void BM_Create(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Calendar::Create(Exchange(), 1));
}
BENCHMARK(BM_Create)->Unit(benchmark::kMicrosecond);

void BM_ResolveTenYears(benchmark::State& state, const std::string& window_text, Grain grain) {
  const auto calendar = ExchangeCalendar();
  const Window window = *ParseWindow(window_text);
  size_t buckets = 0;
  for (auto _ : state) {
    const auto resolved = ResolveBuckets(*calendar, window, grain, kTenYears);
    buckets = resolved->spans.size();
    benchmark::DoNotOptimize(resolved);
  }
  state.counters["buckets"] = static_cast<double>(buckets);
}
#define BENCH_WINDOW(name, window, grain) \
  BENCHMARK_CAPTURE(BM_ResolveTenYears, name, window, grain)->Unit(benchmark::kMicrosecond)
BENCH_WINDOW(full_day_by_day, "full_day", Grain::kDay);
BENCH_WINDOW(rth_by_day, "rth", Grain::kDay);
BENCH_WINDOW(first_30m_by_day, "first_30m", Grain::kDay);
BENCH_WINDOW(range_by_day, "10:00-11:30 of rth", Grain::kDay);
BENCH_WINDOW(rolling_20_sessions_by_day, "rolling_20_sessions of rth", Grain::kDay);
BENCH_WINDOW(rolling_2000_sessions_by_day, "rolling_2000_sessions of rth", Grain::kDay);
BENCH_WINDOW(rolling_30d_by_day, "rolling_30d of rth", Grain::kDay);
BENCH_WINDOW(month_to_date_by_day, "month_to_date of rth", Grain::kDay);
BENCH_WINDOW(previous_by_day, "previous of rth", Grain::kDay);
BENCH_WINDOW(rth_by_month, "rth", Grain::kMonth);
BENCH_WINDOW(rth_by_hour, "rth", Grain::kHour);
BENCH_WINDOW(full_day_by_hour, "full_day", Grain::kHour);
BENCH_WINDOW(rolling_24h_by_hour, "rolling_24h", Grain::kHour);
BENCH_WINDOW(day_to_date_by_hour, "day_to_date", Grain::kHour);
BENCH_WINDOW(previous_24_by_hour, "previous_24", Grain::kHour);

// One call for each minute of a year, as rows come.
void BM_TradeDateAt(benchmark::State& state) {
  const auto calendar = ExchangeCalendar();
  const absl::Time start = calendar->ExtentOf(absl::CivilDay(2020, 1, 1)).start;
  const absl::Time end = calendar->ExtentOf(absl::CivilDay(2021, 1, 1)).start;
  absl::Time at = start;
  for (auto _ : state) {
    benchmark::DoNotOptimize(calendar->TradeDateAt(at));
    at += absl::Minutes(1);
    if (at >= end) at = start;
  }
}
BENCHMARK(BM_TradeDateAt);

void BM_SessionOn(benchmark::State& state) {
  const auto calendar = ExchangeCalendar();
  absl::CivilDay date = kTenYears.start;
  for (auto _ : state) {
    benchmark::DoNotOptimize(calendar->SessionOn(date, "rth"));
    if (++date == kTenYears.end) date = kTenYears.start;
  }
}
BENCHMARK(BM_SessionOn);

// A month of regular sessions in bars of a quarter of an hour.
void BM_CutIntoBars(benchmark::State& state) {
  const auto calendar = ExchangeCalendar();
  const Window window = *ParseWindow("rth");
  const auto buckets = ResolveBuckets(*calendar, window, Grain::kMonth,
                                      {absl::CivilDay(2020, 3, 1), absl::CivilDay(2020, 4, 1)});
  const auto alignment = static_cast<BarAlignment>(state.range(0));
  const auto slices = buckets->BucketAt(0).slices;
  for (auto _ : state) {
    benchmark::DoNotOptimize(CutIntoBars(*calendar, window, absl::Minutes(15), alignment, slices));
  }
}
BENCHMARK(BM_CutIntoBars)->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond);

void BM_DatesThatShow(benchmark::State& state) {
  const auto calendar = ExchangeCalendar();
  const Window window = *ParseWindow("rolling_2000_sessions of rth");
  const DateRange dates{absl::CivilDay(2015, 1, 5), absl::CivilDay(2015, 1, 6)};
  for (auto _ : state) {
    benchmark::DoNotOptimize(DatesThatShow(*calendar, window, Grain::kDay, dates));
  }
}
BENCHMARK(BM_DatesThatShow)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace metricstore::calendar

BENCHMARK_MAIN();
