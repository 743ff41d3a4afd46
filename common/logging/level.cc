// The names of the levels.
#include "common/logging/logging.h"

namespace metricstore::logging {
namespace {

constexpr struct {
  Level level;
  std::string_view name;
} kLevelNames[] = {
    {Level::kDebug, "debug"},
    {Level::kInfo, "info"},
    {Level::kWarning, "warning"},
    {Level::kError, "error"},
};

}  // namespace

std::string_view LevelName(Level level) {
  for (const auto& entry : kLevelNames) {
    if (entry.level == level) return entry.name;
  }
  return "error";
}

std::optional<Level> ParseLevel(std::string_view name) {
  for (const auto& entry : kLevelNames) {
    if (entry.name == name) return entry.level;
  }
  return std::nullopt;
}

std::vector<std::string> LevelNames() {
  std::vector<std::string> names;
  for (const auto& entry : kLevelNames) names.emplace_back(entry.name);
  return names;
}

}  // namespace metricstore::logging
