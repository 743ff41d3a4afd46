#include "common/time/grain.h"

#include <iterator>

namespace metricstore {
namespace {

// In the order of the enum, which starts at 1.
constexpr std::string_view kNames[] = {"hour", "day", "week", "month", "quarter", "year"};

}  // namespace

std::string_view GrainName(Grain grain) { return kNames[static_cast<int>(grain) - 1]; }

std::optional<Grain> ParseGrain(std::string_view name) {
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<Grain>(i + 1);
  }
  return std::nullopt;
}

}  // namespace metricstore
