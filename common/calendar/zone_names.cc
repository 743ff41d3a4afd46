#include "common/calendar/zone_names.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "common/status/error.h"

namespace metricstore::calendar {
namespace {

// Zones and links of tzdata.zi, beside the zones themselves: "Z Asia/Tokyo 9:18:59 - LMT ..." and
// "L Asia/Tokyo Japan" (zic(8)).
std::vector<std::string> ZoneNames() {
  const char* const folder = std::getenv("TZDIR");  // where absl looks as well
  std::ifstream file(std::string(folder == nullptr ? "/usr/share/zoneinfo" : folder) +
                     "/tzdata.zi");
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind, name, link;
    if (!(words >> kind >> name)) continue;
    if (kind == "Z") names.push_back(name);
    if (kind == "L" && words >> link) names.push_back(link);
  }
  return names;
}

}  // namespace

std::string NearestZone(std::string_view name) { return status::ClosestMatch(name, ZoneNames()); }

}  // namespace metricstore::calendar
