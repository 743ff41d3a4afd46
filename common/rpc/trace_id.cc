#include "common/rpc/trace_id.h"

#include <algorithm>
#include <cstdint>
#include <random>

#include "absl/strings/str_format.h"

namespace metricstore::rpc {
namespace {

// "00-<32 hex>-<16 hex>-<2 hex>"; later versions may be longer.
constexpr size_t kTraceIdStart = 3;
constexpr size_t kTraceIdSize = 32;
constexpr size_t kTraceparentSize = 55;

bool IsLowerHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

std::string NewTraceId() {
  thread_local std::mt19937_64 random{[] {
    std::random_device device;
    return (static_cast<uint64_t>(device()) << 32) | device();
  }()};
  return absl::StrFormat("%016x%016x", random(), random() | 1);  // all zeros means none
}

}  // namespace

std::string TraceIdFrom(std::string_view traceparent) {
  if (traceparent.size() < kTraceparentSize || traceparent[2] != '-' ||
      traceparent[kTraceIdStart + kTraceIdSize] != '-' || traceparent.substr(0, 2) == "ff") {
    return NewTraceId();
  }
  const std::string_view id = traceparent.substr(kTraceIdStart, kTraceIdSize);
  const bool all_zeros = std::all_of(id.begin(), id.end(), [](char c) { return c == '0'; });
  if (all_zeros || !std::all_of(id.begin(), id.end(), IsLowerHex)) return NewTraceId();
  return std::string(id);
}

}  // namespace metricstore::rpc
