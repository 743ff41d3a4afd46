// Runs every case of cases/*.txt and compares what it says with what the file expects.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "common/pg/pool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/catalog/catalog_session.h"
#include "tests/conformance/catalog/engine_evaluator.h"
#include "tests/conformance/catalog/script.h"
#include "tests/testing/temp_postgres.h"

namespace metricstore::registry {
namespace {

std::string Content(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<std::string> CaseFiles() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(CASES_DIR)) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class CatalogConformance : public ::testing::TestWithParam<std::string> {};

TEST_P(CatalogConformance, SaysWhatTheCasesSay) {
  const std::string path = std::string(CASES_DIR) + "/" + GetParam() + ".txt";
  const auto scripts = ReadScripts(path);
  ASSERT_TRUE(scripts.ok()) << scripts.status();
  ASSERT_FALSE(scripts->empty());
  pg::PoolOptions options;
  options.connection_string = testing::TempPostgres::Shared().CreateDatabase();
  pg::Pool pool(options);
  EngineEvaluator evaluator;
  const bool rewrite = std::getenv("METRICSTORE_REWRITE_CASES") != nullptr;
  std::vector<std::vector<std::string>> said;
  for (const Script& script : *scripts) {
    CatalogSession session(pool, evaluator, Content(std::string(CASES_DIR) + "/base.yaml"));
    for (const Step& step : script.steps) {
      said.push_back(session.Run(step));
      if (rewrite) continue;
      EXPECT_THAT(said.back(), ::testing::ElementsAreArray(step.expected))
          << path << ":" << step.line << ": " << script.title;
    }
  }
  if (rewrite) {
    ASSERT_TRUE(RewriteExpectations(path, said).ok());
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, CatalogConformance, ::testing::ValuesIn(CaseFiles()),
                         [](const auto& file) { return file.param; });

}  // namespace
}  // namespace metricstore::registry
