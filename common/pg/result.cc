#include "common/pg/result.h"

#include <cassert>
#include <charconv>
#include <utility>

#include "common/pg/result_access.h"
#include "common/pg/value_text.h"

namespace metricstore::pg {
namespace {

// The value of a parse that can only fail if SQL and code disagree about a column's type.
template <typename T>
T Expect(std::optional<T> value) {
  assert(value.has_value() && "column is not of the type that the code reads");
  return value.has_value() ? *std::move(value) : T();
}

template <typename Integer>
Integer ParseInteger(std::string_view text) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool complete = error == std::errc() && end == text.data() + text.size();
  assert(complete && "column is not an integer of the size that the code reads");
  return complete ? value : 0;
}

}  // namespace

struct Row::Rep {
  std::shared_ptr<const void> owner;
  std::vector<std::string_view> cells;
  int columns = 0;
  int rows = 0;
  int64_t affected_rows = 0;

  std::string_view Cell(int row, int column) const {
    assert(row >= 0 && row < rows && column >= 0 && column < columns);
    return cells[static_cast<size_t>(row) * columns + column];
  }
};

bool Row::IsNull(int column) const { return rep_->Cell(row_, column).data() == nullptr; }

std::string_view Row::Text(int column) const {
  assert(!IsNull(column) && "column is NULL");
  return rep_->Cell(row_, column);
}

int64_t Row::Int64(int column) const { return ParseInteger<int64_t>(Text(column)); }
int32_t Row::Int32(int column) const { return ParseInteger<int32_t>(Text(column)); }
double Row::Float64(int column) const { return Expect(ParseDouble(Text(column))); }

bool Row::Bool(int column) const {
  const std::string_view text = Text(column);
  assert((text == "t" || text == "f") && "column is not a boolean");
  return text == "t";
}

absl::Time Row::Time(int column) const { return Expect(ParseTimestamp(Text(column))); }
absl::CivilDay Row::Date(int column) const { return Expect(ParseDate(Text(column))); }
std::string Row::Bytes(int column) const { return Expect(ParseBytes(Text(column))); }

std::vector<std::string> Row::TextArray(int column) const {
  std::vector<std::string> texts;
  for (auto& element : Expect(ParseArray(Text(column)))) texts.push_back(Expect(element));
  return texts;
}

std::optional<int64_t> Row::OptionalInt64(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Int64(column);
}

std::optional<absl::Time> Row::OptionalTime(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Time(column);
}

Result::Result() : rep_(std::make_shared<Row::Rep>()) {}
int Result::size() const { return rep_->rows; }
int64_t Result::affected_rows() const { return rep_->affected_rows; }

Row Result::operator[](int row) const {
  assert(row >= 0 && row < size());
  return {rep_.get(), row};
}

Result ResultAccess::Make(std::shared_ptr<const void> owner, std::vector<std::string_view> cells,
                          int columns, int rows, int64_t affected_rows) {
  auto rep = std::make_shared<Row::Rep>();
  *rep = {std::move(owner), std::move(cells), columns, rows, affected_rows};
  Result result;
  result.rep_ = std::move(rep);
  return result;
}

}  // namespace metricstore::pg
