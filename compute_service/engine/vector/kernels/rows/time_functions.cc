#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "compute_service/engine/vector/kernels/rows/row_functions.h"
#include "compute_service/engine/vector/kernels/rows/row_maps.h"
#include "compute_service/engine/vector/kernels/texts/civil_days.h"

namespace metricstore::compute::vector {
namespace {

using columns::ColumnType;
using expression::Function;

enum class Unit {
  kYear,
  kQuarter,
  kMonth,
  kWeek,
  kDay,
  kHour,
  kMinute,
  kSecond,
  kDow,
  kIsodow,
  kDoy,
  kEpoch
};

std::optional<Unit> UnitOf(const RowCallContext& context) {
  constexpr std::pair<std::string_view, Unit> kUnits[] = {
      {"year", Unit::kYear},     {"quarter", Unit::kQuarter}, {"month", Unit::kMonth},
      {"week", Unit::kWeek},     {"day", Unit::kDay},         {"hour", Unit::kHour},
      {"minute", Unit::kMinute}, {"second", Unit::kSecond},   {"dow", Unit::kDow},
      {"isodow", Unit::kIsodow}, {"doy", Unit::kDoy},         {"epoch", Unit::kEpoch}};
  for (const auto& [name, unit] : kUnits) {
    if (!context.parameters.texts.empty() && context.parameters.texts[0] == name) return unit;
  }
  return std::nullopt;
}

// A time as days and what is left of the day: of dates and of instants.
struct DateParts {
  static int64_t Days(int64_t date) { return date; }
  static int64_t Rest(int64_t) { return 0; }
};
struct InstantParts {
  static int64_t Days(int64_t micros) { return FloorDivide(micros, kMicrosOfDay); }
  static int64_t Rest(int64_t micros) { return FloorModulo(micros, kMicrosOfDay); }
};

int64_t DayOfYear(int64_t days) {
  return days - DaysOf({.year = DateOf(days).year, .month = 1, .day = 1}) + 1;
}

// ISO 8601: the week of a year's first Thursday is its first.
int64_t IsoWeek(int64_t days) {
  const int64_t thursday = days - DaysSinceMonday(days) + 3;
  return (DayOfYear(thursday) - 1) / 7 + 1;
}

constexpr int64_t MicrosOf(Unit unit) {
  switch (unit) {
    case Unit::kHour:
      return 3600 * kMicrosOfSecond;
    case Unit::kMinute:
      return 60 * kMicrosOfSecond;
    case Unit::kSecond:
      return kMicrosOfSecond;
    default:
      return kMicrosOfDay;
  }
}

// The first day of the unit that has `days`.
int64_t StartOf(Unit unit, int64_t days) {
  const CivilDate date = DateOf(days);
  switch (unit) {
    case Unit::kYear:
      return DaysOf({.year = date.year, .month = 1, .day = 1});
    case Unit::kQuarter:
      return DaysOf({.year = date.year, .month = (date.month - 1) / 3 * 3 + 1, .day = 1});
    case Unit::kMonth:
      return days - date.day + 1;
    case Unit::kWeek:
      return days - DaysSinceMonday(days);
    default:
      return days;
  }
}

bool HasClock(Unit unit) {
  return unit == Unit::kHour || unit == Unit::kMinute || unit == Unit::kSecond;
}

template <typename Parts>
void WholePart(Unit unit, const Operand* in, Operand* out, size_t rows) {
  const auto of_days = [&](const auto& of) {
    MapRows<int64_t, int64_t>(in, out, rows, [&](int64_t time) { return of(Parts::Days(time)); });
  };
  switch (unit) {
    case Unit::kYear:
      return of_days([](int64_t days) { return DateOf(days).year; });
    case Unit::kQuarter:
      return of_days([](int64_t days) { return int64_t{(DateOf(days).month - 1) / 3 + 1}; });
    case Unit::kMonth:
      return of_days([](int64_t days) { return int64_t{DateOf(days).month}; });
    case Unit::kWeek:
      return of_days(IsoWeek);
    case Unit::kDay:
      return of_days([](int64_t days) { return int64_t{DateOf(days).day}; });
    case Unit::kDow:
      return of_days([](int64_t days) { return (DaysSinceMonday(days) + 1) % 7; });
    case Unit::kIsodow:
      return of_days([](int64_t days) { return DaysSinceMonday(days) + 1; });
    case Unit::kDoy:
      return of_days(DayOfYear);
    default:
      break;
  }
  const int64_t micros = MicrosOf(unit);
  const int64_t units = unit == Unit::kHour ? 24 : 60;
  MapRows<int64_t, int64_t>(in, out, rows,
                            [&](int64_t time) { return Parts::Rest(time) / micros % units; });
}

template <typename Parts>
void DatePart(const RowCallContext& context, const Operand* in, Operand* out, size_t rows) {
  const std::optional<Unit> unit = UnitOf(context);
  if (!unit.has_value()) return MakeNull<int64_t>(out, rows);
  constexpr double kSeconds = kMicrosOfSecond;
  if (*unit == Unit::kSecond) {
    return MapRows<int64_t, double>(in, out, rows, [](int64_t time) {
      return static_cast<double>(Parts::Rest(time) % (60 * kMicrosOfSecond)) / kSeconds;
    });
  }
  if (*unit != Unit::kEpoch) return WholePart<Parts>(*unit, in, out, rows);
  MapRows<int64_t, double>(in, out, rows, [](int64_t time) {
    // Whole seconds are doubles; micros of far years are not.
    const double rest = static_cast<double>(Parts::Rest(time)) / kSeconds;
    return static_cast<double>(Parts::Days(time)) * 86'400 + rest;
  });
}

template <typename Parts>
void DateTrunc(const RowCallContext& context, const Operand* in, Operand* out, size_t rows) {
  const std::optional<Unit> unit = UnitOf(context);
  if (!unit.has_value()) return MakeNull<int64_t>(out, rows);
  const int64_t micros = MicrosOf(*unit);
  const bool has_clock = HasClock(*unit);
  const int64_t* const times = in[0].as<int64_t>();
  MapPresentRows<int64_t>(in, 1, out, rows, [&](size_t row, int64_t* result) {
    const int64_t days = Parts::Days(times[row]);
    const int64_t rest = Parts::Rest(times[row]);
    const int64_t start = has_clock ? days : StartOf(*unit, days);
    const int64_t kept = has_clock ? rest - rest % micros : 0;
    return !__builtin_mul_overflow(start, kMicrosOfDay, result) &&
           !__builtin_add_overflow(*result, kept, result);
  });
}

// The number of a unit, counted through. Weeks are not: DuckDB's are seven days each from the first
// of the two times.
template <typename Parts>
int64_t NumberOf(Unit unit, int64_t time) {
  const int64_t days = Parts::Days(time);
  const CivilDate date = DateOf(days);
  switch (unit) {
    case Unit::kYear:
      return date.year;
    case Unit::kQuarter:
      return date.year * 4 + (date.month - 1) / 3;
    case Unit::kMonth:
      return date.year * 12 + date.month - 1;
    default:
      break;
  }
  const int64_t micros = MicrosOf(unit);
  return days * (kMicrosOfDay / micros) + Parts::Rest(time) / micros;
}

template <typename Parts>
void DateDiff(const RowCallContext& context, const Operand* in, Operand* out, size_t rows) {
  const std::optional<Unit> unit = UnitOf(context);
  if (!unit.has_value()) return MakeNull<int64_t>(out, rows);
  if (*unit == Unit::kWeek) {
    return MapRows2<int64_t, int64_t>(in, out, rows, [](int64_t from, int64_t to) {
      return (Parts::Days(to) - Parts::Days(from)) / 7;
    });
  }
  MapRows2<int64_t, int64_t>(in, out, rows, [&](int64_t from, int64_t to) {
    return NumberOf<Parts>(*unit, to) - NumberOf<Parts>(*unit, from);
  });
}

template <typename Parts>
RowFunction FunctionOfParts(Function function) {
  switch (function) {
    case Function::kDatePart:
      return DatePart<Parts>;
    case Function::kDateTrunc:
      return DateTrunc<Parts>;
    case Function::kDateDiff:
      return DateDiff<Parts>;
    default:
      return nullptr;
  }
}

}  // namespace

RowFunction TimeFunction(Function function, ColumnType argument) {
  return argument == ColumnType::kDate ? FunctionOfParts<DateParts>(function)
                                       : FunctionOfParts<InstantParts>(function);
}

}  // namespace metricstore::compute::vector
