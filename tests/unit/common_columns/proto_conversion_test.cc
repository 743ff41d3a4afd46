// Columns on the wire: exact round trips, and every malformed form refused with its column named.
#include "common/columns/proto_conversion.h"

#include <cstring>
#include <functional>

#include "common/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace metricstore::columns {
namespace {

using ::testing::ElementsAre;

template <typename T>
std::string Bytes(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

common::v1::Column* Add(common::v1::ColumnBatch* batch, const std::string& name,
                        common::v1::ColumnType type, const std::string& values) {
  common::v1::Column* column = batch->add_columns();
  column->set_name(name);
  column->set_type(type);
  column->set_values(values);
  return column;
}

// A column of one row and the longest name, with a NULL in it.
Column Widest(ColumnType type) {
  Column column{.name = std::string(63, 'n'), .type = type};
  column.validity.SetNull(0, 1);
  switch (type) {
    case ColumnType::kFloat64:
      column.float64 = {0};
      break;
    case ColumnType::kInt64:
    case ColumnType::kTimestamp:
      column.int64 = {0};
      break;
    case ColumnType::kBool:
      column.boolean = {0};
      break;
    case ColumnType::kText:
      column.codes = {0};
      column.dictionary = {std::string(1 << 20, 'x')};
      break;
    case ColumnType::kDate:
      column.date = {0};
      break;
  }
  return column;
}

// Three rows of every type; row 1 of the floats is NULL.
common::v1::ColumnBatch ThreeRows() {
  common::v1::ColumnBatch batch;
  batch.set_row_count(3);
  Add(&batch, "f", common::v1::COLUMN_TYPE_FLOAT64, Bytes<double>({1.5, 0, -2}))
      ->set_validity("\x05");
  Add(&batch, "i", common::v1::COLUMN_TYPE_INT64, Bytes<int64_t>({1, INT64_MIN, INT64_MAX}));
  Add(&batch, "b", common::v1::COLUMN_TYPE_BOOL, Bytes<uint8_t>({0, 1, 1}));
  common::v1::Column* text =
      Add(&batch, "t", common::v1::COLUMN_TYPE_TEXT, Bytes<uint32_t>({1, 0, 1}));
  text->add_dictionary("é");
  text->add_dictionary("");
  Add(&batch, "s", common::v1::COLUMN_TYPE_TIMESTAMP, Bytes<int64_t>({-1, 0, 1}));
  Add(&batch, "d", common::v1::COLUMN_TYPE_DATE, Bytes<int32_t>({-1, 0, 20000}));
  return batch;
}

TEST(FromProtoTest, ReadsEveryType) {
  const absl::StatusOr<ColumnBatch> batch = FromProto(ThreeRows());
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->rows, 3u);
  EXPECT_THAT(batch->Find("f")->float64, ElementsAre(1.5, 0, -2));
  EXPECT_FALSE(batch->Find("f")->validity.valid(1));
  EXPECT_TRUE(batch->Find("f")->validity.valid(2));
  EXPECT_THAT(batch->Find("i")->int64, ElementsAre(1, INT64_MIN, INT64_MAX));
  EXPECT_TRUE(batch->Find("i")->validity.all_valid());
  EXPECT_THAT(batch->Find("b")->boolean, ElementsAre(0, 1, 1));
  EXPECT_EQ(batch->Find("t")->text(1), "é");
  EXPECT_EQ(batch->Find("t")->text(2), "");
  EXPECT_THAT(batch->Find("s")->int64, ElementsAre(-1, 0, 1));
  EXPECT_THAT(batch->Find("d")->date, ElementsAre(-1, 0, 20000));
}

TEST(FromProtoTest, GivesBackTheSameBytesThroughToProto) {
  const common::v1::ColumnBatch original = ThreeRows();
  const absl::StatusOr<ColumnBatch> batch = FromProto(original);
  ASSERT_TRUE(batch.ok()) << batch.status();
  common::v1::ColumnBatch again;
  ToProto(*batch, &again);
  // Padding bits of a bitmap are free.
  again.mutable_columns(0)->set_validity(original.columns(0).validity());
  EXPECT_EQ(again.SerializeAsString(), original.SerializeAsString());
}

TEST(FromProtoTest, IgnoresAndZeroesTheValuesOfNullRows) {
  common::v1::ColumnBatch proto;
  proto.set_row_count(2);
  Add(&proto, "f", common::v1::COLUMN_TYPE_FLOAT64, Bytes<double>({7, 8}))->set_validity("\x02");
  Add(&proto, "b", common::v1::COLUMN_TYPE_BOOL, Bytes<uint8_t>({9, 1}))->set_validity("\x02");
  common::v1::Column* text =
      Add(&proto, "t", common::v1::COLUMN_TYPE_TEXT, Bytes<uint32_t>({99, 0}));
  text->set_validity("\x02");
  text->add_dictionary("x");
  const absl::StatusOr<ColumnBatch> batch = FromProto(proto);
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_THAT(batch->Find("f")->float64, ElementsAre(0, 8));
  EXPECT_THAT(batch->Find("b")->boolean, ElementsAre(0, 1));
  EXPECT_THAT(batch->Find("t")->codes, ElementsAre(0, 0));
}

TEST(FromProtoTest, DropsABitmapWithoutNulls) {
  common::v1::ColumnBatch proto;
  proto.set_row_count(3);
  Add(&proto, "f", common::v1::COLUMN_TYPE_FLOAT64, Bytes<double>({1, 2, 3}))->set_validity("\x07");
  const absl::StatusOr<ColumnBatch> batch = FromProto(proto);
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_TRUE(batch->columns[0].validity.all_valid());
}

TEST(FromProtoTest, AcceptsNoRowsAndNoColumns) {
  EXPECT_TRUE(FromProto(common::v1::ColumnBatch()).ok());
}

TEST(ToProtoTest, CutsABitmapToItsRows) {
  ColumnBatch batch{.rows = 3, .columns = {{.name = "f", .float64 = {1, 0, 3}}}};
  batch.columns[0].validity.SetNull(1, 100);
  common::v1::ColumnBatch proto;
  ToProto(batch, &proto);
  EXPECT_EQ(proto.columns(0).validity().size(), 1u);
  EXPECT_TRUE(FromProto(proto).ok());
}

struct Malformed {
  std::string name;
  std::string column;  // named by the error
  std::function<void(common::v1::ColumnBatch*)> spoil;
};

class FromProtoRefusalTest : public ::testing::TestWithParam<Malformed> {};

TEST_P(FromProtoRefusalTest, NamesTheColumn) {
  common::v1::ColumnBatch proto = ThreeRows();
  GetParam().spoil(&proto);
  const absl::Status status = FromProto(proto).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(status::ReasonOf(status), "BATCH_INVALID");
  ASSERT_TRUE(status::DetailsOf(status).has_value());
  EXPECT_EQ(status::DetailsOf(status)->metadata.at("column"), GetParam().column);
}

INSTANTIATE_TEST_SUITE_P(
    All, FromProtoRefusalTest,
    ::testing::Values(
        Malformed{"FewerValues", "f",
                  [](auto* b) { b->mutable_columns(0)->set_values("1234567"); }},
        Malformed{"MoreValues", "i",
                  [](auto* b) { b->mutable_columns(1)->mutable_values()->append(8, '\0'); }},
        Malformed{"NoValues", "b", [](auto* b) { b->mutable_columns(2)->clear_values(); }},
        Malformed{"ShortDates", "d",
                  [](auto* b) { b->mutable_columns(5)->mutable_values()->resize(11); }},
        Malformed{"LongValidity", "f", [](auto* b) { b->mutable_columns(0)->set_validity("ab"); }},
        Malformed{"ValidityWithoutRows", "f",
                  [](auto* b) {
                    b->set_row_count(0);
                    for (auto& column : *b->mutable_columns()) column.clear_values();
                  }},
        Malformed{"TypeUnspecified", "f", [](auto* b) { b->mutable_columns(0)->clear_type(); }},
        Malformed{"TypeUnknown", "f",
                  [](auto* b) {
                    b->mutable_columns(0)->set_type(static_cast<common::v1::ColumnType>(77));
                  }},
        Malformed{"NameTwice", "f", [](auto* b) { b->mutable_columns(1)->set_name("f"); }},
        Malformed{"NameEmpty", "", [](auto* b) { b->mutable_columns(1)->clear_name(); }},
        Malformed{"CodeOutside", "t",
                  [](auto* b) {
                    b->mutable_columns(3)->set_values(Bytes<uint32_t>({0, 1, 2}));
                  }},
        Malformed{"DictionaryNotUtf8", "t",
                  [](auto* b) { b->mutable_columns(3)->set_dictionary(0, "\xC3"); }},
        Malformed{
            "DictionaryHoldsNul", "t",
            [](auto* b) { b->mutable_columns(3)->set_dictionary(0, std::string("a\0b", 3)); }},
        Malformed{"DictionaryEntryTwice", "t",
                  [](auto* b) { b->mutable_columns(3)->set_dictionary(1, "é"); }},
        Malformed{"DictionaryOfNumbers", "i",
                  [](auto* b) { b->mutable_columns(1)->add_dictionary("x"); }},
        Malformed{"BooleanTwo", "b",
                  [](auto* b) {
                    b->mutable_columns(2)->set_values(Bytes<uint8_t>({0, 1, 2}));
                  }},
        Malformed{"TooManyRows", "", [](auto* b) { b->set_row_count((1 << 20) + 1); }}),
    [](const auto& param) { return param.param.name; });

TEST(ToProtoTest, ColumnsTakeTheBytesOfTheirValuesAndNoMoreThanTheirOverhead) {
  for (int type = 1; type <= 6; ++type) {
    const Column column = Widest(static_cast<ColumnType>(type));
    common::v1::ColumnBatch proto;
    ToProto({.rows = 1, .columns = {column}}, &proto);
    EXPECT_EQ(proto.columns(0).values().size(), ValueBytes(column.type));
    size_t most = ValueBytes(column.type) + 1 + kColumnOverheadBytes;
    for (const std::string& entry : column.dictionary) most += entry.size() + kEntryOverheadBytes;
    EXPECT_LE(proto.ByteSizeLong(), most) << ColumnTypeName(column.type);
  }
}

}  // namespace
}  // namespace metricstore::columns
