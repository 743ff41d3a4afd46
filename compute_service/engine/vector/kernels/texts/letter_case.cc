#include "compute_service/engine/vector/kernels/texts/letter_case.h"

#include <cstdint>

#include "compute_service/engine/vector/kernels/texts/utf8_text.h"

namespace metricstore::compute::vector {
namespace {

// Upper case letters [first, last], each `step` after the one before; `distance` to lower case.
struct LetterRange {
  uint32_t first;
  uint32_t last;
  uint32_t step;
  int32_t distance;
};

constexpr LetterRange kLetters[] = {
    {0x41, 0x5A, 1, 32},    {0xC0, 0xD6, 1, 32},        {0xD8, 0xDE, 1, 32},
    {0x100, 0x12E, 2, 1},   {0x132, 0x136, 2, 1},       {0x139, 0x147, 2, 1},
    {0x14A, 0x176, 2, 1},   {0x178, 0x178, 1, -121},    {0x179, 0x17D, 2, 1},
    {0x1CD, 0x1DB, 2, 1},   {0x1DE, 0x1EE, 2, 1},       {0x1F8, 0x21E, 2, 1},
    {0x222, 0x232, 2, 1},   {0x246, 0x24E, 2, 1},       {0x386, 0x386, 1, 38},
    {0x388, 0x38A, 1, 37},  {0x38C, 0x38C, 1, 64},      {0x38E, 0x38F, 1, 63},
    {0x391, 0x3A1, 1, 32},  {0x3A3, 0x3AB, 1, 32},      {0x400, 0x40F, 1, 80},
    {0x410, 0x42F, 1, 32},  {0x460, 0x480, 2, 1},       {0x48A, 0x4BE, 2, 1},
    {0x4C0, 0x4C0, 1, 15},  {0x4C1, 0x4CD, 2, 1},       {0x4D0, 0x52E, 2, 1},
    {0x1E00, 0x1E94, 2, 1}, {0x1E9E, 0x1E9E, 1, -7615}, {0x1EA0, 0x1EFE, 2, 1},
};

// Lower case letters whose upper case is that of another letter too.
struct OneWay {
  uint32_t from;
  uint32_t to;
};
constexpr OneWay kOnlyUp[] = {{0xB5, 0x39C}, {0x131, 0x49}, {0x17F, 0x53}, {0x3C2, 0x3A3}};
constexpr OneWay kOnlyDown[] = {{0x130, 0x69}};

uint32_t LowerOf(uint32_t point) {
  for (const OneWay& way : kOnlyDown) {
    if (way.from == point) return way.to;
  }
  for (const LetterRange& range : kLetters) {
    if (point < range.first || point > range.last) continue;
    if ((point - range.first) % range.step == 0) {
      return point + static_cast<uint32_t>(range.distance);
    }
  }
  return point;
}

uint32_t UpperOf(uint32_t point) {
  for (const OneWay& way : kOnlyUp) {
    if (way.from == point) return way.to;
  }
  for (const LetterRange& range : kLetters) {
    const uint32_t upper = point - static_cast<uint32_t>(range.distance);
    if (upper < range.first || upper > range.last) continue;
    if ((upper - range.first) % range.step == 0) return upper;
  }
  return point;
}

template <uint32_t (*kOf)(uint32_t)>
std::string Mapped(std::string_view text) {
  std::string mapped;
  mapped.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const size_t bytes = PointBytes(rest);
    const auto lead = static_cast<unsigned char>(rest[0]);
    const bool is_point = bytes > 1 || lead < 0x80;
    const uint32_t point = is_point ? PointOf(rest, bytes) : 0;
    const uint32_t other = is_point ? kOf(point) : 0;
    if (other == point) {
      mapped.append(rest.substr(0, bytes));
    } else {
      AppendPoint(other, &mapped);
    }
    at += bytes;
  }
  return mapped;
}

}  // namespace

std::string ToLower(std::string_view text) { return Mapped<LowerOf>(text); }
std::string ToUpper(std::string_view text) { return Mapped<UpperOf>(text); }

}  // namespace metricstore::compute::vector
