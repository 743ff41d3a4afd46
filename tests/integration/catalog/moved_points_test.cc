// When a calendar comes to start its days at other instants, stored points go along.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/effects_fixture.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const char kEvening[] = "{name: evening, open: \"18:00-1d\", close: \"20:00-1d\"}";

class MovedPointsTest : public EffectsTest {
 protected:
  // "2024-01-31T23:00:00Z 22" for each point of the series, chunk by chunk.
  std::vector<std::string> Points(const std::string& metric, Grain grain) {
    return LinesOf(Ask(absl::StrCat(
        "SELECT string_agg(span_start || ': ' || (SELECT string_agg(to_char(b AT TIME ZONE 'UTC', "
        "'MM-DD HH24:MI') || ' ' || v, ', ' ORDER BY n) FROM unnest(bucket_starts, \"values\") "
        "WITH ORDINALITY AS u (b, v, n)), E'\\n' ORDER BY span_start) "
        "FROM metric_chunk JOIN metric_series USING (project_id, series_id) WHERE metric_id = '",
        metric, "' AND grain = ", static_cast<int>(grain))));
  }

  // Its dates as readers of SQL see them.
  std::string EventDates(const std::string& metric) {
    return Ask(
        absl::StrCat("SELECT string_agg(date || '=' || metric_value, ' ' ORDER BY date) "
                     "FROM metric_events WHERE metric_id = '",
                     metric, "' AND date BETWEEN '2024-01-30' AND '2024-02-02'"));
  }

  std::string FirstStart(Grain grain) {
    return Ask(
        absl::StrCat("SELECT min(bucket_starts[1]) AT TIME ZONE 'UTC' FROM metric_chunk "
                     "JOIN metric_series USING (project_id, series_id) WHERE grain = ",
                     static_cast<int>(grain)));
  }
};

TEST_F(MovedPointsTest, PointsKeepTheirDatesWhenDaysStartOnTheEveningBefore) {
  Store("price/opening", Grain::kDay);
  Store("price/opening", Grain::kMonth);
  const std::string dates = EventDates("price/opening");
  EXPECT_EQ(dates, "2024-01-30=21 2024-01-31=22 2024-02-01=23 2024-02-02=24");
  const std::string points = Ask("SELECT sum(cardinality(bucket_starts)) FROM metric_chunk");
  ASSERT_OK(Import({WithSession(kEvening)}));
  EXPECT_EQ(FirstStart(Grain::kDay), "2024-01-01 23:00:00");
  EXPECT_EQ(FirstStart(Grain::kMonth), "2023-12-31 23:00:00");
  EXPECT_EQ(EventDates("price/opening"), dates);
  EXPECT_EQ(Ask("SELECT sum(cardinality(bucket_starts)) FROM metric_chunk"), points);
  // What rth shows is what it was: nothing is to be computed again.
  EXPECT_THAT(Marks(), IsEmpty());
  ASSERT_OK(Import({CalendarFile()}));
  EXPECT_EQ(FirstStart(Grain::kDay), "2024-01-02 05:00:00");
  EXPECT_EQ(EventDates("price/opening"), dates);
}

TEST_F(MovedPointsTest, APointGoesToTheChunkThatItsInstantLiesIn) {
  Store("price/opening", Grain::kDay);
  ASSERT_OK(Execute("DELETE FROM metric_chunk WHERE span_start = '2024-03-01'"));
  ASSERT_OK(Execute(
      "UPDATE metric_chunk SET read_watermark = 7, statuses = array_fill(0::smallint, "
      "ARRAY[cardinality(bucket_starts) - 1]) || 1::smallint WHERE span_start = '2024-01-01'"));
  ASSERT_OK(Execute(
      "UPDATE metric_chunk SET read_watermark = 9, texts = 'x'::text || array_fill(''::text, "
      "ARRAY[cardinality(bucket_starts) - 1]) WHERE span_start = '2024-02-01'"));
  ASSERT_OK(Import({WithSession(kEvening)}));
  const std::vector<std::string> chunks = Points("price/opening", Grain::kDay);
  ASSERT_EQ(chunks.size(), 2u);
  EXPECT_THAT(chunks[0], ::testing::StartsWith("2024-01-01: 01-01 23:00 1, "));
  EXPECT_THAT(chunks[0], ::testing::EndsWith(", 01-30 23:00 22, 01-31 23:00 23"));
  EXPECT_THAT(chunks[1], ::testing::StartsWith("2024-02-01: 02-01 23:00 24, "));
  // Statuses and texts go along; a chunk is as new as the newest that its points come from.
  EXPECT_EQ(Ask("SELECT string_agg(read_watermark || ' ' || statuses[22] || statuses[23] || ' ' "
                "|| texts[22] || '|' || texts[23], '; ') FROM metric_chunk "
                "WHERE statuses IS NOT NULL"),
            "9 10 |x");
  EXPECT_EQ(Ask("SELECT read_watermark FROM metric_chunk WHERE statuses IS NULL AND texts IS NULL"),
            "9");
}

TEST_F(MovedPointsTest, AnotherZoneTakesThePointsOfEveryGrainButHoursAlong) {
  for (const Grain grain : {Grain::kHour, Grain::kDay, Grain::kWeek, Grain::kYear}) {
    Store("price/opening", grain);
  }
  const std::vector<std::string> hours = Points("price/opening", Grain::kHour);
  ASSERT_OK(Import({Edited(CalendarFile(), "America/New_York", "Europe/London")}));
  EXPECT_EQ(FirstStart(Grain::kDay), "2024-01-02 00:00:00");
  EXPECT_EQ(FirstStart(Grain::kWeek), "2024-01-01 00:00:00");
  EXPECT_EQ(FirstStart(Grain::kYear), "2024-01-01 00:00:00");
  EXPECT_EQ(Points("price/opening", Grain::kHour), hours);
  // New York set its clocks on 10 March, London does on the 31st.
  EXPECT_EQ(
      Ask("SELECT count(*) FROM metric_chunk JOIN metric_series USING (project_id, series_id) "
          "CROSS JOIN LATERAL unnest(bucket_starts) AS b "
          "WHERE grain BETWEEN 2 AND 3 AND b::time <> '00:00'"),
      "0");
}

TEST_F(MovedPointsTest, TheChunksOfOthersAreNotTouched) {
  ASSERT_OK(Import({Edited(CalendarFile(), "name: XNYS", "name: XNAS"),
                    Edited(Edited(BarsFile(), "name: fact_bars", "name: fact_quotes"),
                           "calendar: XNYS", "calendar: XNAS"),
                    Edited(MetricOf("quotes", "rth"), "table: fact_bars", "table: fact_quotes")}));
  Store("price/quotes", Grain::kDay);
  Store("price/opening", Grain::kDay);
  const std::string quotes =
      "SELECT md5(string_agg(c::text, '' ORDER BY span_start)) FROM metric_chunk c JOIN "
      "metric_series USING (project_id, series_id) WHERE metric_id = 'price/quotes'";
  const std::string before = Ask(quotes);
  ASSERT_OK(Import({WithSession(kEvening)}));
  EXPECT_EQ(Ask(quotes), before);
  // Holidays and words write no chunk at all.
  const std::string all =
      "SELECT md5(string_agg(ctid::text || xmin, '' ORDER BY ctid)) FROM metric_chunk";
  const std::string stored = Ask(all);
  ASSERT_OK(Import({Edited(WithSession(kEvening), "holidays:\n",
                           "holidays:\n  - {name: H, on: {date: 2024-01-16}}\n")}));
  EXPECT_EQ(Ask(all), stored);
}

TEST_F(MovedPointsTest, ADatasetThatMovesToAnotherCalendarTakesItsPointsAlong) {
  ASSERT_OK(Import({{"metrics/price/double.yaml",
                     "name: double\ndescription: d\ntype: derived\ngrain: day\n"
                     "expression: \"metric('price/opening') * 2\"\n"}}));
  Store("price/opening", Grain::kDay);
  Store("price/double", Grain::kDay);
  const DefinitionFile other = Edited(WithSession(kEvening), "name: XNYS", "name: XNAS");
  ASSERT_OK(Import({other, Edited(BarsFile(), "calendar: XNYS", "calendar: XNAS")}));
  EXPECT_EQ(Ask("SELECT string_agg(DISTINCT s, ' ') FROM (SELECT min(bucket_starts[1])::text AS s "
                "FROM metric_chunk GROUP BY series_id) f"),
            "2024-01-01 23:00:00+00");
}

TEST_F(MovedPointsTest, APlanMovesNothing) {
  Store("price/opening", Grain::kDay);
  ASSERT_OK(planner_.Plan(project_, std::vector{WithSession(kEvening)}, false, {}));
  ASSERT_OK(Import({WithSession(kEvening)}, /*validate_only=*/true));
  EXPECT_EQ(FirstStart(Grain::kDay), "2024-01-02 05:00:00");
}

}  // namespace
}  // namespace metricstore::registry
