// Folds rows into the results of parts, and parts into those of buckets.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "compute_service/engine/vector/kernels/operand.h"
#include "compute_service/engine/vector/kernels/time_tree.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Rows that make one part, in order; more than one range only where others lie between.
struct PartRows {
  uint32_t part = 0;
  std::span<const RowRange> ranges;
};

// How buckets are joined from parts: the steps of one bucket after the other. A step names a part,
// or joins the two results before it to one.
struct BucketSteps {
  static constexpr uint32_t kJoin = UINT32_MAX;
  std::vector<uint32_t> steps;
  std::vector<size_t> ends;  // of each bucket's steps
};

// One fold of one vector. Parts are the nodes of a TimeTree by their numbers and, numbered from its
// size on, ends of buckets within a leaf. Sums and squared deviations are kept with what their
// additions rounded away, and means of parts are compared in that precision (T. F. Chan, G. H.
// Golub and R. J. LeVeque, "Algorithms for computing the sample variance", 1983, equation 2.1b), so
// a result is as good as that of one sum over the bucket. Not thread-safe.
class PartFold {
 public:
  // nullptr for operations whose results cannot be joined.
  static std::unique_ptr<PartFold> Create(Op op, ValueType type, size_t parts);
  virtual ~PartFold() = default;

  // Folds the rows of leaves and ends; the vector starts with row `first_row`.
  virtual void FoldRows(const Operand& column, size_t first_row,
                        std::span<const PartRows> parts) = 0;
  // Joins the nodes of which all leaves are folded.
  virtual void JoinNodes(const TimeTree& tree) = 0;
  // Writes one element for each bucket, and its byte of out->valid.
  virtual void Emit(const BucketSteps& buckets, Operand* out) const = 0;
};

}  // namespace metricstore::compute::vector
