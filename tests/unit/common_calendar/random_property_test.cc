// What holds for random calendars and windows; a plain re-telling of the rules is the judge.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "common/calendar/calendar_diff.h"
#include "common/calendar/grain_steps.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"
#include "tests/unit/common_calendar/random_calendars.h"
#include "tests/unit/common_calendar/window_teller.h"

namespace metricstore::calendar {
namespace {

using absl::CivilDay;

constexpr Grain kGrains[] = {Grain::kHour,  Grain::kDay,     Grain::kWeek,
                             Grain::kMonth, Grain::kQuarter, Grain::kYear};

std::string Trace(const Dice& dice, const Calendar& calendar) {
  return "METRICSTORE_TEST_SEED=" + std::to_string(dice.seed()) + " " + calendar.spec().time_zone;
}

std::vector<Bucket> Resolved(const Calendar& calendar, const Window& window, Grain grain,
                             DateRange dates) {
  const auto buckets = ResolveBuckets(calendar, window, grain, dates);
  EXPECT_OK(buckets);
  return buckets.ok() ? buckets->ToBuckets() : std::vector<Bucket>();
}

DateRange AllSteps(const Calendar& calendar, Grain grain) {
  return KnownSteps(calendar, grain, {calendar.spec().first_date, calendar.spec().last_date + 1});
}

DateRange RandomDates(Dice& dice, const Calendar& calendar, int64_t most) {
  const CivilDay start = dice.Date(calendar.spec().first_date, calendar.spec().last_date);
  return {start, std::min(start + dice.Roll(1, most), calendar.spec().last_date + 1)};
}

TEST(RandomProperty, TheClockIsThatOfTheZone) {
  Dice dice;
  for (int i = 0; i < 30; ++i) {
    const auto calendar = RandomCalendar(dice);
    SCOPED_TRACE(Trace(dice, *calendar));
    for (int j = 0; j < 2000; ++j) {
      // Outside of the dates that it knows as well.
      const CivilDay date =
          dice.Date(calendar->spec().first_date - 200, calendar->spec().last_date + 200);
      const auto wall = static_cast<int32_t>(dice.Roll(-86400, 172800));
      const absl::Time at = absl::FromCivil(absl::CivilSecond(date) + wall, calendar->zone());
      ASSERT_EQ(absl::FromUnixSeconds(calendar->clock().At(date, wall)), at) << date << " " << wall;
      const auto stretch = calendar->clock().StretchAt(absl::ToUnixSeconds(at));
      ASSERT_EQ(stretch.offset, calendar->zone().At(at).offset) << at;
      ASSERT_LE(stretch.from, absl::ToUnixSeconds(at));
      ASSERT_GT(stretch.until, absl::ToUnixSeconds(at));
    }
  }
}

TEST(RandomProperty, SessionsLieInTheirDateAndPiecesTileThem) {
  Dice dice;
  for (int i = 0; i < 30; ++i) {
    const auto calendar = RandomCalendar(dice);
    SCOPED_TRACE(Trace(dice, *calendar));
    absl::Time end = calendar->ExtentOf(calendar->spec().first_date).start;
    for (CivilDay date = calendar->spec().first_date; date <= calendar->spec().last_date; ++date) {
      const TimeRange extent = calendar->ExtentOf(date);
      ASSERT_EQ(extent.start, end) << date;
      end = extent.end;
      absl::Time open = extent.start;
      for (const Session& session : calendar->SessionsOn(date)) {
        // In order of opening; inside the extent, so those of two dates never overlap.
        ASSERT_LE(open, session.range.start) << date;
        open = session.range.start;
        ASSERT_LE(session.range.end, extent.end) << date;
        ASSERT_FALSE(session.pieces.empty());
        ASSERT_EQ(session.pieces.front().start, session.range.start);
        ASSERT_EQ(session.pieces.back().end, session.range.end);
        for (size_t p = 0; p < session.pieces.size(); ++p) {
          ASSERT_LT(session.pieces[p].start, session.pieces[p].end);
          // What lies between pieces is a break, and not nothing.
          if (p > 0) {
            ASSERT_LT(session.pieces[p - 1].end, session.pieces[p].start);
          }
        }
        ASSERT_EQ(calendar->SessionOn(date, session.name)->pieces, session.pieces);
      }
    }
  }
}

TEST(RandomProperty, EveryInstantHasOneDateAndAtMostOneTradeDate) {
  Dice dice;
  for (int i = 0; i < 30; ++i) {
    const auto calendar = RandomCalendar(dice);
    SCOPED_TRACE(Trace(dice, *calendar));
    const absl::Time start = calendar->ExtentOf(calendar->spec().first_date - 5).start;
    const absl::Time end = calendar->ExtentOf(calendar->spec().last_date + 5).start;
    for (int j = 0; j < 2000; ++j) {
      const absl::Time at = start + absl::Seconds(dice.Roll(0, absl::ToInt64Seconds(end - start))) +
                            absl::Milliseconds(dice.Roll(0, 1) * 500);
      const CivilDay date = calendar->DateAt(at);
      const TimeRange extent = calendar->ExtentOf(date);
      ASSERT_TRUE(extent.start <= at && at < extent.end) << at;
      std::vector<CivilDay> open;
      for (CivilDay near = date - 2; near <= date + 2; ++near) {
        const auto sessions = calendar->SessionsOn(near);
        const bool holds = std::any_of(sessions.begin(), sessions.end(), [&](const Session& s) {
          return std::any_of(s.pieces.begin(), s.pieces.end(), [&](const TimeRange& piece) {
            return piece.start <= at && at < piece.end;
          });
        });
        if (holds) open.push_back(near);
      }
      ASSERT_LE(open.size(), 1u) << at;
      const auto trade_date = calendar->TradeDateAt(at);
      ASSERT_EQ(trade_date.has_value(), !open.empty()) << at;
      if (trade_date) {
        ASSERT_EQ(*trade_date, open[0]) << at;
      }
    }
  }
}

TEST(RandomProperty, BucketsPartitionWhatTheBaseShows) {
  Dice dice;
  for (int i = 0; i < 40; ++i) {
    const auto calendar = RandomCalendar(dice);
    for (const Grain grain : kGrains) {
      Window window = RandomWindow(dice, *calendar, grain);
      window.reach = WindowReach::kBucket;
      SCOPED_TRACE(Trace(dice, *calendar) + " " + WindowText(window));
      const DateRange dates = AllSteps(*calendar, grain);
      std::vector<TimeRange> all;
      for (const Bucket& bucket : Resolved(*calendar, window, grain, dates)) {
        ASSERT_FALSE(bucket.slices.empty());
        for (const TimeRange& slice : bucket.slices) {
          // In order and disjoint, within a bucket and from one to the next.
          ASSERT_LT(slice.start, slice.end);
          ASSERT_GE(slice.start, bucket.start);
          if (!all.empty()) {
            ASSERT_LE(all.back().end, slice.start);
          }
          AppendSlice(slice, all);
        }
      }
      ASSERT_EQ(all, BaseOf(*calendar, window, dates)) << GrainName(grain);
    }
  }
}

TEST(RandomProperty, BucketsShowWhatTheRulesTell) {
  Dice dice;
  for (int i = 0; i < 60; ++i) {
    const auto calendar = RandomCalendar(dice);
    for (const Grain grain : kGrains) {
      if (grain == Grain::kHour && i % 4 != 0) continue;
      const Window window = RandomWindow(dice, *calendar, grain);
      SCOPED_TRACE(Trace(dice, *calendar) + " " + WindowText(window) + " by " +
                   std::string(GrainName(grain)));
      const WindowTeller teller(*calendar, window, grain);
      const DateRange dates = KnownSteps(*calendar, grain, RandomDates(dice, *calendar, 300));
      ASSERT_EQ(Resolved(*calendar, window, grain, dates), teller.Tell(dates));
    }
  }
}

// The dates of the bucket that starts at `start`.
DateRange DatesOf(const Calendar& calendar, Grain grain, absl::Time start) {
  const CivilDay first = StepStart(calendar, grain, calendar.DateAt(start));
  return {first, NextStep(grain, first)};
}

TEST(RandomProperty, RowsOfADateAreShownInTheDatesThatShowItAlone) {
  Dice dice;
  for (int i = 0; i < 60; ++i) {
    const auto calendar = RandomCalendar(dice);
    for (const Grain grain : kGrains) {
      const Window window = RandomWindow(dice, *calendar, grain);
      const DateRange dates = RandomDates(dice, *calendar, 8);
      SCOPED_TRACE(Trace(dice, *calendar) + " " + WindowText(window) + " by " +
                   std::string(GrainName(grain)) + " " + FormatDate(dates.start));
      const DateRange found = DatesThatShow(*calendar, window, grain, dates);
      const DateRange all = AllSteps(*calendar, grain);
      if (found.start < found.end) {
        ASSERT_EQ(found, KnownSteps(*calendar, grain, found));
      }
      int64_t shown = 0;
      int64_t not_shown_since = 0;
      for (const Bucket& bucket : Resolved(*calendar, window, grain, all)) {
        const DateRange own = DatesOf(*calendar, grain, bucket.start);
        const bool inside = own.start >= found.start && own.end <= found.end;
        if (CutTo(bucket.slices, calendar->ExtentOf(dates)).empty()) {
          if (inside) ++not_shown_since;
        } else {
          ASSERT_TRUE(inside) << FormatDate(own.start);
          ++shown;
          not_shown_since = 0;
        }
      }
      // What it names in vain after the last that shows a row is bounded by the dates themselves.
      const int64_t vain = (2 + (dates.end - dates.start)) * (grain == Grain::kHour ? 25 : 1);
      if (shown > 0) {
        EXPECT_LE(not_shown_since, vain);
      }
    }
  }
}

// Bars as they are cut for a metric: those of the hour grain end with the hour.
std::vector<TimeRange> AllBars(const Calendar& calendar, Window base, const BarCut& cut,
                               Grain grain) {
  base.reach = WindowReach::kBucket;
  const Grain step = grain == Grain::kHour ? Grain::kHour : Grain::kDay;
  std::vector<TimeRange> bars;
  for (const Bucket& bucket : Resolved(calendar, base, step, AllSteps(calendar, step))) {
    for (const TimeRange& slice : bucket.slices) {
      for (const Bucket& bar : CutIntoBars(calendar, base, cut.timeframe, cut.alignment, {slice})) {
        bars.push_back(bar.slices[0]);
      }
    }
  }
  return bars;
}

// Which ranges of time a bucket shows, in a few bytes: long windows over small bars show a billion
// in all. Ranges come in order, so that those of two buckets are equal if they are the same set.
struct Shown {
  DateRange dates;
  size_t count = 0;
  uint64_t digest = 0;  // of the set

  static uint64_t DigestOf(const TimeRange& range) {
    return static_cast<uint64_t>(
        absl::HashOf(absl::ToUnixNanos(range.start), absl::ToUnixNanos(range.end)));
  }
  friend bool operator==(const Shown&, const Shown&) = default;
};

// Bars, and the digests of those before each.
class CutBars {
 public:
  explicit CutBars(std::vector<TimeRange> bars) : bars_(std::move(bars)), digests_(1) {
    for (const TimeRange& bar : bars_) digests_.push_back(digests_.back() ^ Shown::DigestOf(bar));
  }
  // Those that start in the slice.
  void AddTo(const TimeRange& slice, Shown* shown) const {
    const size_t first = FirstFrom(slice.start);
    const size_t end = FirstFrom(slice.end);
    shown->count += end - first;
    shown->digest ^= digests_[end] ^ digests_[first];
  }

 private:
  size_t FirstFrom(absl::Time start) const {
    const auto found = std::partition_point(
        bars_.begin(), bars_.end(), [start](const TimeRange& bar) { return bar.start < start; });
    return static_cast<size_t>(found - bars_.begin());
  }

  std::vector<TimeRange> bars_;
  std::vector<uint64_t> digests_;
};

// What a metric sees in each of its buckets, by what it is stored under: slices of time, or the
// bars that start in them.
using Seen = std::map<std::pair<CivilDay, absl::Time>, Shown>;

Seen SeenIn(const Calendar& calendar, const Calendar& after, const Window& window, Grain grain,
            const std::optional<BarCut>& cut) {
  std::optional<CutBars> bars;
  if (cut) bars.emplace(AllBars(calendar, window, *cut, grain));
  const auto resolved = ResolveBuckets(calendar, window, grain, AllSteps(calendar, grain));
  Seen seen;
  for (size_t i = 0; i < resolved->spans.size(); ++i) {
    const Bucket bucket = resolved->BucketAt(i);
    const bool hour = grain == Grain::kHour;
    Shown shown{.dates = DatesOf(hour ? after : calendar, grain, bucket.start)};
    for (const TimeRange& slice : bucket.slices) {
      if (bars) {
        bars->AddTo(slice, &shown);
      } else {
        ++shown.count;
        shown.digest ^= Shown::DigestOf(slice);
      }
    }
    if (shown.count == 0) continue;
    seen[{shown.dates.start, hour ? bucket.start : absl::UnixEpoch()}] = shown;
  }
  return seen;
}

std::vector<bool> DatesThatDiffer(const Seen& before, const Seen& after, DateRange all) {
  std::vector<bool> differs(static_cast<size_t>(all.end - all.start), false);
  const auto mark = [&](const Seen& side, const Seen& other) {
    for (const auto& [key, bucket] : side) {
      const auto same = other.find(key);
      if (same != other.end() && same->second == bucket) continue;
      for (CivilDay date = bucket.dates.start; date < bucket.dates.end; ++date) {
        if (date < all.start || date >= all.end) continue;
        differs[static_cast<size_t>(date - all.start)] = true;
      }
    }
  };
  mark(before, after);
  mark(after, before);
  return differs;
}

std::optional<BarCut> RandomBars(Dice& dice, const Window& window) {
  if (dice.Chance(0.5)) return std::nullopt;
  BarCut cut{absl::Minutes(dice.Pick<int>({15, 60, 120, 1440}))};
  const bool session = window.kind != WindowKind::kFullDay && !window.session.empty();
  if (session && dice.Chance(0.6)) cut.alignment = BarAlignment::kSession;
  return cut;
}

TEST(RandomProperty, ChangedBucketsAreThoseThatDiffer) {
  Dice dice;
  int compared = 0;
  int64_t days = 0;
  int64_t changed_days = 0;
  for (int i = 0; i < 150; ++i) {
    const CalendarSpec spec = RandomSpec(dice);
    const CalendarSpec changed = ChangedSpec(dice, spec);
    const auto before = *Calendar::Create(spec, 1);
    const auto made = Calendar::Create(changed, 2);
    if (!made.ok()) continue;  // the change does not fit the rest
    ++compared;
    const auto& after = *made;
    for (const Grain grain : kGrains) {
      if (grain == Grain::kHour && i % 3 != 0) continue;
      const Window window = RandomWindow(dice, *before, grain);
      const std::optional<BarCut> bars = RandomBars(dice, window);
      SCOPED_TRACE(Trace(dice, *before) + " " + WindowText(window) + " by " +
                   std::string(GrainName(grain)) + " after " + changed.time_zone +
                   (bars ? " bars of " + FormatSpan(bars->timeframe) : ""));
      const DateRange all{spec.first_date, spec.last_date + 1};
      const auto ranges = ChangedBuckets(*before, *after, window, grain, all, bars);
      for (size_t r = 0; r + 1 < ranges.size(); ++r) ASSERT_LT(ranges[r].end, ranges[r + 1].start);
      if (!CheckWindow(window, *after, grain).ok()) {
        ASSERT_EQ(ranges.size(), 1u);
        continue;
      }
      // A date is named if and only if one of its buckets is not in both.
      const auto differs = DatesThatDiffer(SeenIn(*before, *after, window, grain, bars),
                                           SeenIn(*after, *after, window, grain, bars), all);
      for (CivilDay date = all.start; date < all.end; ++date) {
        const bool named = std::any_of(ranges.begin(), ranges.end(), [&](const DateRange& range) {
          return range.start <= date && date < range.end;
        });
        ASSERT_EQ(named, differs[static_cast<size_t>(date - all.start)]) << date;
        ++days;
        changed_days += named ? 1 : 0;
      }
    }
  }
  EXPECT_GT(compared, 50);
  // Both are met often.
  EXPECT_GT(changed_days * 20, days);
  EXPECT_LT(changed_days * 20, days * 19);
}

TEST(RandomProperty, BarsTileTheirSlicesWithinTheirDates) {
  Dice dice;
  for (int i = 0; i < 60; ++i) {
    const auto calendar = RandomCalendar(dice);
    const auto alignment = dice.Chance(0.5) ? BarAlignment::kClock : BarAlignment::kSession;
    Window window;
    do {
      window = RandomWindow(dice, *calendar, Grain::kWeek);
    } while (alignment == BarAlignment::kSession && window.session.empty());
    const absl::Duration timeframe = absl::Minutes(dice.Pick<int>({5, 15, 60, 240, 1440}));
    SCOPED_TRACE(Trace(dice, *calendar) + " " + WindowText(window));
    const DateRange dates = KnownSteps(*calendar, Grain::kWeek, RandomDates(dice, *calendar, 60));
    for (const Bucket& bucket : Resolved(*calendar, window, Grain::kWeek, dates)) {
      std::vector<TimeRange> tiled;
      for (const Bucket& bar :
           CutIntoBars(*calendar, window, timeframe, alignment, bucket.slices)) {
        ASSERT_EQ(bar.slices.size(), 1u);
        ASSERT_EQ(bar.start, bar.slices[0].start);
        if (!tiled.empty()) {
          ASSERT_LE(tiled.back().end, bar.start);
        }
        ASSERT_LE(bar.slices[0].end - bar.start, timeframe);
        ASSERT_EQ(calendar->DateAt(bar.start),
                  calendar->DateAt(bar.slices[0].end - absl::Seconds(1)));
        AppendSlice(bar.slices[0], tiled);
      }
      ASSERT_EQ(tiled, bucket.slices);
    }
  }
}

TEST(RandomProperty, WindowsReadBackFromTheirText) {
  Dice dice;
  const auto calendar = RandomCalendar(dice);
  for (int i = 0; i < 5000; ++i) {
    const Window window = RandomWindow(dice, *calendar, Grain::kHour);
    const std::string text = WindowText(window);
    const auto read = ParseWindow(text);
    ASSERT_OK(read) << text;
    ASSERT_EQ(*read, window) << text;
  }
}

}  // namespace
}  // namespace metricstore::calendar
