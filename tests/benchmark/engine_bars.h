// Minute bars of made-up symbols: the rows of the engine's benchmark.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/calendar/calendar.h"
#include "common/columns/column_batch.h"
#include "common/expression/expression.h"

namespace metricstore::benchmark {

inline constexpr int kMinutes = 390;  // of a session

struct BarsSize {
  int symbols = 50;
  int days = 250;
  uint64_t seed = 1;
};

// Sessions of 09:30 to 16:00 in New York from Monday to Friday, without holidays.
std::shared_ptr<const calendar::Calendar> BarsCalendar();
// The first trade dates of 2014.
std::vector<absl::CivilDay> TradeDates(const calendar::Calendar& calendar, int days);

const expression::Schema& BarsSchema();

// One symbol's bars in order of time: ts, open, high, low, close, volume, trades. Prices are whole
// cents, volumes whole numbers around 8,000. The same arguments give the same bars.
columns::ColumnBatch MakeBars(const calendar::Calendar& calendar,
                              const std::vector<absl::CivilDay>& dates, uint64_t seed);
std::vector<columns::ColumnBatch> MakeBars(const calendar::Calendar& calendar,
                                           const std::vector<absl::CivilDay>& dates,
                                           const BarsSize& size);

}  // namespace metricstore::benchmark
