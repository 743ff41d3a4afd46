// Parameters in, results out: every type both ways through PostgreSQL.
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "common/pg/value_text.h"
#include "gmock/gmock.h"
#include "tests/unit/common_pg/fixture.h"

namespace metricstore::pg {
namespace {

using ::metricstore::testing::StatusIs;
using ::testing::ElementsAre;

class ValuesTest : public PgTest {
 protected:
  // What comes back for one parameter cast to `type`.
  Result Echo(const std::string& type, const Params& params) {
    const auto result = Run(absl::StrCat("SELECT $1::", type), params);
    EXPECT_OK(result);
    return result.ok() ? *result : Result();
  }
};

TEST_F(ValuesTest, TextKeepsEveryCharacter) {
  for (const std::string text :
       {"", "NULL", "it's \"x\"", "back\\slash", "tab\tline\nend", "žluťoučký 株価 🙂"}) {
    EXPECT_EQ(Echo("text", Params().Add(text)).Single().Text(0), text);
  }
}

TEST_F(ValuesTest, NullIsNotEmpty) {
  const Result result = Echo("text", Params().AddNull());
  EXPECT_TRUE(result.Single().IsNull(0));
  EXPECT_FALSE(Echo("text", Params().Add("")).Single().IsNull(0));
  EXPECT_EQ(
      Echo("bigint", Params().AddOptional(std::optional<int64_t>())).Single().OptionalInt64(0),
      std::nullopt);
  EXPECT_EQ(
      Echo("bigint", Params().AddOptional(std::optional<int64_t>(7))).Single().OptionalInt64(0), 7);
}

TEST_F(ValuesTest, IntegersKeepTheirExtremes) {
  for (const int64_t value : {std::numeric_limits<int64_t>::min(), int64_t{-1}, int64_t{0},
                              std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(Echo("bigint", Params().Add(value)).Single().Int64(0), value);
  }
  for (const int32_t value :
       {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()}) {
    EXPECT_EQ(Echo("integer", Params().Add(value)).Single().Int32(0), value);
  }
}

TEST_F(ValuesTest, DoublesComeBackBitForBit) {
  std::vector<double> values = {0.0,
                                -0.0,
                                0.1,
                                1.0 / 3,
                                1e308,
                                -1e-308,
                                123456789.123456789,
                                std::numeric_limits<double>::max(),
                                std::numeric_limits<double>::min(),
                                std::numeric_limits<double>::denorm_min(),
                                std::numeric_limits<double>::infinity(),
                                -std::numeric_limits<double>::infinity()};
  std::mt19937_64 random(20'240'310);
  for (int i = 0; i < 200; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!std::isnan(value)) values.push_back(value);
  }
  const auto result =
      Run("SELECT v FROM unnest($1::float8[]) WITH ORDINALITY AS u(v, n) ORDER BY n",
          Params().AddArray(values));
  ASSERT_OK(result);
  ASSERT_EQ(result->size(), static_cast<int>(values.size()));
  for (int i = 0; i < result->size(); ++i) {
    EXPECT_EQ(std::bit_cast<uint64_t>((*result)[i].Float64(0)), std::bit_cast<uint64_t>(values[i]))
        << values[i];
    EXPECT_EQ(std::bit_cast<uint64_t>(Echo("float8", Params().Add(values[i])).Single().Float64(0)),
              std::bit_cast<uint64_t>(values[i]));
    if (i > 20) break;
  }
  EXPECT_TRUE(std::isnan(Echo("float8", Params().Add(std::nan(""))).Single().Float64(0)));
}

TEST_F(ValuesTest, BooleansAndBytes) {
  EXPECT_TRUE(Echo("boolean", Params().Add(true)).Single().Bool(0));
  EXPECT_FALSE(Echo("boolean", Params().Add(false)).Single().Bool(0));
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  EXPECT_EQ(Echo("bytea", Params().AddBytes(bytes)).Single().Bytes(0), bytes);
  EXPECT_EQ(Echo("bytea", Params().AddBytes("")).Single().Bytes(0), "");
}

TEST_F(ValuesTest, TimesKeepMicrosecondsInEveryEra) {
  for (const absl::Time time :
       {absl::FromUnixMicros(1'710'081'000'123'456), absl::FromUnixMicros(0),
        absl::FromUnixMicros(-1),
        absl::FromCivil(absl::CivilSecond(1969, 12, 31, 23, 59, 59), absl::UTCTimeZone()),
        absl::FromCivil(absl::CivilSecond(12'345, 6, 7), absl::UTCTimeZone()),
        absl::FromCivil(absl::CivilSecond(-43, 3, 15, 12), absl::UTCTimeZone()),
        absl::InfiniteFuture(), absl::InfinitePast()}) {
    EXPECT_EQ(Echo("timestamptz", Params().Add(time)).Single().Time(0), time) << time;
  }
  EXPECT_EQ(Echo("timestamptz", Params().AddNull()).Single().OptionalTime(0), std::nullopt);
}

TEST_F(ValuesTest, DatesInEveryEra) {
  for (const absl::CivilDay day : {absl::CivilDay(2024, 2, 29), absl::CivilDay(1969, 12, 31),
                                   absl::CivilDay(-43, 3, 15), absl::CivilDay(12'345, 1, 1)}) {
    EXPECT_EQ(Echo("date", Params().Add(day)).Single().Date(0), day) << day;
  }
}

TEST_F(ValuesTest, ArraysRoundTrip) {
  const std::vector<std::string> texts = {"", "NULL", "a,b", "{x}", "q\"q", "b\\s", " pad ", "株"};
  EXPECT_EQ(Echo("text[]", Params().AddArray(texts)).Single().TextArray(0), texts);
  EXPECT_THAT(Echo("text[]", Params().AddArray(std::vector<std::string>())).Single().TextArray(0),
              ElementsAre());
  const std::vector<int64_t> numbers = {1, -2, std::numeric_limits<int64_t>::min()};
  EXPECT_EQ(Echo("bigint[]", Params().AddArray(numbers)).Single().Text(0),
            "{1,-2,-9223372036854775808}");
  const std::vector<int32_t> small = {1, -2};
  EXPECT_EQ(Echo("integer[]", Params().AddArray(small)).Single().Text(0), "{1,-2}");
  const std::vector<absl::Time> times = {absl::FromUnixMicros(5), absl::InfiniteFuture()};
  EXPECT_EQ(Echo("text[]", Params().AddArray(times)).Single().TextArray(0),
            (std::vector<std::string>{FormatTimestamp(times[0]), "infinity"}));
  const std::vector<absl::CivilDay> days = {absl::CivilDay(2024, 1, 2)};
  EXPECT_THAT(Echo("date[]::text[]", Params().AddArray(days)).Single().TextArray(0),
              ElementsAre("2024-01-02"));
}

TEST_F(ValuesTest, TextWithNulOrBadUtf8IsRefused) {
  EXPECT_THAT(Run("SELECT $1::text", Params().Add(std::string_view("a\0b", 3))),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_THAT(Run("SELECT $1::text", Params().Add("bad \xff")),
              StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST_F(ValuesTest, SessionDefaultsOfARoleDoNotChangeResults) {
  auto admin = DirectConnection::Open(conninfo_, "test");
  ASSERT_OK(admin);
  ASSERT_OK((*admin)->Execute("settings", R"(
    DO $$ BEGIN
      EXECUTE format('ALTER DATABASE %I SET TimeZone = ''Asia/Tokyo''', current_database());
      EXECUTE format('ALTER DATABASE %I SET DateStyle = ''German''', current_database());
      EXECUTE format('ALTER DATABASE %I SET extra_float_digits = -10', current_database());
      EXECUTE format('ALTER DATABASE %I SET bytea_output = ''escape''', current_database());
    END $$)"));
  const auto result =
      Run("SELECT '2024-03-10 14:30:00Z'::timestamptz, date '2024-03-10', 0.1::float8 + 0.2, "
          "'\\x00'::bytea");
  ASSERT_OK(result);
  const Row row = result->Single();
  EXPECT_EQ(row.Time(0), absl::FromUnixSeconds(1'710'081'000));
  EXPECT_EQ(row.Date(1), absl::CivilDay(2024, 3, 10));
  EXPECT_EQ(row.Float64(2), 0.1 + 0.2);
  EXPECT_EQ(row.Bytes(3), std::string(1, '\0'));
}

TEST_F(ValuesTest, QuotedLiteralsAndIdentifiersMeanThemselves) {
  for (const std::string text : {"plain", "it's", "back\\slash", "'; DROP TABLE x; --", "\\'"}) {
    const auto result = Run(absl::StrCat("SELECT ", QuoteLiteral(text)));
    ASSERT_OK(result);
    EXPECT_EQ(result->Single().Text(0), text);
    EXPECT_OK(Run(absl::StrCat("SELECT 1 AS ", QuoteIdentifier(text))));
  }
  EXPECT_EQ(QuoteIdentifier("a\"b"), "\"a\"\"b\"");
}

TEST_F(ValuesTest, ResultsTellSizeAndAffectedRows) {
  ASSERT_OK(Run("CREATE TABLE t (n integer)"));
  const auto inserted = Run("INSERT INTO t SELECT generate_series(1, 5)");
  ASSERT_OK(inserted);
  EXPECT_EQ(inserted->affected_rows(), 5);
  EXPECT_TRUE(inserted->empty());
  const auto read = Run("SELECT n FROM t ORDER BY n");
  ASSERT_OK(read);
  int expected = 0;
  for (const Row row : *read) EXPECT_EQ(row.Int32(0), ++expected);
  EXPECT_EQ(expected, 5);
}

TEST(ArrayTextTest, MalformedArraysAreRefused) {
  for (const char* text : {"", "{", "a", "{\"a}", "{a,}", "{\"a\"b}", "{\\}"}) {
    EXPECT_EQ(ParseArray(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseArray("{NULL,\"NULL\"}"),
            (std::vector<std::optional<std::string>>{std::nullopt, "NULL"}));
}

TEST(TimestampTextTest, MalformedTimesAreRefused) {
  for (const char* text : {"", "2024-03-10", "2024-03-10 10:00:00", "2024-03-10 10:00:00.+00",
                           "2024-03-10T10:00:00+00", "2024-03-10 10:00:00+00x"}) {
    EXPECT_EQ(ParseTimestamp(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseTimestamp("2024-03-10 10:00:00.5-03:30"),
            absl::FromUnixMicros(1'710'077'400'500'000));
}

}  // namespace
}  // namespace metricstore::pg
