#include "registry_service/ingest/row_order.h"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>
#include <string_view>

#include "registry_service/datasets/raw_table.h"

namespace metricstore::registry {
namespace {

using columns::Column;
using columns::ColumnType;

// One number for each row that sorts as the column's values do in the index.
using SortKeys = std::vector<uint64_t>;

constexpr uint64_t kSignBit = uint64_t{1} << 63;

uint64_t SortKey(int64_t value) { return std::bit_cast<uint64_t>(value) ^ kSignBit; }

uint64_t SortKey(double value) {
  const auto bits = std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);  // -0 equals 0
  return (bits & kSignBit) != 0 ? ~bits : bits | kSignBit;
}

// The place of each dictionary entry among all, bytewise.
std::vector<uint64_t> RanksOf(const std::vector<std::string>& dictionary) {
  std::vector<uint32_t> codes(dictionary.size());
  std::iota(codes.begin(), codes.end(), 0);
  std::sort(codes.begin(), codes.end(),
            [&](uint32_t a, uint32_t b) { return dictionary[a] < dictionary[b]; });
  std::vector<uint64_t> ranks(dictionary.size());
  for (size_t rank = 0; rank < codes.size(); ++rank) ranks[codes[rank]] = rank;
  return ranks;
}

SortKeys SortKeysOf(const Column& column) {
  SortKeys keys(column.size());
  const auto fill = [&](const auto& values) {
    std::transform(values.begin(), values.end(), keys.begin(),
                   [](auto value) { return SortKey(value); });
  };
  switch (column.type) {
    case ColumnType::kFloat64:
      fill(column.float64);
      break;
    case ColumnType::kInt64:
    case ColumnType::kTimestamp:
      fill(column.int64);
      break;
    case ColumnType::kDate:
      std::transform(column.date.begin(), column.date.end(), keys.begin(),
                     [](int32_t day) { return SortKey(int64_t{day}); });
      break;
    case ColumnType::kBool:
      std::copy(column.boolean.begin(), column.boolean.end(), keys.begin());
      break;
    case ColumnType::kText: {
      const std::vector<uint64_t> ranks = RanksOf(column.dictionary);
      std::transform(column.codes.begin(), column.codes.end(), keys.begin(), [&](uint32_t code) {
        return code < ranks.size() ? ranks[code] : 0;  // a NULL's code means nothing
      });
      break;
    }
  }
  return keys;
}

int Compare(const std::vector<SortKeys>& keys, uint32_t a, uint32_t b) {
  for (const SortKeys& key : keys) {
    if (key[a] != key[b]) return key[a] < key[b] ? -1 : 1;
  }
  return 0;
}

std::vector<uint32_t> AcceptedRows(size_t rows, const RejectedRows& rejected) {
  std::vector<uint32_t> accepted;
  accepted.reserve(rows);
  auto next_reject = rejected.rows().begin();
  for (uint32_t row = 0; row < rows; ++row) {
    if (next_reject != rejected.rows().end() && *next_reject == row) {
      ++next_reject;
    } else {
      accepted.push_back(row);
    }
  }
  return accepted;
}

}  // namespace

std::vector<uint32_t> OrderRows(const Dataset& dataset, const std::vector<const Column*>& columns,
                                const columns::ColumnBatch& rows, const RejectedRows& rejected) {
  std::vector<SortKeys> keys;
  for (const std::string& name : KeyColumns(dataset)) {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (dataset.columns[i].name == name && columns[i] != nullptr) {
        keys.push_back(SortKeysOf(*columns[i]));
      }
    }
  }
  std::vector<uint32_t> order = AcceptedRows(rows.rows, rejected);
  const auto out_of_order = [&](uint32_t a, uint32_t b) { return Compare(keys, a, b) >= 0; };
  if (std::adjacent_find(order.begin(), order.end(), out_of_order) == order.end()) return order;
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return Compare(keys, a, b) < 0; });
  size_t kept = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    const bool replaced = i + 1 < order.size() && Compare(keys, order[i], order[i + 1]) == 0;
    if (!replaced) order[kept++] = order[i];
  }
  order.resize(kept);
  return order;
}

std::vector<EntityShare> SharesOf(const Dataset& dataset, const columns::ColumnBatch& rows,
                                  const std::vector<uint32_t>& order) {
  const Column* entity = rows.Find(dataset.entity_column);
  const Column* time = rows.Find(dataset.time_column);
  std::map<std::string_view, EntityShare> shares;
  EntityShare* share = nullptr;
  std::string_view current;
  for (const uint32_t row : order) {
    const bool named = entity != nullptr && entity->validity.valid(row);
    const std::string_view name = named ? entity->text(row) : std::string_view();
    if (share == nullptr || name != current) {
      share = &shares[name];
      current = name;
    }
    const int64_t micros = time != nullptr && time->validity.valid(row) ? time->int64[row] : 0;
    share->oldest_micros = share->rows == 0 ? micros : std::min(share->oldest_micros, micros);
    share->newest_micros = share->rows == 0 ? micros : std::max(share->newest_micros, micros);
    ++share->rows;
  }
  std::vector<EntityShare> sorted;
  sorted.reserve(shares.size());
  for (auto& [name, found] : shares) {
    found.entity = std::string(name);
    sorted.push_back(std::move(found));
  }
  return sorted;
}

}  // namespace metricstore::registry
