#include <memory>

#include "absl/synchronization/notification.h"
#include "cli/definitions/definition_commands.h"
#include "tests/unit/cli/catalog_fixture.h"
#include "tests/unit/cli/folder.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Imports that the registry does not answer at once. Its thread may still be there when the test
// has ended, so it shares what it waits for.
class WaitingImport : public CatalogFixture {
 protected:
  WaitingImport() { pack_.Write("metrics/a.yaml", "name: a\n"); }

  ImportOptions Options(const std::string& timeout) const {
    ImportOptions options;
    options.paths = {pack_.path()};
    options.timeout = timeout;
    return options;
  }

  TestFolder pack_{"cli_waiting"};
};

TEST_F(WaitingImport, SaysThatItWaitsAndGivesUpAfterTheTimeout) {
  const auto given_up = std::make_shared<absl::Notification>();
  catalog_.before_import = [given_up] { given_up->WaitForNotification(); };
  const Outcome outcome = harness_.Run(&RunImport, Options("1s"), services_, OutputFormat::kTable,
                                       Clock::System(), absl::Milliseconds(1));
  given_up->Notify();
  EXPECT_EQ(outcome.exit_code, kExitFailure);
  EXPECT_THAT(
      outcome.err,
      AllOf(HasSubstr("waiting for the registry at " + services_.endpoint() +
                      ", 1s at most (--timeout says otherwise); Ctrl-C stops waiting\n"),
            HasSubstr("did not answer in time"), HasSubstr("the import may be stored nevertheless"),
            HasSubstr("metricctl plan " + pack_.path())));
}

TEST_F(WaitingImport, SaysNothingWhereTheAnswerComes) {
  const Outcome outcome = harness_.Run(&RunImport, Options("2m"), services_);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, Not(HasSubstr("waiting")));
}

TEST_F(WaitingImport, CtrlCSaysThatTheImportMayBeStoredAndHowToSee) {
  const auto interrupted = std::make_shared<absl::Notification>();
  catalog_.before_import = [this, interrupted] {
    harness_.interrupt().Cancel();
    interrupted->WaitForNotification();
  };
  const Outcome outcome = Run({"import", pack_.path()});
  interrupted->Notify();
  EXPECT_EQ(outcome.exit_code, kExitInterrupted);
  EXPECT_EQ(outcome.err, "interrupted: the import may be stored nevertheless; metricctl plan " +
                             pack_.path() + " shows what is left to do, if anything\n");
}

TEST_F(WaitingImport, AnImportThatWasNeverSentIsNotInDoubt) {
  const Outcome outcome = Harness().Run({"import", pack_.path(), "--registry", ClosedEndpoint()});
  EXPECT_EQ(outcome.exit_code, kExitFailure);
  EXPECT_THAT(outcome.err, Not(HasSubstr("may be stored")));
}

TEST_F(WaitingImport, TimeoutsAreSpans) {
  for (const char* command : {"import", "plan", "validate"}) {
    const Outcome outcome = Run({command, pack_.path(), "--timeout", "soon"});
    EXPECT_EQ(outcome.exit_code, kExitUsage) << command;
    EXPECT_THAT(outcome.err, HasSubstr("--timeout \"soon\" is not a span of time"));
  }
}

}  // namespace
}  // namespace metricstore::cli
