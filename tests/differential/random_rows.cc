#include "tests/differential/random_rows.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace metricstore::differential {
namespace {

using columns::Column;
using columns::ColumnBatch;
using columns::ColumnType;

constexpr int64_t kMinute = 60'000'000;
constexpr int64_t kStart = 1'709'251'200'000'000;  // 2024-03-01T00:00:00Z
constexpr const char* kWords[] = {
    "a",         "ab",     "Abba",  "",           "b b",       "\xC3\xA9t\xC3\xA9",
    "12",        " -7.5 ", "aab",   "xbyb",       "a%b",       "x_b",
    "a\\b",      "true",   "FALSE", "2024-02-29", "1990-1-05", "2024-03-10 14:30:00",
    "2024-13-01"};

class Maker {
 public:
  Maker(const RowTraits& traits, std::mt19937_64& random) : traits_(traits), random_(random) {}

  ColumnBatch Make();

 private:
  size_t Below(size_t count) {
    return std::uniform_int_distribution<size_t>(0, count - 1)(random_);
  }
  double Uniform(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random_);
  }
  double Real();
  double Extreme();
  double Tiny();
  int64_t Big();
  Column Start(const char* name, ColumnType type) const { return {.name = name, .type = type}; }
  bool IsNull() { return Uniform(0, 1) < traits_.null_share; }
  template <typename T, typename Next>
  Column Fill(const char* name, ColumnType type, std::vector<T> Column::*values, Next next);
  Column Texts(const char* name);

  const RowTraits& traits_;
  std::mt19937_64& random_;
};

double Maker::Real() {
  if (traits_.not_finite && Below(8) == 0) {
    constexpr double kOdd[] = {std::numeric_limits<double>::quiet_NaN(),
                               std::numeric_limits<double>::infinity(),
                               -std::numeric_limits<double>::infinity()};
    return kOdd[Below(3)];
  }
  if (Below(12) == 0) return -0.0;
  if (traits_.whole_numbers) return static_cast<double>(Below(9)) - 4;
  return Uniform(-20, 20);
}

double Maker::Extreme() { return std::ldexp(Uniform(-1, 1), static_cast<int>(Below(1600)) - 800); }

double Maker::Tiny() { return std::ldexp(Uniform(-1, 1), static_cast<int>(Below(60)) - 1070); }

int64_t Maker::Big() {
  if (Below(8) == 0) {
    constexpr int64_t kLimits[] = {
        std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min(),
        std::numeric_limits<int64_t>::max() - 2, std::numeric_limits<int64_t>::min() + 3};
    return kLimits[Below(4)];
  }
  return static_cast<int64_t>(random_() >> 2) * (Below(2) == 0 ? 1 : -1);
}

template <typename T, typename Next>
Column Maker::Fill(const char* name, ColumnType type, std::vector<T> Column::*values, Next next) {
  Column column = Start(name, type);
  for (size_t row = 0; row < traits_.rows; ++row) {
    const bool is_null = IsNull();
    (column.*values).push_back(is_null ? T{} : static_cast<T>(next()));
    if (is_null) column.validity.SetNull(row, traits_.rows);
  }
  return column;
}

Column Maker::Texts(const char* name) {
  Column column = Start(name, ColumnType::kText);
  columns::DictionaryBuilder dictionary;
  for (size_t row = 0; row < traits_.rows; ++row) {
    const bool is_null = IsNull();
    const uint32_t code = is_null ? 0 : dictionary.CodeOf(kWords[Below(std::size(kWords))]);
    column.codes.push_back(code);
    if (is_null) column.validity.SetNull(row, traits_.rows);
  }
  column.dictionary = dictionary.Take();
  return column;
}

ColumnBatch Maker::Make() {
  ColumnBatch batch{.rows = traits_.rows, .columns = {}};
  Column times = Start("ts", ColumnType::kTimestamp);
  int64_t time = kStart;
  for (size_t row = 0; row < traits_.rows; ++row) {
    times.int64.push_back(time);
    if (!traits_.equal_times || Below(3) > 0) time += kMinute * static_cast<int64_t>(1 + Below(90));
  }
  batch.columns.push_back(std::move(times));
  for (const char* name : {"a", "b"}) {
    batch.columns.push_back(
        Fill(name, ColumnType::kFloat64, &Column::float64, [this] { return Real(); }));
  }
  batch.columns.push_back(
      Fill("x", ColumnType::kFloat64, &Column::float64, [this] { return Extreme(); }));
  batch.columns.push_back(
      Fill("tiny", ColumnType::kFloat64, &Column::float64, [this] { return Tiny(); }));
  for (const char* name : {"n", "m"}) {
    batch.columns.push_back(Fill(name, ColumnType::kInt64, &Column::int64,
                                 [this] { return static_cast<int64_t>(Below(11)) - 3; }));
  }
  batch.columns.push_back(
      Fill("big", ColumnType::kInt64, &Column::int64, [this] { return Big(); }));
  batch.columns.push_back(Texts("s"));
  batch.columns.push_back(Texts("u"));
  batch.columns.push_back(
      Fill("flag", ColumnType::kBool, &Column::boolean, [this] { return Below(2); }));
  batch.columns.push_back(Fill("seen", ColumnType::kTimestamp, &Column::int64, [this] {
    return kStart + static_cast<int64_t>(Below(4'000'000)) * 1'000'003 - 2'000'000'000'000'000;
  }));
  batch.columns.push_back(Fill("day", ColumnType::kDate, &Column::date,
                               [this] { return static_cast<int64_t>(Below(30'000)) - 5'000; }));
  return batch;
}

}  // namespace

const expression::Schema& RowSchema() {
  static const expression::Schema schema = {
      {"ts", ColumnType::kTimestamp, false}, {"a", ColumnType::kFloat64, true},
      {"b", ColumnType::kFloat64, true},     {"x", ColumnType::kFloat64, true},
      {"tiny", ColumnType::kFloat64, true},  {"n", ColumnType::kInt64, true},
      {"m", ColumnType::kInt64, true},       {"big", ColumnType::kInt64, true},
      {"s", ColumnType::kText, true},        {"u", ColumnType::kText, true},
      {"flag", ColumnType::kBool, true},     {"seen", ColumnType::kTimestamp, true},
      {"day", ColumnType::kDate, true},
  };
  return schema;
}

ColumnBatch RandomRows(const RowTraits& traits, std::mt19937_64& random) {
  return Maker(traits, random).Make();
}

ColumnBatch Slice(const ColumnBatch& rows, size_t begin, size_t end) {
  ColumnBatch part{.rows = end - begin, .columns = {}};
  const auto cut = [&](auto& values) {
    if (values.empty()) return;
    values = {values.begin() + static_cast<ptrdiff_t>(begin),
              values.begin() + static_cast<ptrdiff_t>(end)};
  };
  for (Column column : rows.columns) {
    columns::Validity validity;
    for (size_t row = begin; row < end; ++row) {
      if (!column.validity.valid(row)) validity.SetNull(row - begin, end - begin);
    }
    cut(column.float64);
    cut(column.int64);
    cut(column.date);
    cut(column.boolean);
    cut(column.codes);
    column.validity = std::move(validity);
    part.columns.push_back(std::move(column));
  }
  return part;
}

}  // namespace metricstore::differential
