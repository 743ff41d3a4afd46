// Texts as sequences of Unicode code points. Bytes that are no UTF-8 count as one each.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace metricstore::compute::vector {

inline bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// Bytes of the code point that `text`, which is not empty, starts with.
inline size_t PointBytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t wanted = lead < 0xC0 ? 1 : (lead < 0xE0 ? 2 : (lead < 0xF0 ? 3 : 4));
  size_t bytes = 1;
  while (bytes < std::min(wanted, text.size()) && IsContinuation(text[bytes])) ++bytes;
  return bytes;
}

inline size_t CountPoints(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); at += PointBytes(text.substr(at))) ++count;
  return count;
}

// Where the code point number `points`, from 0, starts; the end of the text where it has no more.
inline size_t OffsetOf(std::string_view text, size_t points) {
  size_t at = 0;
  for (; points > 0 && at < text.size(); --points) at += PointBytes(text.substr(at));
  return at;
}

// The code point that `text` starts with, of `bytes` bytes.
inline uint32_t PointOf(std::string_view text, size_t bytes) {
  const auto lead = static_cast<unsigned char>(text[0]);
  uint32_t point = bytes == 1 ? lead : lead & (0xFF >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i)
    point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  return point;
}

// Appends a code point below U+10000.
inline void AppendPoint(uint32_t point, std::string* text) {
  if (point < 0x80) {
    text->push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    text->push_back(static_cast<char>(0xC0 | point >> 6));
    text->push_back(static_cast<char>(0x80 | (point & 0x3F)));
  } else {
    text->push_back(static_cast<char>(0xE0 | point >> 12));
    text->push_back(static_cast<char>(0x80 | (point >> 6 & 0x3F)));
    text->push_back(static_cast<char>(0x80 | (point & 0x3F)));
  }
}

}  // namespace metricstore::compute::vector
