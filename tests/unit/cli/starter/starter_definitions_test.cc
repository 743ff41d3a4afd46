// The starter folder of metricctl init, checked by the registry's own rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/definitions/starter_files.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/validation/metric_doubts.h"
#include "tests/testing/matchers.h"

namespace metricstore::cli {
namespace {

TEST(StarterFolder, IsValidWithoutADoubtInAnEmptyRegistry) {
  std::vector<registry::DefinitionFile> files;
  for (const StarterFile& file : StarterFiles()) {
    if (file.path.ends_with(".yaml")) {
      files.push_back({std::string(file.path), std::string(file.content)});
    }
  }
  registry::Faults faults;
  registry::Definitions definitions = registry::ReadDefinitions(files, faults);
  registry::StoredDefinitions nothing;
  registry::CheckDefinitions(definitions, nothing, faults);
  EXPECT_OK(faults.ToStatus());
  EXPECT_EQ(definitions.calendars.size(), 1u);
  ASSERT_EQ(definitions.datasets.size(), 1u);
  ASSERT_EQ(definitions.metrics.size(), 2u);
  for (const auto& metric : definitions.metrics) {
    EXPECT_FALSE(metric.definition.tests.empty()) << metric.definition.id();
    EXPECT_EQ(registry::WhyNotComputed(metric.definition), "") << metric.definition.id();
    for (const auto& doubt :
         registry::MetricDoubts(metric.definition, &definitions.datasets.front().definition)) {
      ADD_FAILURE() << metric.definition.id() << ": " << doubt.reason << " " << doubt.message;
    }
  }
}

}  // namespace
}  // namespace metricstore::cli
