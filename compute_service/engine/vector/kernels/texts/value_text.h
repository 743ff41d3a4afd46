// Values as texts, printed and read as DuckDB's casts do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace metricstore::compute::vector {

// The shortest digits that read back as the same number: "1.0", "0.0001", "1e-05", "1e+16", "nan",
// "inf".
std::string RealText(double value);
// "2024-01-02", "0045-03-15 (BC)".
std::string DateText(int64_t days);
// "2024-01-02 03:04:05", with a fraction where it is not zero, without zeroes at its end.
std::string InstantText(int64_t micros);

// The text without spaces, tabs and line ends around it.
std::string_view WithoutSpaces(std::string_view text);

// Spaces around numbers and times are skipped; underscores may stand between digits.
std::optional<double> ReadReal(std::string_view text);
// Also of decimal and exponent forms (halves away from zero), and 0x1F, 0b11.
std::optional<int64_t> ReadInteger(std::string_view text);
// true, t, yes, y, 1 and their opposites, in any case.
std::optional<bool> ReadCondition(std::string_view text);
// Year, month and day between "-" or "/"; a time of day after them is checked and left out.
std::optional<int64_t> ReadDate(std::string_view text);
// A date, or one with a time of day after "T" or a space: hours and minutes, then seconds with a
// fraction, then Z, UTC or an offset from it; without one it is UTC.
std::optional<int64_t> ReadInstant(std::string_view text);

}  // namespace metricstore::compute::vector
