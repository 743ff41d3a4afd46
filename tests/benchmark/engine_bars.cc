#include "tests/benchmark/engine_bars.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <random>

#include "absl/time/time.h"
#include "common/time/iso8601.h"

namespace metricstore::benchmark {
namespace {

using columns::Column;
using columns::ColumnType;

constexpr int kHour = 3600;

Column ColumnOf(const char* name, ColumnType type) { return {.name = name, .type = type}; }

double Cents(double price) { return std::round(price * 100) / 100; }

}  // namespace

std::shared_ptr<const calendar::Calendar> BarsCalendar() {
  calendar::CalendarSpec spec;
  spec.name = "BENCH";
  spec.description = "For the benchmark.";
  spec.time_zone = "America/New_York";
  spec.open_days = {absl::Weekday::monday, absl::Weekday::tuesday, absl::Weekday::wednesday,
                    absl::Weekday::thursday, absl::Weekday::friday};
  spec.sessions = {{"rth", {9 * kHour + 1800, 0}, {16 * kHour, 0}}};
  spec.first_date = absl::CivilDay(2013, 1, 1);
  spec.last_date = absl::CivilDay(2030, 12, 31);
  auto calendar = calendar::Calendar::Create(std::move(spec), 1);
  if (!calendar.ok()) {
    std::cerr << calendar.status() << "\n";
    std::exit(1);
  }
  return *calendar;
}

std::vector<absl::CivilDay> TradeDates(const calendar::Calendar& calendar, int days) {
  std::vector<absl::CivilDay> dates;
  for (absl::CivilDay date(2014, 1, 1); dates.size() < static_cast<size_t>(days); ++date) {
    if (calendar.SessionOn(date, "rth").has_value()) dates.push_back(date);
  }
  return dates;
}

const expression::Schema& BarsSchema() {
  static const expression::Schema schema = {
      {"ts", ColumnType::kTimestamp, false},  {"open", ColumnType::kFloat64, false},
      {"high", ColumnType::kFloat64, false},  {"low", ColumnType::kFloat64, false},
      {"close", ColumnType::kFloat64, false}, {"volume", ColumnType::kInt64, false},
      {"trades", ColumnType::kInt64, false}};
  return schema;
}

columns::ColumnBatch MakeBars(const calendar::Calendar& calendar,
                              const std::vector<absl::CivilDay>& dates, uint64_t seed) {
  std::mt19937_64 random(seed);
  // Distributions of the library differ from one to the other; these are the same everywhere.
  const auto uniform = [&random] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  Column ts = ColumnOf("ts", ColumnType::kTimestamp);
  Column open = ColumnOf("open", ColumnType::kFloat64);
  Column high = ColumnOf("high", ColumnType::kFloat64);
  Column low = ColumnOf("low", ColumnType::kFloat64);
  Column close = ColumnOf("close", ColumnType::kFloat64);
  Column volume = ColumnOf("volume", ColumnType::kInt64);
  Column trades = ColumnOf("trades", ColumnType::kInt64);
  double price = 40 + 160 * uniform();
  for (const absl::CivilDay& date : dates) {
    const int64_t start = ToMicros(calendar.SessionOn(date, "rth")->range.start);
    for (int64_t minute = 0; minute < kMinutes; ++minute) {
      ts.int64.push_back(start + minute * 60'000'000);
      const double first = Cents(price);
      price = std::max(5.0, price * (1 + 0.001 * (uniform() + uniform() + uniform() - 1.5)));
      const double last = Cents(price);
      open.float64.push_back(first);
      close.float64.push_back(last);
      high.float64.push_back(Cents(std::max(first, last) + 0.05 * uniform()));
      low.float64.push_back(Cents(std::min(first, last) - 0.05 * uniform()));
      volume.int64.push_back(static_cast<int64_t>(-8000 * std::log(1 - uniform())) + 1);
      trades.int64.push_back(1 + volume.int64.back() / 90);
    }
  }
  columns::ColumnBatch bars{.rows = ts.int64.size(), .columns = {}};
  for (Column* column : {&ts, &open, &high, &low, &close, &volume, &trades}) {
    bars.columns.push_back(std::move(*column));
  }
  return bars;
}

std::vector<columns::ColumnBatch> MakeBars(const calendar::Calendar& calendar,
                                           const std::vector<absl::CivilDay>& dates,
                                           const BarsSize& size) {
  std::vector<columns::ColumnBatch> symbols;
  for (int symbol = 0; symbol < size.symbols; ++symbol) {
    symbols.push_back(
        MakeBars(calendar, dates, size.seed * 1'000'003 + static_cast<uint64_t>(symbol)));
  }
  return symbols;
}

}  // namespace metricstore::benchmark
