// Writes over gRPC to a catalogue with a calendar and a dataset, and no metric yet.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/integration/catalog/handlers_fixture.h"

namespace metricstore::registry {

class CatalogWritesTest : public HandlersTest {
 protected:
  using Stub = v1::CatalogService::Stub;

  void SetUp() override {
    HandlersTest::SetUp();
    ASSERT_OK(Import({CalendarFile(), BarsFile()}));
  }

  absl::StatusOr<v1::CreateMetricResponse> Create(const v1::Metric& metric,
                                                  const std::string& request_id = "") {
    v1::CreateMetricRequest request;
    *request.mutable_metric() = metric;
    request.set_request_id(request_id);
    return Catalog(&Stub::CreateMetric, request);
  }

  absl::StatusOr<v1::UpdateMetricResponse> Update(const v1::Metric& metric,
                                                  const std::vector<std::string>& mask) {
    v1::UpdateMetricRequest request;
    *request.mutable_metric() = metric;
    for (const std::string& path : mask) request.mutable_update_mask()->add_paths(path);
    return Catalog(&Stub::UpdateMetric, request);
  }

  static v1::Metric NamedOnly() {
    v1::Metric metric;
    metric.set_category("price");
    metric.set_name("opening");
    return metric;
  }
};

}  // namespace metricstore::registry
