#include "cli/data/ingest_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "cli/csv/batch_builder.h"
#include "common/columns/proto_conversion.h"
#include "common/rpc/status_conversion.h"
#include "common/status/error.h"
#include "common/time/iso8601.h"
#include "tests/unit/cli/harness.h"

namespace metricstore::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const char kHeader[] = "symbol,ts,open,high,low,close,volume\n";

std::string Rows(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += "SPY," + FormatInstant(absl::FromUnixSeconds(60 * i)) + ",1,2,0.5,1.5," +
            std::to_string(i) + "\n";
  }
  return text;
}

class IngestCommand : public ::testing::Test {
 protected:
  IngestCommand() { services_.datasets.datasets = {BarDataset()}; }
  ~IngestCommand() override { unlink(path_.c_str()); }

  void Write(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }

  IngestOptions Options() const { return {.dataset = "fact_bars", .path = path_}; }

  Outcome Run(const IngestOptions& options, OutputFormat format = OutputFormat::kTable) {
    return harness_.Run(&RunIngest, options, services_, format);
  }
  Outcome Run() { return Run(Options()); }

  // Nothing may have reached the registry.
  void ExpectNothingStored(const Outcome& outcome, const std::string& message) {
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, HasSubstr(message));
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(services_.ingest.streams(), 0);
  }

  const std::string path_ = ::testing::TempDir() + "cli_ingest_test.csv";
  FakeServices services_;
  Harness harness_;
};

TEST_F(IngestCommand, StoresEveryRowAndSumsUp) {
  Write(kHeader + Rows(40'000));
  const Outcome outcome = Run(Options(), OutputFormat::kJson);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(services_.ingest.stored_rows(), 40'000);
  EXPECT_EQ(services_.ingest.received().size(), 3u);
  EXPECT_EQ(services_.ingest.opened().dataset(), "fact_bars");
  EXPECT_THAT(outcome.err, HasSubstr("fact_bars: 40,000 rows read: 40,000 inserted, 0 updated"));
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["rows_inserted"], 40'000);
  EXPECT_EQ(json["batches"], 3);
}

TEST_F(IngestCommand, ReadsLocalTimesAndOtherHeaders) {
  Write("ts_ny_local,Open,HIGH,low,close,vol,extra\n2013-10-04 09:30:00,1,2,3,4,5,x\n");
  IngestOptions options = Options();
  options.time_zone = "America/New_York";
  options.map = {"ts=ts_ny_local", "volume=vol"};
  options.set = {"symbol=BAC"};
  const Outcome outcome = Run(options);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("note: ignored headers: extra"));
  const auto rows = columns::FromProto(services_.ingest.batch(0));
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->Find("symbol")->text(0), "BAC");
  EXPECT_EQ(FormatInstant(FromMicros(rows->Find("ts")->int64[0])), "2013-10-04T13:30:00Z");
  EXPECT_EQ(rows->Find("volume")->float64[0], 5);
}

TEST_F(IngestCommand, SameFileAgainStoresNothingNew) {
  Write(kHeader + Rows(20'000));
  ASSERT_EQ(Run().exit_code, 0);
  const Outcome again = Run();
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(services_.ingest.stored_rows(), 20'000);
  EXPECT_THAT(again.err,
              AllOf(HasSubstr("0 inserted"), HasSubstr("20,000 already stored in 2 batches"),
                    HasSubstr("if rows changed since, --run NAME stores them again")));
}

TEST_F(IngestCommand, FirstTimeSaysNothingOfStoringAgain) {
  Write(kHeader + Rows(5));
  EXPECT_THAT(Run().err, Not(HasSubstr("--run")));
}

TEST_F(IngestCommand, AnotherRunSendsTheSameRowsAnew) {
  Write(kHeader + Rows(10));
  ASSERT_EQ(Run().exit_code, 0);
  IngestOptions options = Options();
  options.run = "correction";
  EXPECT_THAT(Run(options).err, HasSubstr("10 inserted"));
}

TEST_F(IngestCommand, BadLineStoresNothing) {
  Write(kHeader + Rows(5) + "SPY,2024-01-02,abc,1,1,1,1\n" + Rows(30'000));
  const Outcome outcome = Run();
  ExpectNothingStored(outcome, "line 7: column open: \"abc\" is not a number");
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("error: 1 of 30,006 rows rejected; nothing was stored"),
                                 HasSubstr("--max-rejects 1")));
}

TEST_F(IngestCommand, BadLinesWithinTheBoundAreListedAndTheOthersStored) {
  Write(kHeader + Rows(5) + "SPY,2024-01-02,abc,1,1,1,1\nSPY,bad\xFF,1,1,1,1,1\n" + Rows(5));
  IngestOptions options = Options();
  options.max_rejects = 2;
  const Outcome outcome = Run(options);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(services_.ingest.stored_rows(), 10);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("line 7: column open"), HasSubstr("line 8: is not valid UTF-8"),
                    HasSubstr("10 inserted"), HasSubstr("2 rejected")));
}

TEST_F(IngestCommand, ManyRejectsAreCounted) {
  std::string text = kHeader;
  for (int i = 0; i < 25; ++i) text += "SPY,never,1,1,1,1,1\n";
  Write(text);
  const Outcome outcome = Run();
  ExpectNothingStored(outcome, "and 5 more rejected lines");
  EXPECT_THAT(outcome.err, Not(HasSubstr("line 22:")));
}

TEST_F(IngestCommand, FileWithoutAGoodRowIsNotOfferedMoreRejects) {
  Write(std::string(kHeader) + "SPY,never,1,1,1,1,1\n");
  const Outcome outcome = Run();
  ExpectNothingStored(outcome, "error: 1 of 1 row rejected; nothing was stored");
  EXPECT_THAT(outcome.err, Not(HasSubstr("--max-rejects")));
}

TEST_F(IngestCommand, FilesThatCannotBeReadStoreNothing) {
  Write("");
  ExpectNothingStored(Run(), "the file is empty");
  Write(kHeader);
  ExpectNothingStored(Run(), "header and no rows");
  Write("symbol,ts_utc,open,high,low,close,volume\n" + Rows(3));
  const Outcome missing = Run();
  ExpectNothingStored(missing, "no header fills column ts of fact_bars");
  EXPECT_THAT(missing.err, HasSubstr("did you mean --map ts=ts_utc?"));
  Write(kHeader + Rows(3) + "\"open");
  ExpectNothingStored(Run(), "line 5: a quoted field that starts here is never closed");
  IngestOptions options = Options();
  options.path += ".missing";
  ExpectNothingStored(Run(options), "cannot open");
}

TEST_F(IngestCommand, UnknownDatasetStoresNothing) {
  Write(kHeader + Rows(3));
  IngestOptions options = Options();
  options.dataset = "fact_bar";
  ExpectNothingStored(Run(options), "DATASET_NOT_FOUND");
}

const grpc::Status kUnavailable(grpc::StatusCode::UNAVAILABLE, "Socket closed");

TEST_F(IngestCommand, BrokenConnectionIsResumedFromTheFirstUnacknowledgedBatch) {
  Write(kHeader + Rows(100'000));
  services_.ingest.breaks = {{2, kUnavailable, true}, {1, kUnavailable}};
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(services_.ingest.streams(), 3);
  EXPECT_EQ(services_.ingest.stored_rows(), 100'000);
  // 7 batches; only the one whose acknowledgement was lost came twice.
  const auto received = services_.ingest.received();
  EXPECT_EQ(received.size(), 8u);
  EXPECT_EQ(std::set<std::string>(received.begin(), received.end()).size(), 7u);
  EXPECT_EQ(received[2], received[3]);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("trying again"), HasSubstr("16,384 already stored in 1 batch")));
}

TEST_F(IngestCommand, AfterTheRetryTimeRunningAgainResumes) {
  Write(kHeader + Rows(100'000));
  services_.ingest.breaks = {{2, kUnavailable}};
  IngestOptions options = Options();
  options.retry_for = "0";
  const Outcome broken = Run(options);
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_THAT(broken.err, AllOf(HasSubstr("stopped: 32,768 of 100,000 rows are stored"),
                                HasSubstr("cannot be reached"),
                                HasSubstr("running the same command again resumes")));
  const Outcome resumed = Run(options);
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(services_.ingest.stored_rows(), 100'000);
  EXPECT_THAT(resumed.err,
              AllOf(HasSubstr("67,232 inserted"), HasSubstr("32,768 already stored in 2 batches")));
}

TEST_F(IngestCommand, RefusalIsNotTriedAgain) {
  Write(kHeader + Rows(100'000));
  services_.ingest.breaks = {
      {1, rpc::ToGrpc(
              status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "BATCH_INVALID", "bad batch")
                  .Build())}};
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("error: bad batch"), HasSubstr("BATCH_INVALID")));
  EXPECT_EQ(services_.ingest.streams(), 1);
}

TEST_F(IngestCommand, CtrlCStopsAndSaysHowToResume) {
  Write(kHeader + Rows(200'000));
  services_.ingest.on_ack = [&](int acks) {
    if (acks == 3) harness_.interrupt().Cancel();
  };
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 130);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("interrupted: "),
                                 HasSubstr("running the same command again resumes")));
  EXPECT_LT(services_.ingest.stored_rows(), 200'000);
  services_.ingest.on_ack = nullptr;
  Harness fresh;
  EXPECT_EQ(fresh.Run(&RunIngest, Options(), services_).exit_code, 0);
  EXPECT_EQ(services_.ingest.stored_rows(), 200'000);
}

TEST_F(IngestCommand, RowsThatTheRegistryRejectsAreListedWithTheirLines) {
  Write(kHeader + Rows(10));
  services_.ingest.rejected_rows = 2;
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("line 2: column ts: is beyond the calendar"),
                                 HasSubstr("line 3: column ts"), HasSubstr("8 inserted")));
}

TEST_F(IngestCommand, RowsThatTheRegistryRejectedCountAgainWhenTheBatchIsStoredAlready) {
  Write(kHeader + Rows(10));
  services_.ingest.rejected_rows = 2;
  ASSERT_EQ(Run().exit_code, 1);
  const Outcome again = Run();
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, AllOf(HasSubstr("2 rejected"), HasSubstr("8 already stored in 1 batch"),
                               HasSubstr("2 were not stored")));
}

}  // namespace
}  // namespace metricstore::cli
