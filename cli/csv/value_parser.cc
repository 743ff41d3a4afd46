#include "cli/csv/value_parser.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/time/civil_time.h"
#include "cli/output/concat.h"
#include "cli/output/number_text.h"
#include "common/time/iso8601.h"

namespace metricstore::cli {
namespace {

constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2200;
constexpr int kMicrosDigits = 6;
constexpr int kMaxFractionDigits = 9;

bool Refuse(std::string_view text, std::string_view what, std::string* fault) {
  *fault = Concat(Quoted(text), " ", what);
  return false;
}

// from_chars takes no plus sign, CSV files have it at times.
std::string_view WithoutPlus(std::string_view text) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

// Takes a number of exactly `digits` digits off the front of `text`.
bool TakeDigits(std::string_view* text, size_t digits, int* value) {
  if (text->size() < digits) return false;
  *value = 0;
  for (size_t i = 0; i < digits; ++i) {
    const char c = (*text)[i];
    if (c < '0' || c > '9') return false;
    *value = *value * 10 + (c - '0');
  }
  text->remove_prefix(digits);
  return true;
}

bool TakeChar(std::string_view* text, std::string_view accepted) {
  if (text->empty() || accepted.find(text->front()) == std::string_view::npos) return false;
  text->remove_prefix(1);
  return true;
}

bool TakeDate(std::string_view* text, absl::CivilDay* day) {
  int year = 0;
  int month = 0;
  int day_of_month = 0;
  if (!TakeDigits(text, 4, &year) || !TakeChar(text, "-") || !TakeDigits(text, 2, &month) ||
      !TakeChar(text, "-") || !TakeDigits(text, 2, &day_of_month)) {
    return false;
  }
  *day = absl::CivilDay(year, month, day_of_month);
  // CivilDay folds 02-30 into March.
  return year >= kFirstYear && year <= kLastYear && day->month() == month &&
         day->day() == day_of_month;
}

// ".123456": digits beyond the microsecond must be zero.
bool TakeFraction(std::string_view* text, int64_t* micros) {
  *micros = 0;
  if (!TakeChar(text, ".,")) return true;
  int digits = 0;
  while (digits < kMaxFractionDigits && !text->empty() && absl::ascii_isdigit(text->front())) {
    const int digit = text->front() - '0';
    if (digits < kMicrosDigits) {
      *micros = *micros * 10 + digit;
    } else if (digit != 0) {
      return false;
    }
    text->remove_prefix(1);
    ++digits;
  }
  for (int i = digits; i < kMicrosDigits; ++i) *micros *= 10;
  return digits > 0;
}

struct ClockReading {
  int hour = 0;
  int minute = 0;
  int second = 0;
  int64_t micros = 0;
};

// HH:MM[:SS[.ffffff]].
bool TakeClock(std::string_view* text, ClockReading* clock) {
  if (!TakeDigits(text, 2, &clock->hour) || !TakeChar(text, ":") ||
      !TakeDigits(text, 2, &clock->minute)) {
    return false;
  }
  if (TakeChar(text, ":")) {
    if (!TakeDigits(text, 2, &clock->second) || !TakeFraction(text, &clock->micros)) return false;
  }
  return clock->hour < 24 && clock->minute < 60 && clock->second < 60;
}

// "Z", "+05:30", "-0500", "+05"; nothing left means local time.
bool TakeOffset(std::string_view* text, bool* local, absl::Duration* offset) {
  *local = text->empty();
  if (*local || TakeChar(text, "Zz")) return true;
  const bool west = text->front() == '-';
  int hours = 0;
  int minutes = 0;
  if (!TakeChar(text, "+-") || !TakeDigits(text, 2, &hours)) return false;
  TakeChar(text, ":");
  if (!text->empty() && !TakeDigits(text, 2, &minutes)) return false;
  if (hours > 18 || minutes > 59) return false;
  *offset = absl::Hours(hours) + absl::Minutes(minutes);
  if (west) *offset = -*offset;
  return true;
}

}  // namespace

bool ParseFloat64(std::string_view text, double* value, std::string* fault) {
  const std::string_view digits = WithoutPlus(text);
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), *value);
  const bool whole = end.ptr == digits.data() + digits.size();
  if (end.ec == std::errc::result_out_of_range && whole) {
    return Refuse(text, "is beyond the range of a float64", fault);
  }
  if (end.ec != std::errc() || !whole) return Refuse(text, "is not a number", fault);
  if (!std::isfinite(*value)) return Refuse(text, "is not a finite number", fault);
  return true;
}

bool ParseInt64(std::string_view text, int64_t* value, std::string* fault) {
  std::string_view digits = WithoutPlus(text);
  const size_t point = digits.find('.');
  if (point != std::string_view::npos) {
    const std::string_view fraction = digits.substr(point + 1);
    const bool zeros =
        std::all_of(fraction.begin(), fraction.end(), [](char c) { return c == '0'; });
    if (!zeros) return Refuse(text, "is not a whole number", fault);
    digits = digits.substr(0, point);
  }
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), *value);
  const bool whole = end.ptr == digits.data() + digits.size();
  if (end.ec == std::errc::result_out_of_range && whole) {
    return Refuse(text, "is beyond the range of an int64", fault);
  }
  if (end.ec != std::errc() || !whole) return Refuse(text, "is not a whole number", fault);
  return true;
}

bool ParseBool(std::string_view text, uint8_t* value, std::string* fault) {
  const std::string word = absl::AsciiStrToLower(absl::string_view(text.data(), text.size()));
  if (word == "true" || word == "1" || word == "yes") {
    *value = 1;
  } else if (word == "false" || word == "0" || word == "no") {
    *value = 0;
  } else {
    return Refuse(text, "is neither true nor false", fault);
  }
  return true;
}

bool ParseDateField(std::string_view text, int32_t* value, std::string* fault) {
  std::string_view rest = text;
  absl::CivilDay day;
  if (!TakeDate(&rest, &day) || !rest.empty()) {
    return Refuse(text, "is not a date; YYYY-MM-DD is expected", fault);
  }
  *value = ToEpochDays(day);
  return true;
}

bool ParseTimestamp(std::string_view text, absl::TimeZone zone, int64_t* value,
                    std::string* fault) {
  constexpr std::string_view kExpected =
      "is not a time; YYYY-MM-DD HH:MM[:SS[.ffffff]][Z|+HH:MM] is expected";
  std::string_view rest = text;
  absl::CivilDay day;
  ClockReading clock;
  bool local = true;
  absl::Duration offset;
  if (!TakeDate(&rest, &day)) return Refuse(text, kExpected, fault);
  if (!rest.empty()) {
    if (!TakeChar(&rest, "Tt ") || !TakeClock(&rest, &clock) ||
        !TakeOffset(&rest, &local, &offset) || !rest.empty()) {
      return Refuse(text, kExpected, fault);
    }
  }
  const absl::CivilSecond reading(day.year(), day.month(), day.day(), clock.hour, clock.minute,
                                  clock.second);
  absl::Time instant;
  if (local) {
    const absl::TimeZone::TimeInfo info = zone.At(reading);
    if (info.kind == absl::TimeZone::TimeInfo::SKIPPED) {
      return Refuse(text, Concat("does not exist in ", zone.name(), " (clock change)"), fault);
    }
    instant = info.pre;
  } else {
    instant = absl::FromCivil(reading, absl::UTCTimeZone()) - offset;
  }
  *value = ToMicros(instant) + clock.micros;
  return true;
}

}  // namespace metricstore::cli
