// Sets of dates, and what finished backfills have seen.
#include "registry_service/query/freshness_coverage.h"

#include <deque>

#include "gmock/gmock.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

absl::CivilDay May(int day) { return absl::CivilDay(2024, 5, day); }
DateRange Days(int start, int end) { return {May(start), May(end)}; }
absl::Time At(int hour) {
  return absl::FromCivil(absl::CivilHour(2024, 6, 1, hour), absl::UTCTimeZone());
}

TEST(DateRangesTest, AreKeptApartAndInOrder) {
  EXPECT_THAT(Merged({Days(7, 9), Days(1, 3), Days(3, 5), Days(4, 4)}),
              ElementsAre(Days(1, 5), Days(7, 9)));
  EXPECT_THAT(Merged({Days(1, 9), Days(2, 3)}), ElementsAre(Days(1, 9)));
}

TEST(DateRangesTest, AreCut) {
  struct Case {
    DateRanges dates, others, left;
  };
  for (const Case& c : {
           Case{{Days(1, 10)}, {}, {Days(1, 10)}},
           Case{{Days(1, 10)}, {Days(1, 10)}, {}},
           Case{{Days(1, 10)}, {Days(3, 4), Days(6, 20)}, {Days(1, 3), Days(4, 6)}},
           Case{{Days(1, 4), Days(6, 9)}, {Days(3, 7)}, {Days(1, 3), Days(7, 9)}},
           Case{{Days(5, 6), Days(8, 9)}, {Days(1, 2), Days(8, 12)}, {Days(5, 6)}},
       }) {
    EXPECT_EQ(Without(c.dates, c.others), c.left);
  }
  EXPECT_THAT(Within({Days(1, 4), Days(6, 9), Days(12, 14)}, Days(3, 8)),
              ElementsAre(Days(3, 4), Days(6, 8)));
}

TEST(SnapshotTest, SeesTransactionsThatWereOver) {
  const auto snapshot = ParseSnapshot("10:20:10,14");
  ASSERT_OK(snapshot);
  for (const uint64_t seen : {1, 9, 11, 19}) EXPECT_TRUE(snapshot->Sees(seen)) << seen;
  for (const uint64_t unseen : {10, 14, 20, 21}) EXPECT_FALSE(snapshot->Sees(unseen)) << unseen;
  ASSERT_OK(ParseSnapshot("20:20:"));
  for (const char* text : {"", "20", "10:20", "a:b:", "10:20:x", "1:2:3:4"}) {
    EXPECT_EQ(ParseSnapshot(text).status().code(), absl::StatusCode::kInternal) << text;
  }
}

TEST(CameBeforeTest, ComparesTransactionsAndInDoubtTimes) {
  struct Case {
    std::string name;
    Acceptance accepted;
    JobStart job;
    bool before;
  };
  const Snapshot snapshot{.end = 20, .running = {14}};
  const absl::Duration days = absl::Hours(48);
  for (const Case& c : {
           Case{"over", {At(1), 13}, {At(2), snapshot}, true},
           Case{"running", {At(1), 14}, {At(2), snapshot}, false},
           Case{"not begun", {At(1), 20}, {At(2), snapshot}, false},
           Case{"of another cluster, long ago", {At(1) - days, 900}, {At(2), snapshot}, true},
           Case{"of another cluster, just now", {At(1), 900}, {At(2), snapshot}, false},
           Case{"of a new cluster, job of the old one", {At(3), 5}, {At(2), snapshot}, false},
           Case{"no transaction, before", {At(1), {}}, {At(2), snapshot}, true},
           Case{"no transaction, after", {At(3), {}}, {At(2), snapshot}, false},
           Case{"no snapshot, before", {At(1), 900}, {At(2), {}}, true},
           Case{"no snapshot, after", {At(3), 1}, {At(2), {}}, false},
       }) {
    EXPECT_EQ(CameBefore(c.accepted, c.job), c.before) << c.name;
  }
}

class CoversTest : public ::testing::Test {
 protected:
  // Jobs are created hour by hour.
  const JobStart* Job(int hour) { return &jobs_.emplace_back(JobStart{.at = At(hour)}); }
  static Change Rows(DateRange dates, int hour) { return {dates, {.at = At(hour)}}; }

  std::deque<JobStart> jobs_;
};

TEST_F(CoversTest, TheNewestJobOfADateCounts) {
  const JobStart* const old = Job(1);
  const JobStart* const middle = Job(2);
  const JobStart* const newest = Job(3);
  const auto covers =
      NewestCovers({{Days(5, 7), newest}, {Days(6, 10), middle}, {Days(1, 20), old}});
  ASSERT_EQ(covers.size(), 4u);
  const std::vector<std::pair<DateRange, const JobStart*>> expected = {
      {Days(1, 5), old}, {Days(5, 7), newest}, {Days(7, 10), middle}, {Days(10, 20), old}};
  for (size_t i = 0; i < covers.size(); ++i) {
    EXPECT_EQ(covers[i].dates, expected[i].first);
    EXPECT_EQ(covers[i].job, expected[i].second);
  }
  EXPECT_THAT(DatesOf(covers), ElementsAre(Days(1, 20)));
}

TEST_F(CoversTest, WhatCameAfterTheNewestJobOfItsDatesIsUnmet) {
  const auto covers = NewestCovers({{Days(5, 8), Job(3)}, {Days(1, 10), Job(1)}});
  struct Case {
    std::vector<Change> changes;
    DateRanges computed_before, never_computed;
  };
  for (const Case& c : {
           Case{{}, {}, {}},
           Case{{Rows(Days(1, 10), 0)}, {}, {}},
           Case{{Rows(Days(5, 6), 2)}, {}, {}},
           Case{{Rows(Days(3, 6), 2)}, {Days(3, 5)}, {}},
           Case{{Rows(Days(3, 9), 2), Rows(Days(6, 7), 4)},
                {Days(3, 5), Days(6, 7), Days(8, 9)},
                {}},
           Case{{Rows(Days(9, 12), 0)}, {}, {Days(10, 12)}},
           Case{{Rows(Days(9, 12), 4)}, {Days(9, 10)}, {Days(10, 12)}},
       }) {
    const UnmetDates unmet = FindUnmet(c.changes, covers);
    EXPECT_EQ(unmet.computed_before, c.computed_before);
    EXPECT_EQ(unmet.never_computed, c.never_computed);
  }
  EXPECT_THAT(FindUnmet({Rows(Days(1, 3), 0)}, {}).computed_before, IsEmpty());
}

}  // namespace
}  // namespace metricstore::registry
