#include "tests/integration/catalog/effects_fixture.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/calendar/buckets.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {

DefinitionFile WithHoliday(const std::string& date) {
  return Edited(CalendarFile(), "holidays:\n",
                absl::StrCat("holidays:\n  - {name: A day of mourning, on: {date: ", date, "}}\n"));
}

DefinitionFile WithSession(const std::string& rule) {
  return Edited(CalendarFile(), "holidays:\n", absl::StrCat("  - ", rule, "\nholidays:\n"));
}

DefinitionFile MetricOf(const std::string& name, const std::string& window,
                        const std::string& more) {
  return {absl::StrCat("metrics/price/", name, ".yaml"),
          absl::StrCat("name: ", name, "\ndescription: d\ntype: sum\ngrain: day\n",
                       "table: fact_bars\nexpression: sum(volume)\nwindow: ", window, "\n", more)};
}

std::vector<std::string> StaleLines(const std::vector<StaleResults>& list) {
  std::vector<std::string> lines;
  for (const StaleResults& stale : list) {
    std::string line =
        absl::StrCat(stale.metric, " v", stale.version, " ", std::string(GrainName(*stale.grain)),
                     " ", stale.series, "/", stale.points);
    for (const DateRange& range : stale.dates) {
      absl::StrAppend(&line, " ", FormatDate(range.start), "..", FormatDate(range.end));
    }
    if (stale.first_bucket.has_value()) {
      absl::StrAppend(&line, " ", FormatInstant(*stale.first_bucket), " ",
                      FormatInstant(*stale.last_bucket));
    }
    lines.push_back(line);
  }
  return lines;
}

void EffectsTest::SetUp() { ASSERT_OK(Import(BaseFiles())); }

void EffectsTest::Store(const std::string& id, Grain grain, const std::string& entity,
                        int version) {
  const auto calendar = calendars_.Get(project_, "XNYS", 1, {});
  ASSERT_OK(calendar);
  const DateRange dates = calendar::AlignToGrain(**calendar, grain, {kFirst, kLast + 1});
  const auto buckets = calendar::ResolveBuckets(**calendar, calendar::Window(), grain, dates);
  ASSERT_OK(buckets);
  std::vector<std::string> starts;
  for (const auto& span : buckets->spans) {
    const absl::CivilDay date = (*calendar)->DateAt(span.start);
    const bool open = !(*calendar)->SessionsOn(date).empty();
    if (grain != Grain::kDay || open) starts.push_back(FormatInstant(span.start));
  }
  ASSERT_OK(Execute(absl::StrCat(
      "WITH s AS (INSERT INTO metric_series (project_id, metric_id, version, grain, entity) "
      "VALUES (1, '",
      id, "', ", version, ", ", static_cast<int>(grain), ", '", entity,
      "') RETURNING series_id) "
      "INSERT INTO metric_chunk (project_id, series_id, span_start, bucket_starts, \"values\") "
      "SELECT 1, series_id, date_trunc('",
      grain <= Grain::kDay ? "month" : "decade",
      "', b AT TIME ZONE 'UTC')::date, array_agg(b ORDER BY b), array_agg(n::float8 ORDER BY b) "
      "FROM s CROSS JOIN unnest('{",
      absl::StrJoin(starts, ","),
      "}'::timestamptz[]) WITH ORDINALITY AS u (b, n) GROUP BY 1, 2, 3")));
}

void EffectsTest::AddJob(const std::string& state, const std::string& start, const std::string& end,
                         const std::string& more) {
  ASSERT_OK(Execute(absl::StrCat(
      "INSERT INTO backfills (project_id, request_sha256, spec, state, shards_total) VALUES (1, "
      "sha256('",
      state, start, "'), '{\"metrics\": [{\"id\": \"price/opening\", \"version\": 1, ",
      "\"grain\": \"day\"}", more, "], \"entities\": [], \"dates\": [\"", start, "\", \"", end,
      "\"]}', '", state, "', 1)")));
}

std::vector<std::string> EffectsTest::Marks(const std::string& cause) {
  return LinesOf(
      Ask(absl::StrCat("SELECT string_agg(metric_id || ' v' || version || ' ' || "
                       "(ARRAY['hour','day','week','month','quarter','year'])[grain] || ' ' || "
                       "start_date || '..' || end_date, E'\\n' ORDER BY metric_id, version, grain, "
                       "start_date) FROM dirty_ranges WHERE cause = '",
                       cause, "'")));
}

std::vector<std::string> EffectsTest::LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

}  // namespace metricstore::registry
