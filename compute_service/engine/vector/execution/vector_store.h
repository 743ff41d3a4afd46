// The whole vectors of one evaluation: columns of the caller, and what was computed from them.
#pragma once

#include <cstddef>
#include <memory>
#include <memory_resource>
#include <span>
#include <vector>

#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Owns what it allocates until it is released; views stay the caller's. Not thread-safe.
class VectorStore {
 public:
  explicit VectorStore(const std::vector<Value>& values)
      : values_(values), vectors_(values.size()) {}

  const Operand& operator[](ValueId id) const { return vectors_[id].operand; }

  // Lends the store memory that outlives it.
  void SetView(ValueId id, const Operand& operand) { vectors_[id].operand = operand; }
  // Room for `rows` values, with no mask: contents are for the caller to write. Memory that the
  // vector has is used again.
  Operand Allocate(ValueId id, size_t rows);
  // A mask of `rows` rows for a vector that has none.
  uint8_t* AllocateMask(ValueId id, size_t rows);
  // Gives a vector that has no mask one in which no row is NULL.
  void EnsureMask(ValueId id, size_t rows);
  // Forgets a mask in which no row is NULL.
  void DropFullMask(ValueId id, size_t rows);
  void Release(std::span<const ValueId> ids);

  // Keeps those rows of a vector that `selection` names.
  void Select(ValueId id, std::span<const uint32_t> selection);
  // Makes `to` of the stretches of `from`; they have `rows` rows.
  void CopyRanges(ValueId from, std::span<const RowRange> ranges, size_t rows, ValueId to);

 private:
  // An evaluation of one session has hundreds of short vectors: these share memory that is freed
  // with the store.
  struct Memory {
    std::unique_ptr<std::byte[]> own;  // of long ones
    std::byte* bytes = nullptr;
    size_t size = 0;
  };
  struct Vector {
    Operand operand;
    Memory values;
    Memory mask;
  };
  // Makes it `size` bytes at least; what it held is lost if that takes other memory.
  void Grow(Memory* memory, size_t size);

  const std::vector<Value>& values_;
  std::vector<Vector> vectors_;
  std::pmr::monotonic_buffer_resource short_vectors_;
};

}  // namespace metricstore::compute::vector
