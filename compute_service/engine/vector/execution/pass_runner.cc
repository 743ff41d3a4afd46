#include "compute_service/engine/vector/pass_runner.h"

#include <algorithm>
#include <cstring>

#include "common/status/macros.h"

namespace metricstore::compute::vector {
namespace {

// Rows of a block: a few operands of it fit into the first-level cache.
constexpr size_t kBlockRows = 1024;
constexpr size_t kBlocksBetweenChecks = 64;
constexpr size_t kSlotValueBytes = kBlockRows * sizeof(double);
constexpr size_t kSlotBytes = kSlotValueBytes + kBlockRows;

RowKernel KernelOf(const Value& value, const std::vector<Value>& values) {
  // The type that a kernel works on is that of its value arguments.
  const ValueType type = values[value.arguments[value.op == Op::kSelect ? 1 : 0]].type;
  const RowKernel arithmetic = ArithmeticKernel(value.op, type);
  return arithmetic != nullptr ? arithmetic : ConditionKernel(value.op, type);
}

template <typename T>
void Fill(uint64_t payload, std::byte* values) {
  T value;
  std::memcpy(&value, &payload, sizeof(T));  // little-endian: the low bytes
  std::fill_n(reinterpret_cast<T*>(values), kBlockRows, value);
}

}  // namespace

PassRunner::PassRunner(const Pass& pass, const std::vector<Value>& values,
                       const TextAnswers& answers, VectorStore* store)
    : values_(values), store_(*store) {
  scratch_ = std::make_unique_for_overwrite<std::byte[]>(pass.slot_count * kSlotBytes);
  steps_.reserve(pass.values.size());
  for (size_t i = 0; i < pass.values.size(); ++i) AddStep(pass, i, answers);
}

void PassRunner::AddSource(ValueId argument, Step* step) {
  Source& source = step->sources[step->source_count++];
  const auto inside = step_of_.find(argument);
  if (inside != step_of_.end() && step->op != Op::kLag) {
    source.step = inside->second;
    return;
  }
  source.value = argument;
  source.element_bytes = ElementBytes(values_[argument].type);
}

void PassRunner::AddStep(const Pass& pass, size_t index, const TextAnswers& answers) {
  const ValueId id = pass.values[index];
  const Value& value = values_[id];
  Step step{.id = id, .op = value.op, .element_bytes = ElementBytes(value.type)};
  step.scratch = scratch_.get() + pass.slots[index] * kSlotBytes;
  step.is_output = pass.is_output[index];
  step.lag_rows = value.payload;
  if (value.op == Op::kConstant) {
    FillConstant(value, &step);
  } else {
    for (const ValueId argument : value.arguments) {
      if (argument != kNoValue) AddSource(argument, &step);
    }
    if (value.op != Op::kLag) step.kernel = KernelOf(value, values_);
  }
  if (value.op == Op::kTextTest) {
    // Operands are mutable for the sake of results; kernels only read their arguments.
    step.sources[step.source_count++].whole.values = const_cast<uint8_t*>(answers[id].data());
  }
  step_of_[id] = steps_.size();
  steps_.push_back(step);
}

absl::Status PassRunner::Run(size_t rows, std::span<const RowRange> buckets,
                             const CallBounds& bounds) {
  rows_ = rows;
  buckets_ = buckets;
  FindVectors();
  size_t block = 0;
  for (size_t start = 0; start < rows; start += kBlockRows, ++block) {
    if (block % kBlocksBetweenChecks == 0) RETURN_IF_ERROR(bounds.Check());
    RunBlock(start, std::min(kBlockRows, rows - start));
  }
  return absl::OkStatus();
}

void PassRunner::FindVectors() {
  for (Step& step : steps_) {
    if (step.is_output) step.output = store_.Allocate(step.id, rows_).as<std::byte>();
    for (size_t i = 0; i < step.source_count; ++i) {
      Source& source = step.sources[i];
      if (source.value != kNoValue) source.whole = store_[source.value];
    }
  }
}

void PassRunner::FillConstant(const Value& value, Step* step) {
  switch (ElementBytes(value.type)) {
    case 8:
      Fill<uint64_t>(value.payload, step->scratch);
      break;
    case 4:
      Fill<uint32_t>(value.payload, step->scratch);
      break;
    default:
      Fill<uint8_t>(value.payload, step->scratch);
  }
  step->current.values = step->scratch;
  if (!value.is_null) return;
  step->current.valid = reinterpret_cast<uint8_t*>(step->scratch + kSlotValueBytes);
  std::memset(step->current.valid, 0, kBlockRows);
}

void PassRunner::RunBlock(size_t start, size_t rows) {
  for (Step& step : steps_) {
    if (step.op == Op::kConstant) continue;
    Operand arguments[3];
    for (size_t i = 0; i < step.source_count; ++i) {
      const Source& source = step.sources[i];
      arguments[i] = source.step != SIZE_MAX ? steps_[source.step].current
                                             : From(source.whole, start, source.element_bytes);
    }
    Operand out{
        .values = step.output == nullptr ? step.scratch : step.output + start * step.element_bytes,
        .valid = reinterpret_cast<uint8_t*>(step.scratch + kSlotValueBytes)};
    if (step.op == Op::kLag) {
      RunLag(step, start, rows, &out);
    } else {
      step.kernel(arguments, &out, rows);
    }
    step.current = out;
    if (step.is_output) KeepMask(step, start, rows);
  }
}

// The mask of an output starts with its first NULL.
void PassRunner::KeepMask(const Step& step, size_t start, size_t rows) {
  uint8_t* mask = store_[step.id].valid;
  if (step.current.valid == nullptr && mask == nullptr) return;
  if (mask == nullptr) {
    mask = store_.AllocateMask(step.id, rows_);
    std::memset(mask, 1, start);
  }
  if (step.current.valid == nullptr) {
    std::memset(mask + start, 1, rows);
  } else {
    std::memcpy(mask + start, step.current.valid, rows);
  }
}

// Copies the rows `lag` before; then takes back those that belong to another bucket. Rows of no
// bucket get values that nobody reads.
void PassRunner::RunLag(const Step& step, size_t start, size_t rows, Operand* out) const {
  const Source& source = step.sources[0];
  const size_t lag = step.lag_rows;
  const size_t missing = start >= lag ? 0 : std::min(rows, lag - start);
  std::byte* const values = out->as<std::byte>();
  std::memset(values, 0, missing * step.element_bytes);
  std::memset(out->valid, 0, missing);
  if (missing < rows) {
    const Operand from = From(source.whole, start + missing - lag, source.element_bytes);
    std::memcpy(values + missing * step.element_bytes, from.values,
                (rows - missing) * step.element_bytes);
    if (from.valid == nullptr) {
      std::memset(out->valid + missing, 1, rows - missing);
    } else {
      std::memcpy(out->valid + missing, from.valid, rows - missing);
    }
  }
  ForgetOtherBuckets(step, start, rows, out);
}

void PassRunner::ForgetOtherBuckets(const Step& step, size_t start, size_t rows,
                                    Operand* out) const {
  auto bucket = std::partition_point(buckets_.begin(), buckets_.end(),
                                     [start](const RowRange& range) { return range.end <= start; });
  for (; bucket != buckets_.end() && bucket->begin < start + rows; ++bucket) {
    const size_t from = std::max(bucket->begin, start);
    const size_t to = std::min({bucket->begin + step.lag_rows, bucket->end, start + rows});
    if (from >= to) continue;
    std::memset(out->as<std::byte>() + (from - start) * step.element_bytes, 0,
                (to - from) * step.element_bytes);
    std::memset(out->valid + (from - start), 0, to - from);
  }
}

}  // namespace metricstore::compute::vector
