// WindowService and QueryService over the wire.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "registry_service/api/request/time_converter.h"
#include "tests/integration/data/handler_fixture.h"

namespace metricstore::registry {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::metricstore::testing::ViolatesField;
using ::testing::ElementsAre;

class WindowHandlerTest : public HandlerTest {
 protected:
  static v1::StreamWindowRequest Request(absl::Time start, absl::Time end) {
    v1::StreamWindowRequest request;
    request.set_dataset("fact_bars");
    api::ToProto(start, request.mutable_interval()->mutable_start_time());
    api::ToProto(end, request.mutable_interval()->mutable_end_time());
    request.add_columns("close");
    return request;
  }
  absl::Status Stream(const v1::StreamWindowRequest& request) {
    messages_.clear();
    rpc::BoundedContext context({});
    const auto stream = window_stub().StreamWindow(context.get(), request);
    v1::StreamWindowResponse message;
    while (stream->Read(&message)) messages_.push_back(message);
    return rpc::FromGrpc(stream->Finish());
  }

  std::vector<v1::StreamWindowResponse> messages_;
};

TEST_F(WindowHandlerTest, StreamsTheRowsOfTheIntervalInMessagesOfAtMostOneMebibyte) {
  StoreMinutes("SPY", Minute(0), 50'000);
  ASSERT_OK(Stream(Request(Minute(10), Minute(50'000))));
  EXPECT_GT(messages_.size(), 1u);
  uint32_t rows = 0;
  for (const auto& message : messages_) {
    EXPECT_LE(message.ByteSizeLong(), size_t{1} << 20);
    EXPECT_EQ(message.rows().columns(0).name(), "symbol");
    EXPECT_EQ(message.rows().columns(1).name(), "ts");
    EXPECT_EQ(message.rows().columns(2).name(), "close");
    rows += message.rows().row_count();
  }
  EXPECT_EQ(rows, 49'990u);
}

TEST_F(WindowHandlerTest, EntityIsAValueWhateverItHolds) {
  for (const char* symbol : {"a'b", "a\\'b", "\"", "x' OR true --"})
    StoreMinutes(symbol, Minute(0), 1);
  v1::StreamWindowRequest request = Request(Minute(0), Minute(1));
  request.add_entities("x' OR true --");
  request.add_entities("a\\'b");
  ASSERT_OK(Stream(request));
  ASSERT_EQ(messages_.size(), 1u);
  EXPECT_EQ(messages_[0].rows().row_count(), 2u);
}

TEST_F(WindowHandlerTest, TimeOfReadingAndOfSendingIsCounted) {
  StoreMinutes("SPY", Minute(0), 100);
  ASSERT_OK(Stream(Request(Minute(0), Minute(100))));
  const std::string text = instruments_.Render();
  for (const char* stage : {"read", "send"}) {
    const std::string line =
        absl::StrCat("metricstore_window_seconds_total{stage=\"", stage, "\"} ");
    const size_t at = text.find(line);
    ASSERT_NE(at, std::string::npos) << stage;
    EXPECT_GT(std::stod(text.substr(at + line.size())), 0) << stage;
  }
}

TEST_F(WindowHandlerTest, NoRowsGiveOneMessageThatTellsWhatWasRead) {
  ASSERT_OK(Stream(Request(Minute(0), Minute(1))));
  ASSERT_EQ(messages_.size(), 1u);
  EXPECT_EQ(messages_[0].rows().row_count(), 0u);
  EXPECT_GT(messages_[0].read_watermark(), 0);
}

TEST_F(WindowHandlerTest, BadRequestsAreRefusedWithTheirReason) {
  EXPECT_THAT(Stream(Request(Minute(1), Minute(1))),
              StatusIs(absl::StatusCode::kInvalidArgument, "INTERVAL_REVERSED"));
  v1::StreamWindowRequest request = Request(Minute(0), Minute(1));
  request.add_columns("closing");
  EXPECT_THAT(Stream(request), StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(Stream(request), ViolatesField("columns"));
  request = Request(Minute(0), Minute(1));
  request.set_dataset("fact_other");
  EXPECT_THAT(Stream(request), StatusIs(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND"));
  request.set_dataset("");
  EXPECT_THAT(Stream(request), StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
  request = Request(Minute(0), Minute(1));
  request.set_project("nobody");
  EXPECT_THAT(Stream(request), StatusIs(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
  request = Request(Minute(0), Minute(1));
  request.mutable_interval()->clear_end_time();
  EXPECT_THAT(Stream(request), ViolatesField("interval.end_time"));
  request = Request(Minute(0), Minute(1));
  request.add_entities(std::string("SPY\0' OR true --", 16));
  EXPECT_THAT(Stream(request), ViolatesField("entities"));
}

class QueryHandlerTest : public HandlerTest {
 protected:
  void StorePoints() {
    for (const char* symbol : {"A", "B"}) StoreMinutes(symbol, Utc(2024, 1, 1), 5);
    ASSERT_OK(CreateBackfill({"last_close"},
                             Dates(absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 2, 1))));
    for (const LeasedShard& shard : LeaseAll()) {
      ShardResults results;
      for (const std::string& entity : shard.spec.entities) {
        for (int day = 1; day <= 5; ++day) {
          const Points point{{ToMicros(Utc(2024, 1, day))}, {1.5 * day}, {}};
          ASSERT_OK(AddSeries({shard.spec.metrics[0], entity}, point, results));
        }
      }
      ASSERT_OK(committer_.Commit({shard.shard_id, shard.fence}, results, {}, {}));
    }
  }
  static v1::QueryTrendRequest Request(const std::string& metric = "last_close") {
    v1::QueryTrendRequest request;
    request.set_metric(metric);
    request.mutable_dates()->set_start_date("2024-01-02");
    request.mutable_dates()->set_end_date("2024-01-05");
    return request;
  }
  absl::StatusOr<v1::QueryTrendResponse> Query(const v1::QueryTrendRequest& request) {
    rpc::BoundedContext context({});
    v1::QueryTrendResponse response;
    const absl::Status status =
        rpc::FromGrpc(queries().QueryTrend(context.get(), request, &response));
    if (!status.ok()) return status;
    return response;
  }
};

TEST_F(QueryHandlerTest, GivesThePointsOfTheDates) {
  StorePoints();
  const auto response = Query(Request());
  ASSERT_OK(response);
  EXPECT_EQ(response->metric(), "prices/last_close");
  EXPECT_EQ(response->version(), 1);
  EXPECT_EQ(response->grain(), v1::GRAIN_DAY);
  EXPECT_EQ(response->unit(), "USD");
  EXPECT_TRUE(response->next_page_token().empty());
  ASSERT_EQ(response->series_size(), 2);
  EXPECT_EQ(response->series(0).entity(), "A");
  EXPECT_THAT(response->series(1).values(), ElementsAre(3, 4.5, 6));
  EXPECT_EQ(response->series(1).bucket_start_times(0).seconds(),
            absl::ToUnixSeconds(Utc(2024, 1, 2)));
}

TEST_F(QueryHandlerTest, TextsComeBesideTheirPoints) {
  StoreMinutes("A", Utc(2024, 1, 1), 5);
  ASSERT_OK(CreateBackfill({"last_close"},
                           Dates(absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 2, 1))));
  const auto shards = LeaseAll();
  ASSERT_EQ(shards.size(), 1u);
  Points points{{}, {0, 2.5, 0, 0}, {0, 0, 3, 0}};
  for (int day = 1; day <= 4; ++day) points.bucket_starts.push_back(ToMicros(Utc(2024, 1, day)));
  points.texts = {"first", "", "", "[1,2]"};
  ShardResults results;
  ASSERT_OK(AddSeries({shards[0].spec.metrics[0], "A"}, points, results));
  ASSERT_OK(committer_.Commit({shards[0].shard_id, shards[0].fence}, results, {}, {}));
  v1::QueryTrendRequest request = Request();
  const auto later = Query(request);
  ASSERT_OK(later);
  EXPECT_THAT(later->series(0).texts(), ElementsAre("", "", "[1,2]"));
  EXPECT_EQ(later->series(0).statuses(1), v1::POINT_STATUS_TOO_LARGE);
  request.mutable_dates()->set_end_date("2024-01-03");
  EXPECT_THAT(Query(request)->series(0).texts(), ::testing::IsEmpty());
  request.mutable_dates()->set_start_date("2024-01-01");
  EXPECT_THAT(Query(request)->series(0).texts(), ElementsAre("first", ""));
}

TEST_F(QueryHandlerTest, MetricsOfOthersAloneHaveTheDatesOfTheFirstThatTheyRead) {
  StorePoints();
  ASSERT_OK(
      Import("name: doubled\ncategory: a\ndescription: d\ntype: derived\ngrain: day\n"
             "expression: metric('prices/last_close') * 2\n"));
  ASSERT_OK(
      CreateBackfill({"a/doubled"}, Dates(absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 2, 1))));
  for (const LeasedShard& shard : LeaseAll()) {
    ShardResults results;
    ASSERT_OK(
        AddSeries({shard.spec.metrics[0], "A"}, {{ToMicros(Utc(2024, 1, 3))}, {9}, {}}, results));
    ASSERT_OK(committer_.Commit({shard.shard_id, shard.fence}, results, {}, {}));
  }
  v1::QueryTrendRequest request = Request("a/doubled");
  const auto response = Query(request);
  ASSERT_OK(response);
  ASSERT_EQ(response->series_size(), 1);
  EXPECT_THAT(response->series(0).values(), ElementsAre(9));
  request.add_entities("nobody");
  EXPECT_THAT(Query(request), StatusIs(absl::StatusCode::kNotFound, "ENTITY_NOT_FOUND"));
}

TEST_F(QueryHandlerTest, PagesContinueWhereTheOneBeforeEnded) {
  StorePoints();
  v1::QueryTrendRequest request = Request("prices/last_close");
  request.set_page_size(2);
  std::string points;
  int pages = 0;
  do {
    const auto response = Query(request);
    ASSERT_OK(response);
    ++pages;
    for (const auto& series : response->series()) {
      for (const double value : series.values())
        absl::StrAppend(&points, series.entity(), value, " ");
    }
    request.set_page_token(response->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(points, "A3 A4.5 A6 B3 B4.5 B6 ");
  EXPECT_EQ(pages, 3);
}

TEST_F(QueryHandlerTest, BadRequestsAreRefusedWithTheirReason) {
  const auto invalid = absl::StatusCode::kInvalidArgument;
  const auto not_found = absl::StatusCode::kNotFound;
  EXPECT_THAT(Query(Request("")), StatusIs(invalid, "FIELD_REQUIRED"));
  EXPECT_THAT(Query(Request("no_such")), StatusIs(not_found, "METRIC_NOT_FOUND"));
  v1::QueryTrendRequest request = Request();
  request.set_version(7);
  EXPECT_THAT(Query(request), StatusIs(not_found, "METRIC_VERSION_NOT_FOUND"));
  request = Request();
  request.set_project("nobody");
  EXPECT_THAT(Query(request), StatusIs(not_found, "PROJECT_NOT_FOUND"));
  request = Request();
  request.clear_dates();
  EXPECT_THAT(Query(request), StatusIs(invalid, "FIELD_REQUIRED"));
  request = Request();
  request.mutable_dates()->set_end_date("2024-01-02");
  EXPECT_THAT(Query(request), StatusIs(invalid, "INTERVAL_REVERSED"));
  EXPECT_THAT(Query(request), HasMetadata("start", "2024-01-02"));
  request.mutable_dates()->set_end_date("2024-02-30");
  EXPECT_THAT(Query(request), StatusIs(invalid, "FIELD_INVALID"));
  request.mutable_dates()->set_end_date("2150-01-01");
  EXPECT_THAT(Query(request), ViolatesField("dates"));
  request = Request();
  request.set_page_size(50'001);
  EXPECT_THAT(Query(request), ViolatesField("page_size"));
  request = Request();
  request.add_entities(std::string("SPY\0' OR true --", 16));
  EXPECT_THAT(Query(request), ViolatesField("entities"));
  request = Request();
  request.set_page_token("rubbish");
  EXPECT_THAT(Query(request), StatusIs(invalid, "PAGE_TOKEN_INVALID"));
}

TEST_F(QueryHandlerTest, DatesInsideOneBucketGiveItsPoint) {
  StoreMinutes("A", Utc(2024, 1, 3), 5);
  ASSERT_OK(CreateBackfill({"weekly_high"},
                           Dates(absl::CivilDay(2024, 1, 2), absl::CivilDay(2024, 1, 5))));
  for (const LeasedShard& shard : LeaseAll()) {
    ShardResults results;
    const Points week{{ToMicros(Utc(2024, 1, 1))}, {7}, {}};
    ASSERT_OK(AddSeries({shard.spec.metrics[0], "A"}, week, results));
    ASSERT_OK(committer_.Commit({shard.shard_id, shard.fence}, results, {}, {}));
  }
  const auto response = Query(Request("weekly_high"));
  ASSERT_OK(response);
  ASSERT_EQ(response->series_size(), 1);
  EXPECT_THAT(response->series(0).values(), ElementsAre(7));
  v1::QueryTrendRequest next_week = Request("weekly_high");
  next_week.mutable_dates()->set_start_date("2024-01-08");
  next_week.mutable_dates()->set_end_date("2024-01-09");
  EXPECT_EQ(Query(next_week)->series_size(), 0);
}

TEST_F(QueryHandlerTest, AnEntityOfWhichNothingIsStoredIsNotFound) {
  StorePoints();
  v1::QueryTrendRequest request = Request();
  request.add_entities("B");
  request.add_entities("TSLA");
  const auto unknown = Query(request);
  EXPECT_THAT(unknown, StatusIs(absl::StatusCode::kNotFound, "ENTITY_NOT_FOUND"));
  EXPECT_THAT(unknown, HasMetadata("entity", "TSLA"));
  EXPECT_THAT(unknown, HasMetadata("dataset", "fact_bars"));
  // With rows or a series, though none at this grain, the trend is empty.
  StoreMinutes("TSLA", Utc(2024, 1, 2), 1);
  EXPECT_EQ(Query(request)->series_size(), 1);
  Execute("DELETE FROM dataset_entities WHERE entity = 'B'");
  request.clear_entities();
  request.add_entities("B");
  request.set_grain(v1::GRAIN_WEEK);
  const auto empty = Query(request);
  ASSERT_OK(empty);
  EXPECT_EQ(empty->series_size(), 0);
}

TEST_F(QueryHandlerTest, TokenOfAnotherRequestIsRefused) {
  StorePoints();
  v1::QueryTrendRequest request = Request();
  request.set_page_size(1);
  const auto response = Query(request);
  ASSERT_OK(response);
  request.set_page_token(response->next_page_token());
  request.add_entities("B");
  EXPECT_THAT(Query(request), StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
}

TEST_F(QueryHandlerTest, BareNameOfSeveralCategoriesIsAmbiguous) {
  ASSERT_OK(
      Import("{name: last_close, category: other, description: Another., type: derived, "
             "grain: day, table: fact_bars, expression: last(close)}"));
  EXPECT_THAT(Query(Request()), StatusIs(absl::StatusCode::kInvalidArgument, "METRIC_AMBIGUOUS"));
}

class FreshnessHandlerTest : public QueryHandlerTest {
 protected:
  absl::StatusOr<v1::ListFreshnessResponse> List(const std::vector<std::string>& patterns,
                                                 int page_size = 0, const std::string& token = "") {
    v1::ListFreshnessRequest request;
    for (const std::string& pattern : patterns) request.add_metrics(pattern);
    request.set_page_size(page_size);
    request.set_page_token(token);
    rpc::BoundedContext context({});
    v1::ListFreshnessResponse response;
    const absl::Status status =
        rpc::FromGrpc(queries().ListFreshness(context.get(), request, &response));
    if (!status.ok()) return status;
    return response;
  }
};

TEST_F(FreshnessHandlerTest, TellsOfOtherGrainsThatAreStale) {
  StorePoints();
  ASSERT_OK(
      backfills_.Create(project_,
                        {.metrics = {"last_close"},
                         .dates = Dates(absl::CivilDay(2024, 1, 1), absl::CivilDay(2024, 2, 1)),
                         .grains = {Grain::kMonth}},
                        {}));
  for (const LeasedShard& shard : LeaseAll()) {
    ShardResults results;
    ASSERT_OK(
        AddSeries({shard.spec.metrics[0], "A"}, {{ToMicros(Utc(2024, 1, 1))}, {1}, {}}, results));
    ASSERT_OK(committer_.Commit({shard.shard_id, shard.fence}, results, {}, {}));
  }
  EXPECT_EQ(List({"last_close"})->metrics(0).other_grains_size(), 0);
  StoreMinutes("A", Utc(2024, 1, 4, 12), 1);
  const auto stale = List({"last_close"});
  ASSERT_OK(stale);
  ASSERT_EQ(stale->metrics(0).other_grains_size(), 1);
  const v1::GrainFreshness& month = stale->metrics(0).other_grains(0);
  EXPECT_EQ(month.grain(), v1::GRAIN_MONTH);
  EXPECT_EQ(month.state(), v1::MetricFreshness::STATE_ROWS_CHANGED);
  EXPECT_FALSE(month.reason().empty());
  ASSERT_EQ(month.stale_dates_size(), 1);
  EXPECT_EQ(month.stale_dates(0).end_date(), "2024-02-01");
}

TEST_F(FreshnessHandlerTest, TellsOfEachMetricThatPatternsMatch) {
  StorePoints();
  const auto fresh = List({"last_close"});
  ASSERT_OK(fresh);
  ASSERT_EQ(fresh->metrics_size(), 1);
  EXPECT_EQ(fresh->metrics(0).metric(), "prices/last_close");
  EXPECT_EQ(fresh->metrics(0).active_version(), 1);
  EXPECT_TRUE(fresh->metrics(0).has_newest_bucket_time());
  EXPECT_TRUE(fresh->metrics(0).has_newest_row_time());
  EXPECT_NE(fresh->metrics(0).state(), v1::MetricFreshness::STATE_UNSPECIFIED);
  StoreMinutes("A", Utc(2024, 1, 4, 12), 1);
  const auto stale = List({"last_close"});
  ASSERT_OK(stale);
  EXPECT_EQ(stale->metrics(0).state(), v1::MetricFreshness::STATE_ROWS_CHANGED);
  ASSERT_EQ(stale->metrics(0).stale_dates_size(), 1);
  EXPECT_EQ(stale->metrics(0).stale_dates(0).start_date(), "2024-01-04");
  EXPECT_EQ(stale->metrics(0).stale_dates(0).end_date(), "2024-01-05");
  EXPECT_EQ(stale->metrics(0).grain(), v1::GRAIN_DAY);
  EXPECT_EQ(stale->metrics(0).other_grains_size(), 0);
  const auto never = List({"ticks/*"});
  ASSERT_OK(never);
  EXPECT_EQ(never->metrics(0).state(), v1::MetricFreshness::STATE_NO_ROWS);
  EXPECT_THAT(List({"nothing"}), StatusIs(absl::StatusCode::kNotFound, "METRIC_NOT_FOUND"));
  EXPECT_THAT(List({""}), StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
}

TEST_F(FreshnessHandlerTest, PagesAllMetricsById) {
  std::vector<std::string> ids;
  std::string token;
  do {
    const auto page = List({}, 2, token);
    ASSERT_OK(page);
    for (const auto& metric : page->metrics()) ids.push_back(metric.metric());
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(ids, ElementsAre("prices/hourly_volume", "prices/last_close", "prices/weekly_high",
                               "prices/yearly_low", "ticks/tick_count"));
  const std::string first = List({}, 2)->next_page_token();
  EXPECT_THAT(List({"prices/*"}, 2, first),
              StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
}

}  // namespace
}  // namespace metricstore::registry
