#include "common/columns/column_batch.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"

namespace metricstore::columns {
namespace {

constexpr struct {
  ColumnType type;
  std::string_view name;
} kTypeNames[] = {
    {ColumnType::kFloat64, "float64"},     {ColumnType::kInt64, "int64"},
    {ColumnType::kBool, "bool"},           {ColumnType::kText, "text"},
    {ColumnType::kTimestamp, "timestamp"}, {ColumnType::kDate, "date"},
};

constexpr size_t BitmapBytes(size_t rows) { return (rows + 7) / 8; }

}  // namespace

std::string_view ColumnTypeName(ColumnType type) {
  for (const auto& entry : kTypeNames) {
    if (entry.type == type) return entry.name;
  }
  return "unknown";
}

std::optional<ColumnType> ParseColumnType(std::string_view name) {
  for (const auto& entry : kTypeNames) {
    if (entry.name == name) return entry.type;
  }
  return std::nullopt;
}

size_t ValueBytes(ColumnType type) {
  switch (type) {
    case ColumnType::kFloat64:
    case ColumnType::kInt64:
    case ColumnType::kTimestamp:
      return 8;
    case ColumnType::kText:
    case ColumnType::kDate:
      return 4;
    case ColumnType::kBool:
      return 1;
  }
  return 8;
}

void Validity::SetNull(size_t row, size_t rows) {
  if (bits_.size() < BitmapBytes(rows)) bits_.resize(BitmapBytes(rows), 0xFF);
  bits_[row >> 3] &= static_cast<uint8_t>(~(1U << (row & 7)));
}

Validity Validity::FromBits(std::vector<uint8_t> bits) {
  Validity validity;
  validity.bits_ = std::move(bits);
  return validity;
}

void Validity::Append(const Validity& other, size_t rows, size_t count) {
  if (all_valid() && other.all_valid()) return;
  bits_.resize(BitmapBytes(rows), 0xFF);
  // Bits beyond `rows` are unspecified so far: they become 1 and the NULL rows are cleared below.
  if ((rows & 7) != 0) bits_.back() |= static_cast<uint8_t>(0xFFU << (rows & 7));
  bits_.resize(BitmapBytes(rows + count), 0xFF);
  for (size_t i = 0; i < count; ++i) {
    if (!other.valid(i)) SetNull(rows + i, rows + count);
  }
}

size_t Column::size() const {
  switch (type) {
    case ColumnType::kFloat64:
      return float64.size();
    case ColumnType::kInt64:
    case ColumnType::kTimestamp:
      return int64.size();
    case ColumnType::kBool:
      return boolean.size();
    case ColumnType::kText:
      return codes.size();
    case ColumnType::kDate:
      return date.size();
  }
  return 0;
}

const Column* ColumnBatch::Find(std::string_view name) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [name](const Column& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

// The set holds codes and hashes the values they stand for, so that each string is kept once.
struct DictionaryBuilder::Index {
  struct Hash {
    using is_transparent = void;
    const std::vector<std::string>* values;
    size_t operator()(std::string_view value) const { return absl::HashOf(value); }
    size_t operator()(uint32_t code) const {
      return absl::HashOf(std::string_view((*values)[code]));
    }
  };
  struct Equal {
    using is_transparent = void;
    const std::vector<std::string>* values;
    bool operator()(uint32_t a, uint32_t b) const { return a == b; }
    bool operator()(uint32_t code, std::string_view value) const {
      return (*values)[code] == value;
    }
    bool operator()(std::string_view value, uint32_t code) const {
      return (*values)[code] == value;
    }
  };
  std::vector<std::string> values;
  absl::flat_hash_set<uint32_t, Hash, Equal> codes{0, Hash{&values}, Equal{&values}};
  uint32_t last = 0;
};

DictionaryBuilder::DictionaryBuilder() : index_(std::make_unique<Index>()) {}
DictionaryBuilder::~DictionaryBuilder() = default;

uint32_t DictionaryBuilder::CodeOf(std::string_view value) {
  Index& index = *index_;
  // Rows sorted by entity repeat the same value for long.
  if (!index.values.empty() && index.values[index.last] == value) return index.last;
  const auto found = index.codes.find(value);
  if (found != index.codes.end()) return index.last = *found;
  index.last = static_cast<uint32_t>(index.values.size());
  index.values.emplace_back(value);
  index.codes.insert(index.last);
  return index.last;
}

std::vector<std::string> DictionaryBuilder::Take() {
  std::vector<std::string> values = std::move(index_->values);
  index_ = std::make_unique<Index>();
  return values;
}

}  // namespace metricstore::columns
