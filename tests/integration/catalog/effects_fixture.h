// Stored results and the marks that changes of the catalogue leave on them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/time/grain.h"
#include "registry_service/catalog/plan/import_planner.h"
#include "tests/integration/catalog/catalog_fixture.h"

namespace metricstore::registry {

// Tuesday 2 January to Friday 29 March 2024, but for weekends.
inline constexpr absl::CivilDay kFirst(2024, 1, 2);
inline constexpr absl::CivilDay kLast(2024, 3, 29);

// XNYS with one more holiday.
DefinitionFile WithHoliday(const std::string& date);
// The file with a change for good: `rule` among its sessions.
DefinitionFile WithSession(const std::string& rule);
// A metric price/`name` over fact_bars that sums its volume; `more` are further lines.
DefinitionFile MetricOf(const std::string& name, const std::string& window,
                        const std::string& more = "");

// "price/opening v1 day 2/5 2024-01-15..2024-01-16 FIRST LAST": series, points, dates and buckets.
std::vector<std::string> StaleLines(const std::vector<StaleResults>& list);

class EffectsTest : public CatalogTest {
 protected:
  void SetUp() override;

  // Pretends that a backfill stored a point for every bucket of these dates, each the number of its
  // bucket from 1.
  void Store(const std::string& id, Grain grain, const std::string& entity = "ACME",
             int version = 1);
  // Pretends that price/opening is computed by the day, and what `more` says.
  void AddJob(const std::string& state, const std::string& start, const std::string& end,
              const std::string& more = "");
  // "price/opening v1 day 2024-01-15..2024-01-16", of that cause.
  std::vector<std::string> Marks(const std::string& cause = "calendar");
  // The lines of a text.
  static std::vector<std::string> LinesOf(const std::string& text);

  ImportPlanner planner_{pool_, tests_};
};

}  // namespace metricstore::registry
