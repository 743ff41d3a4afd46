// Numbers in network byte order, as binary COPY has them. Internal to this folder.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

namespace metricstore::pg {

static_assert(std::endian::native == std::endian::little, "bytes are always swapped");

template <typename Integer>
Integer SwapBytes(Integer value) {
  if constexpr (sizeof(Integer) == 1) {
    return value;
  } else if constexpr (sizeof(Integer) == 2) {
    return static_cast<Integer>(__builtin_bswap16(static_cast<uint16_t>(value)));
  } else if constexpr (sizeof(Integer) == 4) {
    return static_cast<Integer>(__builtin_bswap32(static_cast<uint32_t>(value)));
  } else {
    return static_cast<Integer>(__builtin_bswap64(static_cast<uint64_t>(value)));
  }
}

template <typename Integer>
Integer LoadBigEndian(const char* bytes) {
  static_assert(std::is_integral_v<Integer>);
  Integer value;
  std::memcpy(&value, bytes, sizeof value);
  return SwapBytes(value);
}

template <typename Integer>
void AppendBigEndian(std::string& buffer, Integer value) {
  static_assert(std::is_integral_v<Integer>);
  value = SwapBytes(value);
  buffer.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace metricstore::pg
