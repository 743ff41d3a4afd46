// Whatever a definition holds, reading what was exported gives it back.

#include <cstdlib>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "registry_service/catalog/definition/metric_shape.h"
#include "registry_service/catalog/definition/text_form.h"
#include "tests/unit/registry/definition_reading.h"
#include "tests/unit/registry/random_definitions.h"

namespace metricstore::registry {
namespace {

uint64_t Seed() {
  const char* const given = std::getenv("METRICSTORE_TEST_SEED");
  return given == nullptr ? std::random_device()() : std::strtoull(given, nullptr, 10);
}

class ExportProperty : public ::testing::Test {
 protected:
  template <typename Make>
  void CheckMany(Make make, int count = 2'000) {
    const uint64_t seed = Seed();
    SCOPED_TRACE("METRICSTORE_TEST_SEED=" + std::to_string(seed));
    Random random(seed);
    for (int i = 0; i < count && !HasFailure(); ++i) ExpectRoundTrip(make(random));
  }
};

TEST_F(ExportProperty, MetricsReadBackTheSame) {
  CheckMany([](Random& random) {
    MetricDefinition metric = AnyMetric(random);
    EXPECT_TRUE(CheckMetricShape(metric).empty()) << CheckMetricShape(metric).front().message;
    return metric;
  });
}

TEST_F(ExportProperty, DatasetsReadBackTheSame) { CheckMany(AnyDataset); }

TEST_F(ExportProperty, CalendarsReadBackTheSame) { CheckMany(AnyCalendar, 300); }

TEST_F(ExportProperty, NotesOnColumnsReadBackTheSame) { CheckMany(AnyNotes); }

TEST_F(ExportProperty, EveryNastyTextReadsBackInEveryPlace) {
  for (const std::string& written : NastyTexts()) {
    const std::string text = NormalText(written);
    MetricDefinition metric;
    metric.name = "a";
    metric.category = "us";
    metric.display_name = metric.description = metric.expression = metric.notes = text;
    metric.sql = metric.sql_variants["plan"] = text;
    metric.filters = {text, "volume > 0"};
    metric.tags = {text};
    metric.tests = {{"t", {{{"a", written}, {"b", " " + written + "\n"}}}, {}, 0}};
    ExpectRoundTrip(metric);
  }
}

}  // namespace
}  // namespace metricstore::registry
