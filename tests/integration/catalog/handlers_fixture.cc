#include "tests/integration/catalog/handlers_fixture.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace metricstore::registry {

void HandlersTest::SetUp() {
  auto server = rpc::Server::Start(runtime_, {&catalog_handler_, &dataset_handler_});
  ASSERT_OK(server);
  server_ = *std::move(server);
  const auto channel = rpc::MakeChannel(absl::StrCat("127.0.0.1:", server_->port()), {});
  catalog_ = v1::CatalogService::NewStub(channel);
  datasets_stub_ = v1::DatasetService::NewStub(channel);
}

absl::StatusOr<v1::GetMetricResponse> HandlersTest::GetMetric(const std::string& name, int version,
                                                              const std::string& project) {
  v1::GetMetricRequest request;
  request.set_name(name);
  request.set_version(version);
  request.set_project(project);
  return Catalog(&v1::CatalogService::Stub::GetMetric, request);
}

absl::StatusOr<v1::ListMetricsResponse> HandlersTest::ListMetrics(int page_size,
                                                                  const std::string& token,
                                                                  const std::string& category,
                                                                  const std::string& filter) {
  v1::ListMetricsRequest request;
  request.set_page_size(page_size);
  request.set_page_token(token);
  request.set_category(category);
  request.set_filter(filter);
  return Catalog(&v1::CatalogService::Stub::ListMetrics, request);
}

absl::StatusOr<v1::ImportMetricsResponse> HandlersTest::ImportOver(
    const v1::ImportMetricsRequest& request) {
  return Catalog(&v1::CatalogService::Stub::ImportMetrics, request);
}

v1::ImportMetricsRequest HandlersTest::ImportRequest(const std::vector<DefinitionFile>& files) {
  v1::ImportMetricsRequest request;
  for (const DefinitionFile& file : files) {
    v1::DefinitionFile* added = request.add_files();
    added->set_path(file.path);
    added->set_content(file.content);
  }
  return request;
}

v1::Metric HandlersTest::OpeningMetric() {
  v1::Metric metric;
  metric.set_category("price");
  metric.set_name("opening");
  metric.set_description("Price of the first trade.");
  metric.set_type(v1::METRIC_TYPE_DERIVED);
  metric.set_unit("USD");
  metric.set_grain(v1::GRAIN_DAY);
  metric.set_dataset("fact_bars");
  metric.set_expression("first(open)");
  metric.add_filters("volume > 0");
  metric.mutable_window()->set_kind(v1::Window::KIND_SESSION);
  metric.mutable_window()->set_session("rth");
  return metric;
}

}  // namespace metricstore::registry
