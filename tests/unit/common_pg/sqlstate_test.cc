#include "common/pg/sqlstate.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace metricstore::pg {
namespace {

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::StatusIs;

TEST(ParseErrorTextTest, ReadsVerboseErrors) {
  const DatabaseError error = ParseErrorText(
      "ERROR:  23505: duplicate key value violates unique constraint \"t_pkey\"\n"
      "DETAIL:  Key (n)=(secret) already exists.\nSCHEMA NAME:  public\nTABLE NAME:  t\n"
      "CONSTRAINT NAME:  t_pkey\nLOCATION:  _bt_check_unique, nbtinsert.c:666\n");
  EXPECT_EQ(error.sqlstate, "23505");
  EXPECT_EQ(error.message, "duplicate key value violates unique constraint \"t_pkey\"");
  EXPECT_EQ(error.constraint, "t_pkey");
}

TEST(ParseErrorTextTest, ReadsOtherLanguagesAndLaterLines) {
  EXPECT_EQ(ParseErrorText("FEHLER:  42P01: Relation »x« existiert nicht\n").sqlstate, "42P01");
  EXPECT_EQ(ParseErrorText("FATAL:  57P01: terminating connection\nserver closed").sqlstate,
            "57P01");
  EXPECT_EQ(ParseErrorText("server closed the connection unexpectedly").sqlstate, "");
  EXPECT_EQ(ParseErrorText("").message, "");
}

TEST(StatusForTest, MapsEachClass) {
  const struct {
    const char* sqlstate;
    absl::StatusCode code;
    const char* reason;
    bool retry_info;
    bool ends_connection;
  } kCases[] = {
      {"40001", absl::StatusCode::kAborted, "TRANSACTION_CONFLICT", false, false},
      {"40P01", absl::StatusCode::kAborted, "TRANSACTION_CONFLICT", false, false},
      {"55P03", absl::StatusCode::kAborted, "TRANSACTION_CONFLICT", false, false},
      {"57014", absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", false, false},
      {"08006", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true, true},
      {"57P01", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true, true},
      {"57P02", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true, true},
      {"57P03", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true, true},
      {"25006", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true, true},
      {"53100", absl::StatusCode::kResourceExhausted, "DATABASE_EXHAUSTED", true, false},
      {"53300", absl::StatusCode::kResourceExhausted, "DATABASE_EXHAUSTED", true, false},
      {"23505", absl::StatusCode::kAlreadyExists, "CONSTRAINT_VIOLATED", false, false},
      {"23503", absl::StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATED", false, false},
      {"23514", absl::StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATED", false, false},
      {"42P01", absl::StatusCode::kInternal, "INTERNAL", false, false},
      {"XX000", absl::StatusCode::kInternal, "INTERNAL", false, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.sqlstate);
    const DatabaseError error{.sqlstate = c.sqlstate, .message = "text", .constraint = "k"};
    const absl::Status status = StatusFor(error, "my_statement");
    EXPECT_THAT(status, StatusIs(c.code, c.reason));
    EXPECT_THAT(status, HasMetadata("sqlstate", c.sqlstate));
    EXPECT_EQ(status::DetailsOf(status)->retry_after.has_value(), c.retry_info);
    EXPECT_EQ(EndsConnection(error), c.ends_connection);
  }
}

TEST(StatusForTest, ALostConnectionWithoutCodeIsUnavailable) {
  EXPECT_THAT(StatusFor({.connection_lost = true}, "my_statement"),
              StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
}

}  // namespace
}  // namespace metricstore::pg
