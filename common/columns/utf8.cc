#include "common/columns/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace metricstore::columns {
namespace {

// Whether every byte lies in 1..127.
bool IsPlainAscii(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  constexpr uint64_t kLowBits = 0x0101010101010101;
  size_t at = 0;
  for (; at + sizeof(uint64_t) <= text.size(); at += sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, text.data() + at, sizeof(word));
    // With the high bits clear, subtracting one from each byte borrows into them only where it is
    // 0.
    if (((word | (word - kLowBits)) & kHighBits) != 0) return false;
  }
  for (; at < text.size(); ++at) {
    if (static_cast<signed char>(text[at]) <= 0) return false;
  }
  return true;
}

// Bytes of the character that `lead` starts, or 0 if it starts none. Also gives the range of its
// second byte, which is what excludes overlong forms, surrogates and values above U+10FFFF.
size_t CharacterBytes(uint8_t lead, uint8_t* second_min, uint8_t* second_max) {
  *second_min = 0x80;
  *second_max = 0xBF;
  if (lead >= 0x01 && lead <= 0x7F) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (lead == 0xE0) *second_min = 0xA0;
    if (lead == 0xED) *second_max = 0x9F;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (lead == 0xF0) *second_min = 0x90;
    if (lead == 0xF4) *second_max = 0x8F;
    return 4;
  }
  return 0;
}

}  // namespace

bool IsStorableText(std::string_view text) {
  if (IsPlainAscii(text)) return true;
  size_t at = 0;
  while (at < text.size()) {
    uint8_t second_min = 0;
    uint8_t second_max = 0;
    const size_t bytes = CharacterBytes(static_cast<uint8_t>(text[at]), &second_min, &second_max);
    if (bytes == 0 || at + bytes > text.size()) return false;
    for (size_t i = 1; i < bytes; ++i) {
      const auto byte = static_cast<uint8_t>(text[at + i]);
      const uint8_t low = i == 1 ? second_min : 0x80;
      const uint8_t high = i == 1 ? second_max : 0xBF;
      if (byte < low || byte > high) return false;
    }
    at += bytes;
  }
  return true;
}

}  // namespace metricstore::columns
