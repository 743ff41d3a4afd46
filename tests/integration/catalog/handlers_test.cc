// CatalogService and DatasetService over gRPC, in process: messages, pages and error reasons.
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/catalog/handlers_fixture.h"

namespace metricstore::registry {
namespace {

TEST_F(HandlersTest, ImportsAndGetsAMetric) {
  const auto imported = ImportOver(ImportRequest(BaseFiles()));
  ASSERT_OK(imported);
  ASSERT_EQ(imported->outcomes_size(), 3);
  EXPECT_EQ(imported->outcomes(2).name(), "price/opening");
  EXPECT_EQ(imported->outcomes(2).action(), v1::ImportOutcome::ACTION_CREATED);
  const auto response = GetMetric("opening");
  ASSERT_OK(response);
  const v1::Metric& metric = response->metric();
  EXPECT_EQ(metric.id(), "price/opening");
  EXPECT_EQ(metric.type(), v1::METRIC_TYPE_DERIVED);
  EXPECT_EQ(metric.grain(), v1::GRAIN_DAY);
  EXPECT_EQ(metric.window().kind(), v1::Window::KIND_SESSION);
  EXPECT_EQ(metric.window().session(), "rth");
  EXPECT_FALSE(metric.window().has_length());
  EXPECT_THAT(metric.columns(), ::testing::ElementsAre("open", "volume"));
  EXPECT_GT(metric.create_time().seconds(), 0);
}

TEST_F(HandlersTest, RefusesBadImportsWithAViolationForEachFault) {
  const auto response = ImportOver(
      ImportRequest({{"a/one.yaml", "name: one\nwindw: rth\n"}, {"a/two.yaml", "name: [\n"}}));
  EXPECT_THAT(response,
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID"));
  EXPECT_THAT(response, testing::ViolatesField("a/one.yaml:2"));
  EXPECT_THAT(response, testing::ViolatesField("a/one.yaml:1"));
}

TEST_F(HandlersTest, RefusesMalformedImportRequests) {
  EXPECT_THAT(ImportOver({}),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
  EXPECT_THAT(ImportOver(ImportRequest({{"", "name: a"}})),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
  EXPECT_THAT(ImportOver(ImportRequest({{"a.yaml", "name: a"}, {"a.yaml", "name: b"}})),
              testing::ViolatesField("files[1].path"));
  EXPECT_THAT(ImportOver(ImportRequest({{"a.yaml", std::string((4 << 20) + 1, '#')}})),
              testing::StatusIs(absl::StatusCode::kResourceExhausted, "TOO_LARGE"));
  auto foreign = ImportRequest(BaseFiles());
  foreign.set_project("nobody");
  EXPECT_THAT(ImportOver(foreign),
              testing::StatusIs(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
}

TEST_F(HandlersTest, SaysWhatIsWrongWithAName) {
  ASSERT_OK(Import(BaseFiles()));
  EXPECT_THAT(GetMetric(""),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
  EXPECT_THAT(GetMetric(std::string("opening\0x", 9)),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(GetMetric("opening", -1),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(GetMetric("openin"), testing::HasMetadata("suggestion", "opening"));
  EXPECT_THAT(GetMetric("opening", 7),
              testing::StatusIs(absl::StatusCode::kNotFound, "METRIC_VERSION_NOT_FOUND"));
  EXPECT_THAT(GetMetric("opening", 0, "nobody"),
              testing::StatusIs(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
}

// INVALID_ARGUMENT for the field, with a message that quotes no more than a part of the value.
template <typename Response>
void ExpectTooLong(const absl::StatusOr<Response>& response, const std::string& field) {
  EXPECT_THAT(response, testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(response, testing::ViolatesField(field));
  EXPECT_LT(response.status().message().size(), 200u);
}

TEST_F(HandlersTest, RefusesNamesOfMetricsThatAreTooLongToExist) {
  const std::string longest(63, 'a');
  const std::string longer(64, 'a');
  const std::string huge(100'000, 'a');
  EXPECT_THAT(GetMetric(longest), testing::StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(GetMetric(longest + "/" + longest), testing::StatusIs(absl::StatusCode::kNotFound));
  EXPECT_LT(GetMetric(longest + "/" + longest).status().message().size(), 200u);
  for (const std::string& name : {longer, longer + "/a", "a/" + longer, huge, "a/" + huge}) {
    ExpectTooLong(GetMetric(name), "name");
  }
  ExpectTooLong(GetMetric("opening", 0, longer), "project");
  ExpectTooLong(ListMetrics(1, "", longer), "category");
  v1::BatchGetMetricsRequest request;
  request.add_metrics()->set_id("price/opening");
  request.add_metrics()->set_id(huge);
  ExpectTooLong(Call<v1::BatchGetMetricsResponse>(
                    *catalog_, &v1::CatalogService::Stub::BatchGetMetrics, request),
                "metrics[1].id");
  ExpectTooLong(ImportOver(ImportRequest({{huge, "name: a"}})), "files[0].path");
  const std::string path(512, 'a');
  ExpectTooLong(ImportOver(ImportRequest({{path, "name: a"}, {path, "name: b"}})), "files[1].path");
}

TEST_F(HandlersTest, RefusesNamesOfDatasetsAndCalendarsThatAreTooLongToExist) {
  v1::GetDatasetRequest dataset;
  const auto get_dataset = [&] {
    return Call<v1::GetDatasetResponse>(*datasets_stub_, &v1::DatasetService::Stub::GetDataset,
                                        dataset);
  };
  dataset.set_name(std::string(63, 'a'));
  EXPECT_THAT(get_dataset(), testing::StatusIs(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND"));
  dataset.set_name(std::string(64, 'a'));
  ExpectTooLong(get_dataset(), "name");
  dataset.set_name("fact_bars");
  dataset.set_project(std::string(64, 'a'));
  ExpectTooLong(get_dataset(), "project");
  v1::GetCalendarRequest calendar;
  calendar.set_name(std::string(100'000, 'X'));
  ExpectTooLong(Call<v1::GetCalendarResponse>(*datasets_stub_,
                                              &v1::DatasetService::Stub::GetCalendar, calendar),
                "name");
}

TEST_F(HandlersTest, BatchesAreBounded) {
  ASSERT_OK(Import(BaseFiles()));
  v1::BatchGetMetricsRequest request;
  const auto call = [&] {
    return Call<v1::BatchGetMetricsResponse>(*catalog_, &v1::CatalogService::Stub::BatchGetMetrics,
                                             request);
  };
  EXPECT_THAT(call(), testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
  for (int i = 0; i < 1000; ++i) request.add_metrics()->set_id("price/opening");
  const auto full = call();
  ASSERT_OK(full);
  EXPECT_EQ(full->metrics_size(), 1000);
  request.add_metrics()->set_id("price/opening");
  EXPECT_THAT(call(), testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(HandlersTest, ListsMetricsInPagesBoundToTheirRequest) {
  std::string yaml;
  for (int i = 0; i < 5; ++i) {
    absl::StrAppend(&yaml, "- {name: m", i,
                    ", description: d, type: max, grain: day, table: fact_bars, expression: "
                    "max(open)}\n");
  }
  ASSERT_OK(Import({CalendarFile(), BarsFile(), {"metrics/many/all.yaml", yaml}}));
  std::vector<std::string> ids;
  std::string token;
  int pages = 0;
  do {
    const auto page = ListMetrics(2, token);
    ASSERT_OK(page);
    EXPECT_EQ(page->total_size(), 5);
    for (const v1::Metric& metric : page->metrics()) ids.push_back(metric.id());
    token = page->next_page_token();
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_THAT(ids, ::testing::ElementsAre("many/m0", "many/m1", "many/m2", "many/m3", "many/m4"));
  const std::string first = ListMetrics(2, "")->next_page_token();
  EXPECT_THAT(ListMetrics(2, first, "many"),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
  EXPECT_THAT(ListMetrics(2, "rubbish"),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
  EXPECT_THAT(ListMetrics(1001, ""),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(ListMetrics(-1, ""), testing::ViolatesField("page_size"));
}

TEST_F(HandlersTest, ServesDatasetsAndCalendars) {
  ASSERT_OK(Import(BaseFiles()));
  ASSERT_OK(
      Execute("INSERT INTO dataset_entities VALUES "
              "(1, 'fact_bars', 'A', 10, '2024-01-02Z', '2024-01-05Z')"));
  v1::GetDatasetRequest request;
  const auto get = [&] {
    return Call<v1::GetDatasetResponse>(*datasets_stub_, &v1::DatasetService::Stub::GetDataset,
                                        request);
  };
  EXPECT_THAT(get(), testing::StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
  request.set_name("fact_bras");
  EXPECT_THAT(get(), testing::StatusIs(absl::StatusCode::kNotFound, "DATASET_NOT_FOUND"));
  request.set_name("fact_bars");
  const auto response = get();
  ASSERT_OK(response);
  const v1::Dataset& dataset = response->dataset();
  EXPECT_EQ(dataset.layer(), v1::DATASET_LAYER_FACT);
  EXPECT_EQ(dataset.timeframe().seconds(), 60);
  EXPECT_EQ(dataset.partitioning(), v1::PARTITIONING_MONTH);
  EXPECT_EQ(dataset.columns_size(), 5);
  EXPECT_EQ(dataset.columns(4).rollup(), v1::COLUMN_ROLLUP_SUM);
  EXPECT_EQ(dataset.row_count(), 10);
  EXPECT_TRUE(dataset.has_newest_row_time());

  v1::GetCalendarRequest calendar_request;
  calendar_request.set_name("XNYS");
  const auto calendar = Call<v1::GetCalendarResponse>(
      *datasets_stub_, &v1::DatasetService::Stub::GetCalendar, calendar_request);
  ASSERT_OK(calendar);
  EXPECT_EQ(calendar->calendar().version(), 1);
  EXPECT_EQ(calendar->calendar().open_days(0), v1::WEEKDAY_MONDAY);
  EXPECT_EQ(calendar->calendar().sessions(0).open().second_of_day(), 34'200);
  EXPECT_EQ(calendar->calendar().holidays(0).on().observance(), v1::OBSERVANCE_NEAREST_WEEKDAY);
  EXPECT_EQ(calendar->calendar().last_date(), "2024-12-31");
  calendar_request.set_version(2);
  EXPECT_THAT(Call<v1::GetCalendarResponse>(*datasets_stub_, &v1::DatasetService::Stub::GetCalendar,
                                            calendar_request),
              testing::StatusIs(absl::StatusCode::kNotFound, "CALENDAR_NOT_FOUND"));
}

TEST_F(HandlersTest, ListsDatasetsAndCalendarsInPages) {
  DefinitionFile ticks = Edited(BarsFile(), "name: fact_bars", "name: fact_ticks");
  ticks.path = "datasets/ticks.yaml";
  DefinitionFile cme = Edited(CalendarFile(), "name: XNYS", "name: CME");
  cme.path = "calendars/cme.yaml";
  ASSERT_OK(Import({CalendarFile(), BarsFile(), ticks, cme}));
  v1::ListDatasetsRequest request;
  request.set_page_size(1);
  const auto list = [&] {
    return Call<v1::ListDatasetsResponse>(*datasets_stub_, &v1::DatasetService::Stub::ListDatasets,
                                          request);
  };
  auto page = list();
  ASSERT_OK(page);
  ASSERT_EQ(page->datasets_size(), 1);
  EXPECT_EQ(page->datasets(0).name(), "fact_bars");
  request.set_page_token(page->next_page_token());
  page = list();
  ASSERT_OK(page);
  ASSERT_EQ(page->datasets_size(), 1);
  EXPECT_EQ(page->datasets(0).name(), "fact_ticks");
  EXPECT_EQ(page->next_page_token(), "");
  v1::ListCalendarsRequest calendars;
  calendars.set_page_size(1);
  const auto first = Call<v1::ListCalendarsResponse>(
      *datasets_stub_, &v1::DatasetService::Stub::ListCalendars, calendars);
  ASSERT_OK(first);
  ASSERT_EQ(first->calendars_size(), 1);
  EXPECT_EQ(first->calendars(0).name(), "CME");
  calendars.set_page_token(first->next_page_token());
  const auto second = Call<v1::ListCalendarsResponse>(
      *datasets_stub_, &v1::DatasetService::Stub::ListCalendars, calendars);
  ASSERT_OK(second);
  EXPECT_EQ(second->calendars(0).name(), "XNYS");
  EXPECT_EQ(second->next_page_token(), "");
}

}  // namespace
}  // namespace metricstore::registry
