#include "compute_service/engine/vector/kernels/sliding_ranks.h"

#include <algorithm>

namespace metricstore::compute::vector {
namespace {

// Where in `counts`, from `at` on, the k-th one lies; takes those before it off k.
size_t Find(const std::vector<uint32_t>& counts, size_t at, size_t* k) {
  while (*k >= counts[at]) *k -= counts[at++];
  return at;
}

}  // namespace

SlidingRanks::SlidingRanks(const ValueRanks& ranks)
    : ranks_(ranks),
      counts_(ranks.count),
      block_counts_((ranks.count >> kBlockBits) + 1),
      region_counts_((ranks.count >> (2 * kBlockBits)) + 1) {}

void SlidingRanks::MoveTo(RowRange rows) {
  if (rows.begin >= rows_.end || rows.end <= rows_.begin) {
    Remove(rows_);
    rows_ = {rows.begin, rows.begin};
  }
  if (rows.begin < rows_.begin) Add({rows.begin, rows_.begin});
  if (rows.begin > rows_.begin) Remove({rows_.begin, rows.begin});
  if (rows.end > rows_.end) Add({rows_.end, rows.end});
  if (rows.end < rows_.end) Remove({rows.end, rows_.end});
  rows_ = rows;
}

void SlidingRanks::Add(RowRange rows) {
  for (size_t row = rows.begin; row < rows.end; ++row) {
    const uint32_t rank = ranks_.of_row[row];
    if (rank == ValueRanks::kNull) continue;
    distinct_ += counts_[rank]++ == 0 ? 1 : 0;
    ++block_counts_[rank >> kBlockBits];
    ++region_counts_[rank >> (2 * kBlockBits)];
    ++size_;
  }
}

void SlidingRanks::Remove(RowRange rows) {
  for (size_t row = rows.begin; row < rows.end; ++row) {
    const uint32_t rank = ranks_.of_row[row];
    if (rank == ValueRanks::kNull) continue;
    distinct_ -= --counts_[rank] == 0 ? 1 : 0;
    --block_counts_[rank >> kBlockBits];
    --region_counts_[rank >> (2 * kBlockBits)];
    --size_;
  }
}

uint32_t SlidingRanks::Select(size_t k) const {
  const size_t region = Find(region_counts_, 0, &k);
  const size_t block = Find(block_counts_, region << kBlockBits, &k);
  return static_cast<uint32_t>(Find(counts_, block << kBlockBits, &k));
}

}  // namespace metricstore::compute::vector
