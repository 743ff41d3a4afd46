// The strict configuration file: values, secrets, and every problem reported at once.
#include "common/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/status/error.h"

namespace metricstore::config {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

File ParseGood(const std::string& text) {
  auto file = File::Parse(text, "service.yaml");
  EXPECT_TRUE(file.ok()) << file.status();
  return *std::move(file);
}

// "field: description" of each violation.
std::vector<std::string> Problems(const absl::Status& status) {
  std::vector<std::string> problems;
  if (status.ok()) return problems;
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status::ReasonOf(status), "FIELD_INVALID");
  const auto details = status::DetailsOf(status);
  for (const auto& violation : details->violations) {
    problems.push_back(violation.field + ": " + violation.description);
  }
  return problems;
}

TEST(ConfigFile, GivesTypedValues) {
  File file = ParseGood(R"(
server:
  listen: 127.0.0.1:8080
  threads: 12
  reflection: false
  stall_limit: 90s
  level: debug
database: {pool: {size: 4}}
)");
  Section server = file.Root().Sub("server");
  EXPECT_EQ(server.RequiredString("listen"), "127.0.0.1:8080");
  EXPECT_EQ(server.Int("threads", 1, 1, 100), 12);
  EXPECT_FALSE(server.Bool("reflection", true));
  EXPECT_EQ(server.Duration("stall_limit", absl::Seconds(1), absl::Seconds(1), absl::Hours(1)),
            absl::Seconds(90));
  EXPECT_EQ(server.OneOf("level", "info", {"debug", "info"}), "debug");
  EXPECT_EQ(file.Root().Sub("database").Sub("pool").Int("size", 1, 1, 100), 4);
  EXPECT_THAT(Problems(file.Finish()), IsEmpty());
}

TEST(ConfigFile, GivesDefaultsForWhatIsMissing) {
  for (const char* text : {"", "# nothing\n", "server:\n", "{}"}) {
    File file = ParseGood(text);
    Section server = file.Root().Sub("server");
    EXPECT_EQ(server.String("listen", "x"), "x");
    EXPECT_EQ(server.Secret("password", "p"), "p");
    EXPECT_EQ(server.Int("threads", 7, 1, 100), 7);
    EXPECT_TRUE(server.Bool("reflection", true));
    EXPECT_EQ(server.OneOf("level", "info", {"debug", "info"}), "info");
    EXPECT_EQ(server.Duration("wait", absl::Seconds(2), absl::Seconds(1), absl::Hours(1)),
              absl::Seconds(2));
    EXPECT_THAT(Problems(file.Finish()), IsEmpty()) << text;
  }
}

TEST(ConfigFile, ReportsEveryProblemAtOnceInTheOrderOfItsLines) {
  File file = ParseGood(R"(server:
  listn: 127.0.0.1:8080
  threads: twelve
  reflection: yes
  stall_limit: 90
  queue: 100000
  name: [a]
  listen: ""
databse: {}
workers: 3
level: debgu
mode: 7
)");
  Section server = file.Root().Sub("server");
  server.RequiredString("listen");
  server.Int("threads", 1, 1, 100);
  server.Int("queue", 1, 1, 100);
  server.Bool("reflection", true);
  server.String("name", "");
  server.Duration("stall_limit", absl::Seconds(1), absl::Seconds(1), absl::Hours(1));
  file.Root().Sub("database").RequiredString("dsn");
  file.Root().Sub("workers").Int("size", 1, 1, 2);
  EXPECT_EQ(file.Root().OneOf("level", "info", {"debug", "info"}), "info");
  file.Root().OneOf("mode", "fast", {"fast", "safe"});
  EXPECT_THAT(
      Problems(file.Finish()),
      testing::ElementsAre(
          "database.dsn: service.yaml: database.dsn is required",
          R"(server.listn: service.yaml:2: server.listn unknown key; did you mean "listen"?)",
          R"(server.threads: service.yaml:3: server.threads "twelve" is not a whole number from 1 to 100)",
          R"(server.reflection: service.yaml:4: server.reflection "yes" is neither true nor false)",
          R"(server.stall_limit: service.yaml:5: server.stall_limit "90" is not a duration from 1s to 1h; write it like 250ms, 30s, 5m or 1h)",
          R"(server.queue: service.yaml:6: server.queue "100000" is not a whole number from 1 to 100)",
          "server.name: service.yaml:7: server.name is a list; give a single value",
          "server.listen: service.yaml:8: server.listen is empty",
          R"(databse: service.yaml:9: databse unknown key; did you mean "database"?)",
          "workers: service.yaml:10: workers is a single value; give a mapping",
          R"(level: service.yaml:11: level must be one of debug, info, not "debgu"; did you mean "debug"?)",
          R"(mode: service.yaml:12: mode must be one of fast, safe, not "7")"));
}

TEST(ConfigFile, ReportsAKeyThatIsGivenTwice) {
  File file = ParseGood("a: 1\na: 2\n");
  file.Root().Int("a", 0, 0, 9);
  EXPECT_THAT(Problems(file.Finish()), testing::ElementsAre("a: service.yaml:2: a is given twice"));
}

TEST(ConfigFile, RefusesWhatIsNoYamlMapping) {
  for (const char* text : {"a: [1\n", "- 1\n- 2\n", "just words\n", "a: 1\n---\nb: 2\n"}) {
    const auto file = File::Parse(text, "service.yaml");
    EXPECT_EQ(file.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(status::ReasonOf(file.status()), "YAML_INVALID") << text;
    EXPECT_THAT(std::string(file.status().message()), HasSubstr("service.yaml:")) << text;
  }
}

TEST(ConfigFile, SaysWhichFileIsMissing) {
  const auto file = File::Load("/nowhere/service.yaml");
  EXPECT_EQ(file.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status::ReasonOf(file.status()), "CONFIG_NOT_FOUND");
  EXPECT_THAT(std::string(file.status().message()), HasSubstr("/nowhere/service.yaml"));
}

TEST(ConfigSecret, ComesFromAFileBesideTheConfigurationOrTheEnvironment) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / "metricstore_config_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "password") << "from a file\n";
  std::ofstream(folder / "service.yaml")
      << "a: {file: password}\nb: {env: METRICSTORE_TEST_SECRET}\nc: plain\n";
  setenv("METRICSTORE_TEST_SECRET", "from the environment", 1);
  auto file = File::Load((folder / "service.yaml").string());
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->Root().Secret("a", ""), "from a file");
  EXPECT_EQ(file->Root().Secret("b", ""), "from the environment");
  EXPECT_EQ(file->Root().Secret("c", ""), "plain");
  EXPECT_THAT(Problems(file->Finish()), IsEmpty());
  std::filesystem::remove_all(folder);
}

TEST(ConfigSecret, ReportsASourceThatGivesNothingWithoutShowingValues) {
  File file = ParseGood(R"(a: {file: /nowhere/password}
b: {env: METRICSTORE_TEST_UNSET}
c: {value: hunter2}
d: [hunter2]
)");
  for (const char* key : {"a", "b", "c", "d"}) file.Root().Secret(key, "");
  const absl::Status status = file.Finish();
  EXPECT_THAT(Problems(status),
              testing::ElementsAre(HasSubstr("no file /nowhere/password"),
                                   HasSubstr("METRICSTORE_TEST_UNSET is not set"),
                                   HasSubstr("give the value, {file: PATH} or {env: NAME}"),
                                   HasSubstr("is a list")));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace metricstore::config
