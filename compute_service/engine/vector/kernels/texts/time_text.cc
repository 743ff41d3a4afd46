
#include "absl/strings/str_format.h"
#include "compute_service/engine/vector/kernels/texts/civil_days.h"
#include "compute_service/engine/vector/kernels/texts/value_text.h"

namespace metricstore::compute::vector {
namespace {

// No instant that fits into microseconds has more days.
constexpr int64_t kMostDays = INT64_MAX / kMicrosOfDay;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads a time from left to right.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(WithoutSpaces(text)) {}

  bool is_done() const { return rest_.empty(); }
  bool Take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool Take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  // One to `most` digits.
  bool TakeNumber(size_t most, int64_t* number) {
    size_t digits = 0;
    *number = 0;
    for (; digits < most && digits < rest_.size() && IsDigit(rest_[digits]); ++digits) {
      *number = *number * 10 + (rest_[digits] - '0');
    }
    rest_.remove_prefix(digits);
    return digits > 0;
  }
  // Digits after a point, as microseconds; those beyond are left out.
  bool TakeFraction(int64_t* micros) {
    int64_t unit = kMicrosOfSecond / 10;
    size_t digits = 0;
    for (; digits < rest_.size() && IsDigit(rest_[digits]); ++digits, unit /= 10) {
      *micros += unit * (rest_[digits] - '0');
    }
    rest_.remove_prefix(digits);
    return digits > 0;
  }

 private:
  std::string_view rest_;
};

bool ReadDays(TimeReader* reader, int64_t* days) {
  constexpr size_t kMostYearDigits = 6;
  const bool is_negative = reader->Take('-');
  int64_t year = 0;
  int64_t month = 0;
  int64_t day = 0;
  if (!reader->TakeNumber(kMostYearDigits, &year)) return false;
  const char separator = reader->Take('-') ? '-' : '/';
  if (separator == '/' && !reader->Take('/')) return false;
  if (!reader->TakeNumber(2, &month) || !reader->Take(separator)) return false;
  if (!reader->TakeNumber(2, &day) || month < 1 || month > 12) return false;
  const CivilDate date = {.year = is_negative ? -year : year,
                          .month = static_cast<int>(month),
                          .day = static_cast<int>(day)};
  *days = DaysOf(date);
  // The 30th of February is another month's day.
  const CivilDate back = DateOf(*days);
  return back.month == date.month && back.day == date.day && *days >= -kMostDays &&
         *days <= kMostDays;
}

// Midnight may be written as 24:00:00 of the day before.
bool ReadClock(TimeReader* reader, int64_t* micros) {
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  int64_t fraction = 0;
  if (!reader->TakeNumber(2, &hour) || !reader->Take(':') || !reader->TakeNumber(2, &minute)) {
    return false;
  }
  if (reader->Take(':')) {
    if (!reader->TakeNumber(2, &second)) return false;
    if (reader->Take('.') && !reader->TakeFraction(&fraction)) return false;
  }
  const int64_t seconds = hour * 3600 + minute * 60 + second;
  *micros = seconds * kMicrosOfSecond + fraction;
  return minute < 60 && second < 60 && *micros <= kMicrosOfDay && hour <= 24;
}

// Z, UTC, +02, -02:30; nothing is UTC.
bool ReadZone(TimeReader* reader, int64_t* offset_micros) {
  *offset_micros = 0;
  if (reader->is_done() || reader->Take('Z') || reader->Take(" UTC")) return true;
  const bool is_west = reader->Take('-');
  int64_t hours = 0;
  int64_t minutes = 0;
  if (!is_west && !reader->Take('+')) return false;
  if (!reader->TakeNumber(2, &hours)) return false;
  if (reader->Take(':') && !reader->TakeNumber(2, &minutes)) return false;
  const int64_t seconds = hours * 3600 + minutes * 60;
  *offset_micros = (is_west ? -seconds : seconds) * kMicrosOfSecond;
  return hours < 24 && minutes < 60;
}

}  // namespace

std::string DateText(int64_t days) {
  const CivilDate date = DateOf(days);
  if (date.year > 0) return absl::StrFormat("%04d-%02d-%02d", date.year, date.month, date.day);
  return absl::StrFormat("%04d-%02d-%02d (BC)", 1 - date.year, date.month, date.day);
}

std::string InstantText(int64_t micros) {
  const int64_t rest = FloorModulo(micros, kMicrosOfDay);
  const int64_t seconds = rest / kMicrosOfSecond;
  std::string text =
      absl::StrFormat("%s %02d:%02d:%02d", DateText(FloorDivide(micros, kMicrosOfDay)),
                      seconds / 3600, seconds / 60 % 60, seconds % 60);
  const int64_t fraction = rest % kMicrosOfSecond;
  if (fraction == 0) return text;
  absl::StrAppendFormat(&text, ".%06d", fraction);
  return text.erase(text.find_last_not_of('0') + 1);
}

std::optional<int64_t> ReadInstant(std::string_view text) {
  TimeReader reader(text);
  int64_t days = 0;
  if (!ReadDays(&reader, &days)) return std::nullopt;
  if (reader.is_done()) return days * kMicrosOfDay;
  if (!reader.Take('T') && !reader.Take(' ')) return std::nullopt;
  while (reader.Take(' ')) {
  }
  int64_t clock = 0;
  int64_t offset = 0;
  if (!ReadClock(&reader, &clock) || !ReadZone(&reader, &offset)) return std::nullopt;
  int64_t micros = days * kMicrosOfDay;
  const bool overflows = __builtin_add_overflow(micros, clock - offset, &micros);
  return reader.is_done() && !overflows ? std::optional(micros) : std::nullopt;
}

// The date as it is written, whatever the offset.
std::optional<int64_t> ReadDate(std::string_view text) {
  if (!ReadInstant(text).has_value()) return std::nullopt;
  TimeReader reader(text);
  int64_t days = 0;
  ReadDays(&reader, &days);
  return days;
}

}  // namespace metricstore::compute::vector
