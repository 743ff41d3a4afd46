#include "registry_service/windows/batch_builder.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace metricstore::registry {
namespace {

using columns::Column;
using columns::ColumnType;

void PushZero(Column& column) {
  switch (column.type) {
    case ColumnType::kFloat64:
      return column.float64.push_back(0);
    case ColumnType::kInt64:
    case ColumnType::kTimestamp:
      return column.int64.push_back(0);
    case ColumnType::kText:
      return column.codes.push_back(0);
    case ColumnType::kDate:
      return column.date.push_back(0);
    case ColumnType::kBool:
      return column.boolean.push_back(0);
  }
}

void Reserve(Column& column, size_t rows) {
  switch (column.type) {
    case ColumnType::kFloat64:
      return column.float64.reserve(rows);
    case ColumnType::kInt64:
    case ColumnType::kTimestamp:
      return column.int64.reserve(rows);
    case ColumnType::kText:
      return column.codes.reserve(rows);
    case ColumnType::kDate:
      return column.date.reserve(rows);
    case ColumnType::kBool:
      return column.boolean.reserve(rows);
  }
}

}  // namespace

BatchBuilder::BatchBuilder(std::vector<const DatasetColumn*> columns, size_t max_bytes)
    : declared_(std::move(columns)), max_bytes_(max_bytes) {
  for (size_t i = 0; i < declared_.size(); ++i) {
    row_bytes_ += columns::ValueBytes(declared_[i]->type);
    if (declared_[i]->type == ColumnType::kText) text_fields_.push_back(static_cast<int>(i));
  }
  row_bytes_ += declared_.size() / 8 + 1;  // a bit of validity for each value
  Start();
}

void BatchBuilder::Start() {
  rows_ = 0;
  bytes_ = declared_.size() * columns::kColumnOverheadBytes;
  columns_.clear();
  columns_.resize(declared_.size());
  dictionaries_ = std::vector<columns::DictionaryBuilder>(declared_.size());
  entries_.assign(declared_.size(), 0);
  for (size_t i = 0; i < declared_.size(); ++i) {
    columns_[i].name = declared_[i]->name;
    columns_[i].type = declared_[i]->type;
    Reserve(columns_[i], rows_reserved_);
  }
}

bool BatchBuilder::Fits(const pg::CopyReader& reader) const {
  if (rows_ == 0) return true;
  size_t needed = row_bytes_;
  for (const int field : text_fields_) {
    if (!reader.IsNull(field)) needed += reader.Text(field).size() + columns::kEntryOverheadBytes;
  }
  return bytes_ + needed <= max_bytes_;
}

void BatchBuilder::Add(const pg::CopyReader& reader) {
  bytes_ += row_bytes_;
  for (int field = 0; field < static_cast<int>(columns_.size()); ++field) AddValue(reader, field);
  ++rows_;
}

void BatchBuilder::AddValue(const pg::CopyReader& reader, int field) {
  const auto place = static_cast<size_t>(field);
  Column& column = columns_[place];
  if (reader.IsNull(field)) {
    PushZero(column);
    column.validity.SetNull(rows_, rows_ + 1);
    return;
  }
  switch (column.type) {
    case ColumnType::kFloat64:
      return column.float64.push_back(reader.Float64(field));
    case ColumnType::kInt64:
      return column.int64.push_back(reader.Int64(field));
    case ColumnType::kTimestamp:
      return column.int64.push_back(reader.TimeMicros(field));
    case ColumnType::kDate:
      return column.date.push_back(reader.DateDays(field));
    case ColumnType::kBool:
      return column.boolean.push_back(reader.Bool(field) ? 1 : 0);
    case ColumnType::kText:
      break;
  }
  const std::string_view text = reader.Text(field);
  const uint32_t code = dictionaries_[place].CodeOf(text);
  column.codes.push_back(code);
  if (code == entries_[place]) {
    ++entries_[place];
    bytes_ += text.size() + columns::kEntryOverheadBytes;
  }
}

columns::ColumnBatch BatchBuilder::Take() {
  for (size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    if (column.type == ColumnType::kText) column.dictionary = dictionaries_[i].Take();
    // The bitmap ends with the last NULL so far.
    const size_t covered = std::min(rows_, column.validity.bits().size() * 8);
    if (covered > 0) column.validity.Append({}, covered, rows_ - covered);
  }
  columns::ColumnBatch batch{.rows = rows_, .columns = std::move(columns_)};
  rows_reserved_ = rows_;
  Start();
  return batch;
}

}  // namespace metricstore::registry
