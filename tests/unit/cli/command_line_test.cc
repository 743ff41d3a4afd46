#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "cli/core/date_range.h"
#include "cli/output/error_printer.h"
#include "common/status/error.h"
#include "tests/unit/cli/harness.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const Variables kBothEndpoints = {{"METRICSTORE_REGISTRY", "x:1"}, {"METRICSTORE_COMPUTE", "x:1"}};

const std::vector<std::vector<std::string>> kCommands = {{"init"},
                                                         {"validate"},
                                                         {"plan"},
                                                         {"import"},
                                                         {"export"},
                                                         {"metrics"},
                                                         {"metrics", "list"},
                                                         {"metrics", "show"},
                                                         {"metrics", "create"},
                                                         {"metrics", "update"},
                                                         {"metrics", "delete"},
                                                         {"metrics", "undelete"},
                                                         {"metrics", "versions"},
                                                         {"metrics", "promote"},
                                                         {"metrics", "diff"},
                                                         {"metrics", "lineage"},
                                                         {"metrics", "tables"},
                                                         {"metrics", "synonym"},
                                                         {"datasets"},
                                                         {"datasets", "list"},
                                                         {"datasets", "show"},
                                                         {"columns"},
                                                         {"columns", "list"},
                                                         {"columns", "get"},
                                                         {"columns", "set"},
                                                         {"columns", "push"},
                                                         {"calendars"},
                                                         {"calendars", "list"},
                                                         {"calendars", "show"},
                                                         {"calendars", "resolve"},
                                                         {"calendars", "sessions"},
                                                         {"calendars", "import"},
                                                         {"calendars", "export"},
                                                         {"calendars", "validate"},
                                                         {"ingest"},
                                                         {"backfill"},
                                                         {"backfills"},
                                                         {"backfills", "list"},
                                                         {"backfills", "show"},
                                                         {"backfills", "watch"},
                                                         {"backfills", "cancel"},
                                                         {"trend"},
                                                         {"freshness"}};

const std::set<std::string> kGroups = {"metrics", "datasets", "columns", "calendars", "backfills"};

TEST(CommandLine, HelpIsEverywhereOnStdout) {
  const Outcome all = Harness().Run({"--help"});
  EXPECT_EQ(all.exit_code, 0);
  EXPECT_THAT(all.out, AllOf(HasSubstr("Examples:"), HasSubstr("--registry"), HasSubstr("trend")));
  EXPECT_EQ(all.err, "");
  for (std::vector<std::string> args : kCommands) {
    const std::string name = args.back();
    const bool group = args.size() == 1 && kGroups.contains(name);
    args.push_back("--help");
    const Outcome help = Harness().Run(args);
    EXPECT_EQ(help.exit_code, 0) << name;
    EXPECT_THAT(help.out, HasSubstr(group ? "Subcommands:" : "Examples:")) << name;
  }
}

TEST(CommandLine, VersionIsPrinted) {
  const Outcome version = Harness().Run({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, StartsWith("metricctl "));
}

struct UsageCase {
  std::vector<std::string> args;
  std::string message;
};

TEST(CommandLine, WrongCommandLinesExitWithTwo) {
  const std::vector<std::string> trend = {"trend", "m", "--from", "2024-01-01", "--to"};
  const auto with = [](std::vector<std::string> args, std::vector<std::string> more) {
    args.insert(args.end(), more.begin(), more.end());
    return args;
  };
  const UsageCase cases[] = {
      {{"bogus"}, "bogus"},
      {{"datasets"}, "subcommand is required"},
      {{"datasets", "show"}, "NAME is required"},
      {{"datasets", "list", "--bogus"}, "--bogus"},
      {{"ingest", "fact_bars"}, "FILE is required"},
      {{"backfill", "--from", "2024-01-01", "--to", "2024-01-02"}, "--metrics is required"},
      {{"backfills", "show", "abc"}, "ID: \"abc\" is not a whole number from 1 on"},
      {{"backfills", "show", "0"}, "ID: \"0\" is not a whole number from 1 on"},
      {{"backfills", "show", "-1"}, ""},
      {{"backfills", "list", "--limit", "3000000000"},
       "--limit: \"3000000000\" is too large; at most 2147483647"},
      {{"trend", "m", "--from"}, "--from needs a value"},
      {{"trend", "m", "--from", "2024-01-01", "--from", "2024-01-02", "--to", "2024-01-03"},
       "--from takes one value"},
      {{"metrics", "list", "--deleted=maybe"}, "--deleted does not take the value \"maybe\""},
      {{"calendars", "resolve", "--calendar", "XNYS"}, "--from is required"},
      {{"backfills", "list", "--limit", "x"}, "--limit: \"x\" is not a whole number"},
      {with(trend, {"2024-13-01"}), "--to \"2024-13-01\" does not exist: months are 01 to 12"},
      {with(trend, {"2024-02-30"}),
       "--to \"2024-02-30\" does not exist: February 2024 has 29 days"},
      {with(trend, {"2024-2-30"}), "--to \"2024-2-30\" is not a date from 1900 to 2200"},
      {with(trend, {"2023-12-31"}), "--from 2024-01-01 is after --to 2023-12-31"},
      {with(trend, {"2024-01-02", "--grain", "minute"}), "--grain \"minute\""},
      {with(trend, {"2024-01-02", "-o", "xml"}), "--output \"xml\""},
      {{"ingest", "d", "f", "--timezone", "Mars/Olympus"}, "Mars/Olympus"},
      {{"ingest", "d", "f", "--map", "ts"}, "column=header"},
      {{"ingest", "d", "f", "--set", "a=1", "--set", "a=2"}, "twice"},
      {{"ingest", "d", "f", "-o", "csv"}, "table or json"},
      {{"ingest", "d", "f", "--max-rejects", "-1"}, "max-rejects"},
      {{"backfill", "--metrics", "*", "--from", "2024-01-02", "--to", "2024-01-01"},
       "--from 2024-01-02 is after --to 2024-01-01"},
      {{"backfill", "--metrics", "*", "--from", "2024-01-01", "--to", "2024-01-02",
        "--stall-timeout", "soon"},
       "--stall-timeout"},
  };
  for (const UsageCase& test : cases) {
    const Outcome outcome = Harness(kBothEndpoints).Run(test.args);
    EXPECT_EQ(outcome.exit_code, kExitUsage) << ::testing::PrintToString(test.args);
    EXPECT_THAT(outcome.err, AllOf(StartsWith("error: "), HasSubstr(test.message)));
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(CommandLine, MistypedWordsGetASuggestion) {
  const UsageCase cases[] = {
      {{"metrcs", "list"}, "metricctl has no subcommand \"metrcs\"\n  hint: did you mean metrics?"},
      {{"metrics", "lst"},
       "metricctl metrics has no subcommand \"lst\"\n  hint: did you mean list?"},
      {{"metrics", "list", "--serch", "x"},
       "metricctl metrics list has no option --serch\n  hint: did you mean --search?"},
      {{"trend", "m", "--form=2024-01-01"}, "has no option --form\n  hint: did you mean --from?"},
      {{"datasets", "list", "--regstry", "x:1"}, "did you mean --registry?"},
      {{"datasets", "list", "extra"}, "metricctl datasets list does not expect \"extra\""},
      {{"metrics", "xyzzyxyzzy"}, "has no subcommand \"xyzzyxyzzy\"\n  hint: one of list, show, "},
      {{"promote", "m"}, "has no subcommand \"promote\"\n  hint: did you mean metrics promote?"},
      {{"calendar", "list"}, "did you mean calendars?"},
      {{"calendars", "resolv"}, "did you mean resolve?"},
  };
  for (const UsageCase& test : cases) {
    const Outcome outcome = Harness(kBothEndpoints).Run(test.args);
    EXPECT_EQ(outcome.exit_code, kExitUsage) << ::testing::PrintToString(test.args);
    EXPECT_THAT(outcome.err, HasSubstr(test.message));
  }
}

TEST(CommandLine, NamesOfCommandsAreOrdinaryWordsAfterTheCommand) {
  FakeServices services;
  services.catalog.metrics.emplace_back().set_name("import");
  const Outcome shown =
      Harness().Run({"metrics", "show", "import", "--registry", services.endpoint()});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  const Outcome extra = Harness(kBothEndpoints).Run({"metrics", "list", "freshness"});
  EXPECT_EQ(extra.exit_code, kExitUsage);
  EXPECT_THAT(extra.err, HasSubstr("metricctl metrics list does not expect \"freshness\""));
}

TEST(CommandLine, NoCommandShowsTheHelpOnStderr) {
  const Outcome outcome = Harness().Run({});
  EXPECT_EQ(outcome.exit_code, kExitUsage);
  EXPECT_THAT(outcome.err, HasSubstr("Subcommands:"));
  EXPECT_EQ(outcome.out, "");
}

TEST(CommandLine, MissingEndpointSaysHowToSetIt) {
  const Outcome outcome = Harness().Run({"datasets", "list"});
  EXPECT_EQ(outcome.exit_code, kExitUsage);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("--registry HOST:PORT"),
                                 HasSubstr("METRICSTORE_REGISTRY=HOST:PORT")));
  const Outcome compute =
      Harness(Variables{{"METRICSTORE_REGISTRY", "x:1"}})
          .Run({"backfill", "--metrics", "*", "--from", "2024-01-01", "--to", "2024-01-01"});
  EXPECT_EQ(compute.exit_code, kExitUsage);
  EXPECT_THAT(compute.err, HasSubstr("METRICSTORE_COMPUTE=HOST:PORT"));
}

TEST(CommandLine, UnreachableRegistryIsNamed) {
  const std::string endpoint = ClosedEndpoint();
  const Outcome outcome = Harness().Run({"datasets", "list", "--registry", endpoint});
  EXPECT_EQ(outcome.exit_code, kExitFailure);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("registry at " + endpoint + " cannot be reached"),
                                 HasSubstr("is it running?")));
}

TEST(CommandLine, GlobalOptionsAreAcceptedBeforeAndAfterTheCommand) {
  FakeServices services;
  services.datasets.datasets = {BarDataset()};
  const std::string endpoint = services.endpoint();
  const std::vector<std::vector<std::string>> forms = {
      {"--registry", endpoint, "-o", "csv", "datasets", "list"},
      {"datasets", "--registry", endpoint, "list", "-o", "csv"},
      {"datasets", "list", "--output", "csv", "--registry=" + endpoint},
  };
  for (const auto& args : forms) {
    const Outcome outcome = Harness().Run(args);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("fact_bars,fact,symbol+ts,XNYS,1234,0,,"));
  }
  const Outcome environment =
      Harness(Variables{{"METRICSTORE_REGISTRY", endpoint}}).Run({"datasets", "list"});
  EXPECT_EQ(environment.exit_code, 0) << environment.err;
}

TEST(WithEnvironment, OptionsWinOverVariables) {
  const auto environment = [](const std::string& name) { return std::optional("env " + name); };
  const Endpoints endpoints = WithEnvironment({"r:1", "", ""}, environment);
  EXPECT_EQ(endpoints.registry, "r:1");
  EXPECT_EQ(endpoints.compute, "env METRICSTORE_COMPUTE");
  EXPECT_EQ(endpoints.project, "env METRICSTORE_PROJECT");
}

TEST(ParseDateRange, IncludesBothDates) {
  const auto dates = ParseDateRange("2024-02-28", "2024-02-29");
  ASSERT_TRUE(dates.ok()) << dates.status();
  EXPECT_EQ(FormatDate(dates->start), "2024-02-28");
  EXPECT_EQ(FormatDate(dates->end), "2024-03-01");
  common::v1::DateInterval proto;
  ToProto(*dates, &proto);
  EXPECT_EQ(proto.end_date(), "2024-03-01");
  EXPECT_EQ(LastDate(proto), "2024-02-29");
  EXPECT_TRUE(ParseDateRange("2024-01-01", "2024-01-01").ok());
}

TEST(IsTransient, TellsBrokenConnectionsFromRefusals) {
  const auto with_reason = [](absl::StatusCode code, const char* reason) {
    return status::ErrorBuilder(code, reason, "x").Build();
  };
  EXPECT_TRUE(IsTransient(absl::UnavailableError("x")));
  EXPECT_TRUE(IsTransient(absl::InternalError("RST_STREAM")));
  EXPECT_TRUE(IsTransient(with_reason(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE")));
  EXPECT_TRUE(IsTransient(with_reason(absl::StatusCode::kResourceExhausted, "OVERLOADED")));
  EXPECT_TRUE(IsTransient(with_reason(absl::StatusCode::kAborted, "STREAM_STALLED")));
  EXPECT_TRUE(IsTransient(with_reason(absl::StatusCode::kCancelled, "CANCELLED")));
  EXPECT_FALSE(IsTransient(with_reason(absl::StatusCode::kInternal, "INTERNAL")));
  EXPECT_FALSE(IsTransient(with_reason(absl::StatusCode::kResourceExhausted, "TOO_LARGE")));
  EXPECT_FALSE(IsTransient(with_reason(absl::StatusCode::kAlreadyExists, "BATCH_ID_REUSED")));
  EXPECT_FALSE(IsTransient(absl::NotFoundError("x")));
}

}  // namespace
}  // namespace metricstore::cli
