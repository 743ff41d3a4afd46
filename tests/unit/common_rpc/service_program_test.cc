// What every service does alike: its settings, its command line, its life until the drain.
#include "common/rpc/service_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::rpc {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::internal::CaptureStderr;
using ::testing::internal::CaptureStdout;
using ::testing::internal::GetCapturedStderr;
using ::testing::internal::GetCapturedStdout;

absl::StatusOr<ServiceSettings> Parse(const std::string& text, size_t largest_request = 1 << 20) {
  ASSIGN_OR_RETURN(config::File file, config::File::Parse(text, "service.yaml"));
  config::Section root = file.Root();
  ServiceSettings settings = ReadServiceSettings(root, largest_request);
  RETURN_IF_ERROR(file.Finish());
  return settings;
}

TEST(ServiceSettings, AllHaveADefault) {
  const auto settings = Parse("");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->server.listen, "127.0.0.1:0");
  EXPECT_EQ(settings->server.unary_threads, ServerOptions{}.unary_threads);
  EXPECT_EQ(settings->metrics_listen, "127.0.0.1:0");
  EXPECT_EQ(settings->ready_file, "");
  EXPECT_EQ(settings->drain_grace, absl::Seconds(25));
  EXPECT_EQ(settings->log_level, logging::Level::kInfo);
}

TEST(ServiceSettings, AreRead) {
  const auto settings = Parse(R"(
listen: 0.0.0.0:7002
metrics_listen: 0.0.0.0:9102
ready_file: ready.json
drain_grace: 7s
log_level: warning
server:
  unary_threads: 1
  unary_queue: 2
  stream_threads: 3
  stream_queue: 0
  default_deadline: 5s
  max_deadline: 6s
  stall_limit: 7s
  max_connection_age: 8s
  max_connection_age_grace: 9s
  max_request_bytes: 2097152
)");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->metrics_listen, "0.0.0.0:9102");
  EXPECT_EQ(settings->ready_file, "ready.json");
  EXPECT_EQ(settings->drain_grace, absl::Seconds(7));
  EXPECT_EQ(settings->log_level, logging::Level::kWarning);
  const ServerOptions& server = settings->server;
  EXPECT_EQ(server.listen, "0.0.0.0:7002");
  EXPECT_EQ(server.unary_threads, 1);
  EXPECT_EQ(server.unary_queue, 2u);
  EXPECT_EQ(server.stream_threads, 3);
  EXPECT_EQ(server.stream_queue, 0u);
  EXPECT_EQ(server.default_deadline, absl::Seconds(5));
  EXPECT_EQ(server.max_deadline, absl::Seconds(6));
  EXPECT_EQ(server.stall_limit, absl::Seconds(7));
  EXPECT_EQ(server.max_connection_age, absl::Seconds(8));
  EXPECT_EQ(server.max_connection_age_grace, absl::Seconds(9));
  EXPECT_EQ(server.max_request_bytes, 2u << 20);
}

TEST(ServiceSettings, ProblemsAreToldAtOnce) {
  const auto settings =
      Parse("log_level: inf\ndrain_grace: 0s\nserver: {unary_threads: 0, queue: 1}\n");
  ASSERT_EQ(status::ReasonOf(settings.status()), "FIELD_INVALID");
  EXPECT_THAT(status::DetailsOf(settings.status())->violations, SizeIs(4));
  EXPECT_THAT(std::string(settings.status().message()), HasSubstr("did you mean \"info\"?"));
}

TEST(ServiceSettings, TakeTheLargestRequestOfTheContract) {
  const std::string text = "server: {max_request_bytes: 2097152}\n";
  EXPECT_TRUE(Parse(text).ok());
  EXPECT_EQ(status::ReasonOf(Parse(text, 5 << 20).status()), "FIELD_INVALID");
}

ServiceProgram Program(std::function<absl::StatusOr<DrainService>()> start) {
  return {.name = "probe",
          .purpose = "Is run by a test.",
          .version = "1.2.3",
          .load = [start](const std::string& path) -> absl::StatusOr<LoadedService> {
            if (path == "faulty") {
              return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "FIELD_INVALID",
                                          "bad")
                  .Field("a", "faulty:1: a is bad")
                  .Field("b", "faulty:2: b is bad")
                  .Build();
            }
            return LoadedService{{.drain_grace = absl::Seconds(3)}, start};
          }};
}

int RunWith(const ServiceProgram& program, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), program.name);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  return RunServiceProgram(program, static_cast<int>(argv.size()), argv.data());
}

absl::StatusOr<DrainService> NeverStarted() {
  ADD_FAILURE() << "started";
  return absl::InternalError("started");
}

TEST(ServiceProgram, ChecksAConfigurationWithoutStarting) {
  CaptureStdout();
  EXPECT_EQ(RunWith(Program(NeverStarted), {"--config", "good", "--check-config"}), EXIT_SUCCESS);
  EXPECT_EQ(GetCapturedStdout(), "configuration is valid\n");
}

TEST(ServiceProgram, TellsEveryProblemOfItsConfiguration) {
  CaptureStderr();
  EXPECT_EQ(RunWith(Program(NeverStarted), {"--config", "faulty"}), EXIT_FAILURE);
  EXPECT_EQ(GetCapturedStderr(), "probe: faulty:1: a is bad\nprobe: faulty:2: b is bad\n");
}

TEST(ServiceProgram, KnowsItsVersionAndItsOptions) {
  CaptureStdout();
  EXPECT_EQ(RunWith(Program(NeverStarted), {"--version"}), EXIT_SUCCESS);
  EXPECT_EQ(GetCapturedStdout(), "probe 1.2.3\n");
  CaptureStderr();
  EXPECT_NE(RunWith(Program(NeverStarted), {}), EXIT_SUCCESS);
  EXPECT_THAT(GetCapturedStderr(), HasSubstr("--config is required"));
}

// Each in a process of its own, since it blocks signals and ends the process.
class ServiceProgramDeathTest : public ::testing::Test {
 protected:
  ServiceProgramDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(ServiceProgramDeathTest, SaysWhyItCannotStart) {
  const auto start = [] { return absl::FailedPreconditionError("the port is taken"); };
  EXPECT_EXIT(std::_Exit(RunWith(Program(start), {"--config", "good"})),
              ::testing::ExitedWithCode(EXIT_FAILURE), "probe: the port is taken");
}

TEST_F(ServiceProgramDeathTest, DrainsAtTheSignalAndEndsWithTheStatusOfTheDrain) {
  const auto start = []() -> absl::StatusOr<DrainService> {
    kill(getpid(), SIGTERM);
    return [](absl::Duration grace) { return grace == absl::Seconds(3) ? 7 : 8; };
  };
  EXPECT_EXIT(RunWith(Program(start), {"--config", "good"}), ::testing::ExitedWithCode(7),
              AllOf(HasSubstr(R"("service":"probe","message":"draining","signal":15,"grace":3)"),
                    HasSubstr(R"("message":"drained","exit_status":7)")));
}

}  // namespace
}  // namespace metricstore::rpc
