// A calendar that starts its days at other instants: what is computed again replaces the points of
// its dates, and no others.

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/integration/data/data_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

constexpr char kCalendar[] = R"yaml(
kind: calendar
name: 24_7
description: Every day.
time_zone: ZONE
first_date: 2000-01-01
last_date: 2030-12-31
open_days: [mon, tue, wed, thu, fri, sat, sun]
sessions:
  - {name: all, open: "OPEN", close: "CLOSE"}
)yaml";

class MovedDaysTest : public DataTest {
 protected:
  MovedDaysTest() { StoreMinutes("SPY", Utc(2024, 1, 1), 40 * 24 * 60); }

  void StartDays(const std::string& zone, const std::string& open, const std::string& close) {
    std::string yaml = kCalendar;
    yaml.replace(yaml.find("ZONE"), 4, zone);
    yaml.replace(yaml.find("OPEN"), 4, open);
    yaml.replace(yaml.find("CLOSE"), 5, close);
    ASSERT_OK(Import(yaml));
  }

  // Stores a point on each of these dates of January, each `value` and its day.
  void Compute(int first, int last, int value) {
    ASSERT_OK(CreateBackfill({"last_close"},
                             {absl::CivilDay(2024, 1, first), absl::CivilDay(2024, 1, last + 1)}));
    const auto shards = LeaseAll();
    ASSERT_EQ(shards.size(), 1u);
    const ShardSpec& spec = shards[0].spec;
    const auto calendar = calendars_.Get(project_, spec.calendar, spec.calendar_version, {});
    ASSERT_OK(calendar);
    Points points;
    for (int day = first; day <= last; ++day) {
      points.bucket_starts.push_back(
          ToMicros((*calendar)->ExtentOf(absl::CivilDay(2024, 1, day)).start));
      points.values.push_back(value + day);
    }
    ShardResults results;
    results[{spec.metrics[0], "SPY"}] = std::move(points);
    ASSERT_OK(committer_.Commit({shards[0].shard_id, shards[0].fence}, results, {}, {}));
  }

  // "10=110 11=111": every stored point by its date.
  std::string Stored() {
    return Select(
        "SELECT string_agg(extract(day FROM date) || '=' || metric_value, ' ' ORDER BY date, "
        "metric_value) FROM metric_events");
  }
};

TEST_F(MovedDaysTest, ADateThatIsComputedAgainReplacesItselfAlone) {
  Compute(10, 14, 100);
  ASSERT_EQ(Stored(), "10=110 11=111 12=112 13=113 14=114\n");
  StartDays("UTC", "18:00-1d", "18:00");
  EXPECT_EQ(Stored(), "10=110 11=111 12=112 13=113 14=114\n");
  Compute(12, 12, 200);
  EXPECT_EQ(Stored(), "10=110 11=111 12=212 13=113 14=114\n");
  Compute(10, 14, 300);
  EXPECT_EQ(Stored(), "10=310 11=311 12=312 13=313 14=314\n");
  EXPECT_EQ(Number("SELECT count(*) FROM metric_chunk WHERE bucket_starts[1]::time <> '18:00'"), 0);
  // And back.
  StartDays("UTC", "00:00", "24:00");
  Compute(12, 12, 400);
  EXPECT_EQ(Stored(), "10=310 11=311 12=412 13=313 14=314\n");
}

TEST_F(MovedDaysTest, SoDoesOneOfAnotherZone) {
  Compute(10, 14, 100);
  StartDays("Asia/Kolkata", "00:00", "24:00");
  Compute(10, 10, 200);
  EXPECT_EQ(Stored(), "10=210 11=111 12=112 13=113 14=114\n");
  StartDays("America/New_York", "00:00", "24:00");
  Compute(14, 14, 300);
  EXPECT_EQ(Stored(), "10=210 11=111 12=112 13=113 14=314\n");
}

}  // namespace
}  // namespace metricstore::registry
