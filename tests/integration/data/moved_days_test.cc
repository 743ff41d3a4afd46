// A calendar that starts its days at other instants: what is computed again replaces the points of
// its dates, and no others.

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/integration/data/freshness_fixture.h"
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

// 24_7 as it is with days that start at other instants.
std::string CalendarOf(const std::string& zone, const std::string& open, const std::string& close) {
  std::string yaml = kCalendar;
  yaml.replace(yaml.find("ZONE"), 4, zone);
  yaml.replace(yaml.find("OPEN"), 4, open);
  yaml.replace(yaml.find("CLOSE"), 5, close);
  return yaml;
}

class MovedDaysTest : public DataTest {
 protected:
  MovedDaysTest() { StoreMinutes("SPY", Utc(2024, 1, 1), 40 * 24 * 60); }

  void StartDays(const std::string& zone, const std::string& open, const std::string& close) {
    ASSERT_OK(Import(CalendarOf(zone, open, close)));
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

// Hours keep their instants, and backfills are known by dates.
class MovedHoursTest : public FreshnessTest {
 protected:
  // Rows from 1 to 12 January, 24:00 UTC.
  MovedHoursTest() { StoreMinutes("SPY", Utc(2024, 1, 1), 12 * 24 * 60); }

  void ComputeHours(int first, int last) {
    Compute({.metrics = {"prices/hourly_volume"},
             .dates = Dates(absl::CivilDay(2024, 1, first), absl::CivilDay(2024, 1, last + 1))});
  }
  std::string Hours() { return Text("prices/hourly_volume"); }
};

TEST_F(MovedHoursTest, HoursAtTheEndOfWhatWasComputedAreToBeComputed) {
  ComputeHours(1, 5);
  ComputeHours(9, 12);
  ASSERT_OK(Import(CalendarOf("America/New_York", "00:00", "24:00")));
  // To 05:00 UTC of the sixth and of the thirteenth; what lies before the first is on 31 December.
  ComputeHours(6, 8);
  EXPECT_EQ(Hours(), "7 0 1, 5 6, 12 13");
  ComputeHours(0, 0);
  EXPECT_EQ(Hours(), "8 5 6, 12 13");
  ComputeHours(5, 12);
  EXPECT_EQ(Hours(), "1");
}

TEST_F(MovedHoursTest, RowsThatNoBackfillSawStayToBeComputed) {
  ComputeHours(0, 12);
  StoreLate(Utc(2024, 1, 5, 2), 7);
  StoreLate(Utc(2024, 1, 9, 2), 7);
  EXPECT_EQ(Hours(), "7 5 6, 9 10");
  ComputeHours(9, 9);
  ComputeHours(4, 4);
  EXPECT_EQ(Hours(), "7 5 6");
  // The row of the fifth comes to lie on the fourth, which was computed after it came; that of the
  // ninth on the eighth, which was not, so that it is computed once more than it need be.
  ASSERT_OK(Import(CalendarOf("America/New_York", "00:00", "24:00")));
  EXPECT_EQ(Hours(), "7 4 6, 8 9, 12 13");
  ComputeHours(4, 12);
  EXPECT_EQ(Hours(), "1");
}

}  // namespace
}  // namespace metricstore::registry
