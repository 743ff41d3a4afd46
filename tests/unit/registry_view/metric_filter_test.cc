// Filters over a few metrics, as a table.
#include "registry_service/catalog/view/metric_filter.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry_view/entry_builder.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;

//   a: finance/arr    sum   day    owner fin-team   tags core, kpi   version 1
//   b: finance/churn  ratio month  owner "O'Neil *"  tags core        version 2, active 1
//   c: growth/users   count day    owner ""          no tags          version 5
std::vector<MetricDefinition> Metrics() {
  MetricDefinition a = MetricOf("finance/arr");
  a.owner = "fin-team";
  a.tags = {"core", "kpi"};
  a.description = "Annual (run) rate, größer.";
  MetricDefinition b = MetricOf("finance/churn");
  b.type = MetricType::kRatio;
  b.grain = Grain::kMonth;
  b.owner = "O'Neil *";
  b.tags = {"core"};
  b.tables = {"event_plans", "fact_orders"};
  b.version = 2;
  MetricDefinition c = MetricOf("growth/users");
  c.type = MetricType::kCount;
  c.dataset = "event_logins";
  c.tables = {"event_logins"};
  c.synonyms = {"active users"};
  c.depends_on = {"finance/arr"};
  c.version = c.active_version = 5;
  return {a, b, c};
}

struct Case {
  const char* filter;
  const char* matches;  // of a, b, c
};

constexpr Case kCases[] = {
    // Nothing asked for, everything given.
    {"", "abc"},
    {"   ", "abc"},
    // Texts: equality, stars, quotes, escapes.
    {"id = finance/arr", "a"},
    {"id=\"finance/arr\"", "a"},
    {"name = arr", "a"},
    {"name = ARR", ""},
    {"name = a*", "a"},
    {"name = *r*", "abc"},
    {"name = *r*n", "b"},
    {"name = arr*arr", ""},
    {"name != arr", "bc"},
    {"category = 'finance'", "ab"},
    {"owner = fin-team", "a"},
    {"owner = \"\"", "c"},
    {"owner = *", "abc"},
    {"owner = \"O'Neil \\*\"", "b"},
    {"owner = 'O\\'Neil *'", "b"},
    {"owner = \"fin\\*\"", ""},
    {"description = \"Annual (run)*\"", "a"},
    {"description = *größer.", "a"},
    {"table = event_*", "c"},
    {"unit = \"\" source = \"\" display_name = \"\"", "abc"},
    // Closed sets.
    {"type = sum", "a"},
    {"type != \"sum\"", "bc"},
    {"grain = month", "b"},
    {"grain = d*", "ac"},
    // Lists have.
    {"tags:core", "ab"},
    {"tags:\"kpi\"", "a"},
    {"tags : k*", "a"},
    {"tags:*", "ab"},
    {"-tags:*", "c"},
    {"tables:fact_orders", "ab"},
    {"synonyms:\"active users\"", "c"},
    {"depends_on:finance/arr", "c"},
    {"dimensions:*", ""},
    // Numbers.
    {"version = 2", "b"},
    {"version != 2", "ac"},
    {"version > 1", "bc"},
    {"version >= 2", "bc"},
    {"version < 2", "a"},
    {"version <= 2", "ab"},
    {"version > -1", "abc"},
    {"active_version = 1", "ab"},
    // AND, OR, NOT. OR binds tighter than AND, as in AIP-160.
    {"type = sum AND tags:core", "a"},
    {"type = sum OR type = ratio", "ab"},
    {"type = sum OR type = count AND tags:core", "a"},
    {"tags:core AND type = sum OR type = count", "a"},
    {"(tags:core AND type = sum) OR type = count", "ac"},
    {"tags:core type = ratio", "b"},
    {"tags:core type = ratio OR type = sum", "ab"},
    {"NOT tags:core", "c"},
    {"-tags:core", "c"},
    {"NOT tags:core OR type = sum", "ac"},
    {"NOT (tags:core AND type = sum)", "bc"},
    {"-(type = sum OR type = ratio)", "c"},
    {"((name = arr))", "a"},
    {"(name = arr)OR(name = users)", "ac"},
    // Words of the grammar are values where a value is due.
    {"name = AND", ""},
    {"name = NOT OR name = arr", "a"},
    // The example of the protocol.
    {"type = \"sum\" AND tags:\"core\" AND NOT owner = \"finance\"", "a"},
};

TEST(MetricFilter, MatchesWhatItSays) {
  const std::vector<MetricDefinition> metrics = Metrics();
  for (const Case& c : kCases) {
    const auto filter = MetricFilter::Parse(c.filter);
    ASSERT_OK(filter) << c.filter;
    std::string matches;
    for (size_t i = 0; i < metrics.size(); ++i) {
      if (filter->Matches(metrics[i])) matches.push_back(static_cast<char>('a' + i));
    }
    EXPECT_EQ(matches, c.matches) << c.filter;
  }
}

struct Refusal {
  const char* filter;
  const char* position;
  const char* suggestion;  // or ""
  const char* words;       // in the message
};

constexpr Refusal kRefusals[] = {
    {"revenue", "1", "", "SearchMetrics"},
    {"\"churn rate\"", "1", "", "SearchMetrics"},
    {"name = arr revenue", "12", "", "SearchMetrics"},
    {"type = sum and tags:core", "12", "AND", "capital letters"},
    {"not tags:core", "1", "NOT", "capital letters"},
    {"AND name = arr", "1", "", "AND needs a condition"},
    {"name = arr AND", "15", "", "a condition is"},
    {"name = arr OR", "14", "", "a condition is"},
    {"NOT", "4", "", "a condition is"},
    {"nmae = arr", "1", "name", "no field is named"},
    {"tag:core", "1", "tags", "no field is named"},
    {"größe = x", "1", "", "no field is named"},
    {"name = größe AND nmae = x", "18", "name", "no field is named"},
    {"tags = core", "1", "", "tags is a list"},
    {"name:arr", "1", "", "name is no list"},
    {"version:3", "1", "", "version is no list"},
    {"name < b", "1", "", "name is a text"},
    {"version = two", "11", "", "whole numbers"},
    {"version = 99999999999", "11", "", "whole numbers"},
    {"version = 1*", "11", "", "whole numbers"},
    {"type = Sum", "8", "sum", "type is one of"},
    {"grain = dya", "9", "day", "grain is one of"},
    {"name =", "7", "", "a value is missing"},
    {"name = )", "8", "", "a value is missing"},
    {"name = \"arr", "8", "", "quotes are not closed"},
    {"name = \"arr\\", "8", "", "quotes are not closed"},
    {"(name = arr", "1", "", "is not closed"},
    {"name = arr)", "11", "", "closes nothing"},
    {"()", "2", "", "a condition is"},
    {"name = arr = x", "12", "", "a condition is"},
    {"contains(name)", "1", "", "a condition is"},
};

TEST(MetricFilter, RefusesWithPlaceAndSuggestion) {
  for (const Refusal& refusal : kRefusals) {
    const auto filter = MetricFilter::Parse(refusal.filter);
    ASSERT_THAT(filter, StatusIs(absl::StatusCode::kInvalidArgument, "FILTER_INVALID"))
        << refusal.filter;
    EXPECT_THAT(filter, HasMetadata("position", refusal.position)) << refusal.filter;
    EXPECT_THAT(filter, ViolatesField("filter")) << refusal.filter;
    EXPECT_THAT(std::string(filter.status().message()), ::testing::HasSubstr(refusal.words));
    const auto details = status::DetailsOf(filter.status());
    const auto suggestion = details->metadata.find("suggestion");
    EXPECT_EQ(suggestion == details->metadata.end() ? "" : suggestion->second, refusal.suggestion)
        << refusal.filter;
  }
}

TEST(MetricFilter, HasLimits) {
  const std::string deepest =
      absl::StrCat(std::string(32, '('), "name = arr", std::string(32, ')'));
  EXPECT_OK(MetricFilter::Parse(deepest));
  EXPECT_THAT(MetricFilter::Parse(absl::StrCat("(", deepest, ")")),
              StatusIs(absl::StatusCode::kInvalidArgument, "FILTER_INVALID"));
  const std::string longest = absl::StrCat("name = ", std::string(2041, 'a'));
  EXPECT_OK(MetricFilter::Parse(longest));
  EXPECT_THAT(MetricFilter::Parse(longest + "a"),
              StatusIs(absl::StatusCode::kInvalidArgument, "FILTER_INVALID"));
  // Many side by side are not deep.
  std::vector<std::string> conditions(100, "(name = arr)");
  EXPECT_OK(MetricFilter::Parse(absl::StrJoin(conditions, " OR ")));
}

}  // namespace
}  // namespace metricstore::registry
