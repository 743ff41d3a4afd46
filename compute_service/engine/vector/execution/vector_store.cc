#include "compute_service/engine/vector/execution/vector_store.h"

#include <bit>
#include <cstring>
#include <utility>

#include "compute_service/engine/vector/kernels/loops/row_validity.h"

namespace metricstore::compute::vector {
namespace {

template <typename T>
void CopySelected(const void* from, std::span<const uint32_t> selection, void* to) {
  const T* const source = static_cast<const T*>(from);
  T* const target = static_cast<T*>(to);
  for (size_t i = 0; i < selection.size(); ++i) target[i] = source[selection[i]];
}

void CopyStretches(const void* from, size_t element_bytes, std::span<const RowRange> ranges,
                   void* to) {
  auto* target = static_cast<std::byte*>(to);
  for (const RowRange& range : ranges) {
    const size_t bytes = range.rows() * element_bytes;
    std::memcpy(target, static_cast<const std::byte*>(from) + range.begin * element_bytes, bytes);
    target += bytes;
  }
}

}  // namespace

void VectorStore::Grow(Memory* memory, size_t size) {
  // Powers of two, so that a vector that grows leaves little behind.
  constexpr size_t kMostShared = 4096;
  if (memory->bytes != nullptr && size <= memory->size) return;
  memory->size = size <= kMostShared ? std::bit_ceil(size) : size;
  if (size <= kMostShared) {
    memory->own.reset();
    memory->bytes = static_cast<std::byte*>(short_vectors_.allocate(memory->size));
  } else {
    memory->own = std::make_unique_for_overwrite<std::byte[]>(size);
    memory->bytes = memory->own.get();
  }
}

Operand VectorStore::Allocate(ValueId id, size_t rows) {
  Vector& vector = vectors_[id];
  Grow(&vector.values, rows * ElementBytes(values_[id].type));
  vector.operand = {.values = vector.values.bytes, .valid = nullptr};
  return vector.operand;
}

uint8_t* VectorStore::AllocateMask(ValueId id, size_t rows) {
  Vector& vector = vectors_[id];
  Grow(&vector.mask, rows);
  vector.operand.valid = reinterpret_cast<uint8_t*>(vector.mask.bytes);
  return vector.operand.valid;
}

void VectorStore::EnsureMask(ValueId id, size_t rows) {
  if (vectors_[id].operand.valid == nullptr) std::memset(AllocateMask(id, rows), 1, rows);
}

void VectorStore::DropFullMask(ValueId id, size_t rows) {
  vector::DropFullMask(&vectors_[id].operand, rows);
}

void VectorStore::Release(std::span<const ValueId> ids) {
  for (const ValueId id : ids) vectors_[id] = {};
}

void VectorStore::Select(ValueId id, std::span<const uint32_t> selection) {
  const Vector source = std::exchange(vectors_[id], {});
  const Operand target = Allocate(id, selection.size());
  switch (ElementBytes(values_[id].type)) {
    case 8:
      CopySelected<uint64_t>(source.operand.values, selection, target.values);
      break;
    case 4:
      CopySelected<uint32_t>(source.operand.values, selection, target.values);
      break;
    default:
      CopySelected<uint8_t>(source.operand.values, selection, target.values);
  }
  if (source.operand.valid == nullptr) return;
  CopySelected<uint8_t>(source.operand.valid, selection, AllocateMask(id, selection.size()));
  DropFullMask(id, selection.size());
}

void VectorStore::CopyRanges(ValueId from, std::span<const RowRange> ranges, size_t rows,
                             ValueId to) {
  const Operand source = vectors_[from].operand;
  const Operand target = Allocate(to, rows);
  CopyStretches(source.values, ElementBytes(values_[to].type), ranges, target.values);
  if (source.valid == nullptr) return;
  CopyStretches(source.valid, 1, ranges, AllocateMask(to, rows));
  DropFullMask(to, rows);
}

}  // namespace metricstore::compute::vector
