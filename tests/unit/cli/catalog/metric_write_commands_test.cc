#include <nlohmann/json.hpp>

#include "common/rpc/status_conversion.h"
#include "common/status/error.h"
#include "tests/unit/cli/catalog_fixture.h"
#include "tests/unit/cli/folder.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class MetricWrites : public CatalogFixture {
 protected:
  MetricWrites() { catalog_.metrics = {MetricOf("price", "range")}; }

  static std::vector<std::string> Create(const std::vector<std::string>& more) {
    std::vector<std::string> args = {"metrics", "create", "price/open_range", "--type", "derived",
                                     "--grain", "day",    "--description",    "Range."};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }
};

TEST_F(MetricWrites, CreateSendsEveryField) {
  TestFolder folder("cli_sql");
  folder.Write("by_plan.sql", "SELECT 2\n");
  harness_.Pipe("SELECT 1\nFROM fact_bars\n");
  const Outcome created = Run(Create({"--table",        "fact_bars",
                                      "--expression",   "max(high) - min(low)",
                                      "--unit",         "USD",
                                      "--window",       "first_30m",
                                      "--filter",       "volume > 0",
                                      "--filter",       "close > 0",
                                      "--dimension",    "symbol",
                                      "--synonym",      "opening move",
                                      "--tag",          "open",
                                      "--sql",          "-",
                                      "--sql-by",       "plan=" + folder.path("by_plan.sql"),
                                      "--owner",        "markets",
                                      "--display-name", "Open",
                                      "--source",       "s",
                                      "--notes",        "n",
                                      "--validation",   "v",
                                      "--rollup",       "last",
                                      "--time-column",  "ts",
                                      "--request-id",   "r1"}));
  EXPECT_EQ(created.exit_code, 0) << created.err;
  EXPECT_EQ(created.out, "created price/open_range version 1\n");
  const auto& request = catalog_.creates.front();
  EXPECT_EQ(request.request_id(), "r1");
  EXPECT_FALSE(request.validate_only());
  const reg::Metric& metric = request.metric();
  EXPECT_EQ(metric.category(), "price");
  EXPECT_EQ(metric.name(), "open_range");
  EXPECT_EQ(metric.type(), reg::METRIC_TYPE_DERIVED);
  EXPECT_EQ(metric.grain(), reg::GRAIN_DAY);
  EXPECT_EQ(metric.dataset(), "fact_bars");
  EXPECT_EQ(metric.window().kind(), reg::Window::KIND_FIRST);
  EXPECT_EQ(metric.window().session(), "rth");
  EXPECT_EQ(metric.window().length().seconds(), 1800);
  EXPECT_THAT(metric.filters(), ElementsAre("volume > 0", "close > 0"));
  EXPECT_THAT(metric.dimensions(), ElementsAre("symbol"));
  EXPECT_THAT(metric.synonyms(), ElementsAre("opening move"));
  EXPECT_THAT(metric.tags(), ElementsAre("open"));
  EXPECT_EQ(metric.sql(), "SELECT 1\nFROM fact_bars");
  EXPECT_EQ(metric.sql_variants().at("plan"), "SELECT 2");
  EXPECT_EQ(metric.display_name() + metric.source() + metric.notes() + metric.validation(),
            "Opensnv");
  EXPECT_EQ(metric.rollup(), "last");
  EXPECT_EQ(metric.time_column(), "ts");
}

TEST_F(MetricWrites, CreateTakesEveryWindowThatHasAText) {
  ASSERT_EQ(Run(Create({"--window", "rolling_20_sessions of rth", "--timeframe", "15m",
                        "--timeframe-alignment", "session"}))
                .exit_code,
            0);
  const reg::Metric& rolling = catalog_.creates[0].metric();
  EXPECT_EQ(rolling.window().rolling().count(), 20);
  EXPECT_EQ(rolling.window().rolling().unit(), reg::Window::ROLLING_UNIT_SESSIONS);
  EXPECT_EQ(rolling.window().session(), "rth");
  EXPECT_EQ(rolling.timeframe().seconds(), 900);
  EXPECT_EQ(rolling.timeframe_alignment(), reg::BAR_ALIGNMENT_SESSION);
  ASSERT_EQ(Run(Create({"--window", "rolling_30d"})).exit_code, 0);
  EXPECT_EQ(catalog_.creates[1].metric().window().rolling().unit(), reg::Window::ROLLING_UNIT_DAYS);
  ASSERT_EQ(Run(Create({"--window", "month_to_date"})).exit_code, 0);
  EXPECT_EQ(catalog_.creates[2].metric().window().to_date(), reg::GRAIN_MONTH);
  for (const char* option : {"--window", "--timeframe", "--timeframe-alignment"}) {
    EXPECT_EQ(Run(Create({option, "%"})).exit_code, kExitUsage) << option;
  }
}

TEST_F(MetricWrites, CreateSaysWhatIsNotComputedAndDryRunsStoreNothing) {
  const Outcome dry = Run(Create({"--dry-run"}));
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_TRUE(catalog_.creates.front().validate_only());
  EXPECT_EQ(dry.out, "would create price/open_range version 1 (dry run: nothing stored)\n");
  EXPECT_THAT(dry.err, HasSubstr("does not compute it: has no expression"));
}

TEST_F(MetricWrites, RefusalNamesTheFields) {
  catalog_.write_status =
      rpc::ToGrpc(status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "EXPRESSION_INVALID",
                                       "the metric is not valid")
                      .Field("metric.expression", "unknown column \"clos\" at 6")
                      .Build());
  const Outcome refused = Run(Create({"--expression", "last(clos)"}));
  EXPECT_EQ(refused.exit_code, kExitFailure);
  EXPECT_EQ(refused.out, "");
  EXPECT_THAT(refused.err, AllOf(HasSubstr("reason: EXPRESSION_INVALID"),
                                 HasSubstr("  --expression: unknown column")));
}

TEST_F(MetricWrites, WrongValuesAreUsageErrors) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"metrics", "create", "open_range", "--type", "sum", "--grain", "day", "--description", "d"},
       "category/name"},
      {{"metrics", "create", "a/b", "--type", "total", "--grain", "day", "--description", "d"},
       "--type \"total\" is none of sum, count"},
      {{"metrics", "create", "a/b", "--type", "sum", "--grain", "minute", "--description", "d"},
       "--grain \"minute\" is none of hour"},
      {Create({"--window", "first_"}), "--window \"first_\""},
      {Create({"--sql-by", "plan"}), "NAME=FILE"},
      {{"metrics", "create", "a/b"}, "--type is required"},
      {{"metrics", "update", "range"}, "nothing to change"},
      {{"metrics", "update", "range", "--clear", "unitt"}, "did you mean unit?"},
      {{"metrics", "update", "range", "--unit", "EUR", "--clear", "unit"}, "contradicts"},
      {{"metrics", "diff", "range@two"}, "NAME@2"},
      {{"metrics", "promote", "range", "--version", "zero"}, "is not a whole number from 1"},
  };
  for (const auto& [args, message] : cases) {
    const Outcome outcome = Run(args);
    EXPECT_EQ(outcome.exit_code, kExitUsage) << ::testing::PrintToString(args);
    EXPECT_THAT(outcome.err, HasSubstr(message));
  }
  EXPECT_TRUE(catalog_.creates.empty());
  EXPECT_TRUE(catalog_.updates.empty());
  EXPECT_EQ(Run(Create({"--sql", "no/such.sql"})).exit_code, kExitFailure);
}

TEST_F(MetricWrites, UpdateMasksWhatWasGivenAndShowsWhatChanged) {
  *catalog_.update_response.mutable_metric() = MetricOf("price", "range");
  catalog_.update_response.mutable_metric()->set_version(2);
  auto* change = catalog_.update_response.add_changes();
  *change = Change("unit", "USD", "EUR");
  change->set_breaking(true);
  change->set_changes_meaning(true);
  change->set_reason("readers see another unit");
  *catalog_.update_response.add_changes() = Change("notes", "old", "");
  const Outcome updated = Run({"metrics", "update", "range", "--unit", "EUR", "--tag", "a", "--tag",
                               "b", "--clear", "notes", "--clear", "sql-by", "--etag", "e1"});
  EXPECT_EQ(updated.exit_code, 0) << updated.err;
  EXPECT_EQ(updated.out,
            "updated price/range: version 2\n"
            "  unit  BREAKING, makes a version: readers see another unit\n"
            "    - USD\n"
            "    + EUR\n"
            "  notes\n"
            "    - old\n");
  EXPECT_THAT(updated.err, HasSubstr("metricctl metrics promote price/range\n"));
  const auto& request = catalog_.updates.front();
  EXPECT_EQ(request.metric().category() + "/" + request.metric().name(), "price/range");
  EXPECT_THAT(request.update_mask().paths(), ElementsAre("notes", "sql_variants", "tags", "unit"));
  EXPECT_EQ(request.metric().etag(), "e1");
  EXPECT_FALSE(request.promote());
}

TEST_F(MetricWrites, UpdateCanPromoteAndSayThatNothingChanged) {
  *catalog_.update_response.mutable_metric() = MetricOf("price", "range");
  const Outcome same = Run({"metrics", "update", "price/range", "--unit", "", "--promote"});
  EXPECT_EQ(same.out, "price/range is so already: version 1\n");
  EXPECT_TRUE(catalog_.updates.front().promote());
  EXPECT_THAT(catalog_.updates.front().update_mask().paths(), ElementsAre("unit"));
}

TEST_F(MetricWrites, SecondOperatorIsToldTheCurrentEtag) {
  catalog_.write_status = rpc::ToGrpc(
      status::ErrorBuilder(absl::StatusCode::kAborted, "ETAG_MISMATCH", "changed meanwhile")
          .Metadata("etag", "e9")
          .Build());
  const Outcome refused = Run({"metrics", "update", "range", "--unit", "EUR", "--etag", "e1"});
  EXPECT_EQ(refused.exit_code, kExitFailure);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("ETAG_MISMATCH"), HasSubstr("--etag e9")));
}

TEST_F(MetricWrites, DeleteAsksOnATerminalAndNeedsYesWithoutOne) {
  const Outcome unasked = Run({"metrics", "delete", "range"});
  EXPECT_EQ(unasked.exit_code, kExitUsage);
  EXPECT_THAT(unasked.err, HasSubstr("--yes"));
  harness_.Type("n\n");
  EXPECT_EQ(Run({"metrics", "delete", "range"}).exit_code, kExitFailure);
  EXPECT_TRUE(catalog_.deletes.empty());
  harness_.Type("y\n");
  const Outcome deleted = Run({"metrics", "delete", "range", "--etag", "e1"});
  EXPECT_EQ(deleted.exit_code, 0) << deleted.err;
  EXPECT_THAT(deleted.err, HasSubstr("Delete price/range?"));
  EXPECT_THAT(deleted.out, HasSubstr("deleted price/range; metricctl metrics undelete"));
  EXPECT_EQ(catalog_.deletes.front().id(), "price/range");
  EXPECT_EQ(catalog_.deletes.front().etag(), "e1");
  EXPECT_EQ(Run({"metrics", "delete", "price/range", "--yes"}).exit_code, 0);
  EXPECT_EQ(Run({"metrics", "undelete", "price/range"}).out, "restored price/range, version 2\n");
}

TEST_F(MetricWrites, UndeleteFindsTheOneDeletedMetricOfABareName) {
  EXPECT_EQ(Run({"metrics", "undelete", "range"}).err, "error: price/range is not deleted\n");
  for (const char* const category : {"old", "older"}) {
    reg::Metric metric = MetricOf(category, "gone");
    metric.mutable_delete_time()->set_seconds(1);
    catalog_.metrics.push_back(metric);
    const Outcome outcome = Run({"metrics", "undelete", "gone"});
    if (category == std::string("old")) {
      EXPECT_EQ(outcome.out, "restored old/gone, version 2\n");
    } else {
      EXPECT_EQ(outcome.exit_code, kExitUsage);
      EXPECT_THAT(outcome.err, HasSubstr("several deleted metrics are named \"gone\": old/gone, "
                                         "older/gone\n"));
    }
  }
  EXPECT_EQ(Run({"metrics", "undelete", "nothing"}).exit_code, kExitFailure);
  EXPECT_EQ(catalog_.undeletes.size(), 1u);
}

TEST_F(MetricWrites, DeleteOfAMetricThatOthersReadNamesThem) {
  catalog_.write_status =
      rpc::ToGrpc(status::ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                                       "METRIC_HAS_DEPENDENTS", "others read it")
                      .Metadata("dependents", "a/x, a/y")
                      .Build());
  EXPECT_THAT(Run({"metrics", "delete", "range", "--yes"}).err, HasSubstr("a/x, a/y"));
}

TEST_F(MetricWrites, VersionsAreListedWithWhatTheyChanged) {
  for (const int version : {2, 1}) {
    auto& listed = catalog_.versions.emplace_back();
    listed.set_version(version);
    listed.set_active(version == 1);
    listed.mutable_create_time()->set_seconds(1'700'000'000);
    *listed.mutable_metric() = MetricOf("price", "range");
  }
  *catalog_.versions[0].add_changes() = Change("expression", "a", "b");
  *catalog_.versions[0].add_changes() = Change("unit", "USD", "EUR");
  catalog_.versions[0].mutable_changes(1)->set_breaking(true);
  EXPECT_EQ(Run({"metrics", "versions", "range"}).out,
            "VERSION  ACTIVE  CREATED               CHANGED            EXPRESSION\n"
            "      2  no      2023-11-14T22:13:20Z  expression, unit!  sum(volume)\n"
            "      1  yes     2023-11-14T22:13:20Z                     sum(volume)\n");
  const auto json = nlohmann::json::parse(Run({"metrics", "versions", "range", "-o", "json"}).out);
  EXPECT_EQ(json[0]["changes"][1]["breaking"], true);
}

TEST_F(MetricWrites, PromoteSaysFromWhichVersionToWhich) {
  *catalog_.promote_response.mutable_metric() = MetricOf("price", "range");
  catalog_.promote_response.mutable_metric()->set_active_version(2);
  catalog_.promote_response.set_previous_version(1);
  const Outcome promoted = Run({"metrics", "promote", "range", "--version", "2", "--etag", "e"});
  EXPECT_EQ(promoted.out, "promoted price/range: version 1 -> 2\n");
  EXPECT_EQ(catalog_.promotes.front().id(), "price/range");
  EXPECT_EQ(catalog_.promotes.front().version(), 2);
  EXPECT_EQ(catalog_.promotes.front().etag(), "e");
  catalog_.promote_response.set_previous_version(2);
  EXPECT_THAT(Run({"metrics", "promote", "range"}).out, HasSubstr("active already"));
}

TEST_F(MetricWrites, PromoteSaysWhatChangesForReaders) {
  *catalog_.promote_response.mutable_metric() = MetricOf("price", "range");
  catalog_.promote_response.mutable_metric()->set_active_version(2);
  catalog_.promote_response.set_previous_version(1);
  *catalog_.promote_response.add_changes() = Change("expression", "max(high)", "array_agg(high)");
  catalog_.promote_response.mutable_changes(0)->set_breaking(true);
  catalog_.promote_response.mutable_changes(0)->set_reason("a/x reads it");
  const std::string change =
      "  expression  BREAKING: a/x reads it\n"
      "    - max(high)\n"
      "    + array_agg(high)\n";
  EXPECT_EQ(Run({"metrics", "promote", "range"}).out,
            "promoted price/range: version 1 -> 2\n" + change);
  EXPECT_EQ(Run({"metrics", "promote", "range", "--dry-run"}).out,
            "would promote price/range: version 1 -> 2 (dry run: nothing stored)\n" + change);
}

TEST_F(MetricWrites, PromoteSaysWhetherReadersFindPoints) {
  *catalog_.promote_response.mutable_metric() = MetricOf("price", "range");
  catalog_.promote_response.mutable_metric()->set_active_version(2);
  catalog_.promote_response.set_previous_version(1);
  EXPECT_THAT(Run({"metrics", "promote", "range"}).err,
              HasSubstr("metricctl freshness price/range says whether"));
  auto& freshness = services_.query.freshness.emplace_back();
  freshness.set_state(reg::MetricFreshness::STATE_NEVER_COMPUTED);
  EXPECT_THAT(Run({"metrics", "promote", "range"}).err,
              HasSubstr("note: no points of version 2 are stored, so readers find none until\n"
                        "  metricctl backfill --stale price/range\n"));
  freshness.mutable_newest_bucket_time()->set_seconds(1);
  freshness.set_state(reg::MetricFreshness::STATE_ROWS_CHANGED);
  EXPECT_THAT(Run({"metrics", "promote", "range"}).err,
              HasSubstr("some of its points are not up to date"));
  freshness.set_state(reg::MetricFreshness::STATE_FRESH);
  EXPECT_EQ(Run({"metrics", "promote", "range"}).err, "");
  EXPECT_THAT(Run({"metrics", "promote", "range", "--dry-run"}).err,
              HasSubstr("metricctl backfill price/range --latest"));
}

TEST_F(MetricWrites, DiffShowsLinesAndColoursOnATerminalOnly) {
  auto& response = catalog_.diff_response;
  response.mutable_before()->set_id("price/range");
  response.mutable_before()->set_version(1);
  response.mutable_after()->set_id("price/range");
  response.mutable_after()->set_version(3);
  *response.add_changes() = Change("sql", "SELECT 1\nFROM a", "SELECT 2\nFROM a");
  const std::string plain = Run({"metrics", "diff", "range", "range@3"}).out;
  EXPECT_EQ(plain,
            "--- price/range version 1\n"
            "+++ price/range version 3\n"
            "sql\n"
            "  - SELECT 1\n"
            "  - FROM a\n"
            "  + SELECT 2\n"
            "  + FROM a\n");
  EXPECT_EQ(catalog_.diffs[0].before().version(), 0);
  EXPECT_EQ(catalog_.diffs[0].after().version(), 3);
  EXPECT_EQ(Run({"metrics", "diff", "range@2"}).exit_code, 0);
  EXPECT_EQ(catalog_.diffs[1].before().version(), 2);
  EXPECT_EQ(catalog_.diffs[1].after().id(), "range");
  EXPECT_EQ(catalog_.diffs[1].after().version(), 0);
  harness_.ShowColours();
  EXPECT_THAT(Run({"metrics", "diff", "range"}).out,
              AllOf(HasSubstr("\x1b[31m- SELECT 1\x1b[0m"), HasSubstr("\x1b[32m+ SELECT 2")));
  EXPECT_THAT(Run({"metrics", "diff", "range", "-o", "csv"}).out,
              AllOf(HasSubstr("sql,\"SELECT 1\nFROM a\""), Not(HasSubstr("\x1b"))));
  response.clear_changes();
  EXPECT_THAT(Run({"metrics", "diff", "range"}).out, HasSubstr("are the same"));
}

}  // namespace
}  // namespace metricstore::cli
