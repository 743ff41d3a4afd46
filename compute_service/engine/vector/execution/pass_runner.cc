#include "compute_service/engine/vector/execution/pass_runner.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/status/macros.h"
#include "compute_service/engine/vector/execution/neighbour_rows.h"

namespace metricstore::compute::vector {
namespace {

// Rows of a block: a few operands of it fit into the first-level cache.
constexpr size_t kBlockRows = 1024;
constexpr size_t kBlocksBetweenChecks = 64;
constexpr size_t kSlotValueBytes = kBlockRows * sizeof(double);
constexpr size_t kSlotBytes = kSlotValueBytes + kBlockRows;

RowKernel KernelOf(const Value& value, const std::vector<Value>& values) {
  // The type that a kernel works on is that of its value arguments.
  const bool begins_with_condition = value.op == Op::kSelect || value.op == Op::kWhere;
  const ValueType type = values[value.arguments[begins_with_condition ? 1 : 0]].type;
  const RowKernel arithmetic = ArithmeticKernel(value.op, type);
  return arithmetic != nullptr ? arithmetic : ConditionKernel(value.op, type);
}

template <typename T>
void Fill(uint64_t payload, size_t rows, std::byte* values) {
  T value;
  std::memcpy(&value, &payload, sizeof(value));  // little-endian: the low bytes
  std::fill_n(reinterpret_cast<T*>(values), rows, value);
}

// The only argument that is no constant, if it is a text.
size_t OnlyText(const Value& value, const std::vector<Value>& values) {
  size_t found = SIZE_MAX;
  for (size_t i = 0; i < 3 && value.arguments[i] != kNoValue; ++i) {
    const Value& argument = values[value.arguments[i]];
    if (argument.op == Op::kConstant) continue;
    if (found != SIZE_MAX || argument.type != ValueType::kCode) return SIZE_MAX;
    found = i;
  }
  return found;
}

}  // namespace

PassRunner::PassRunner(const Pass& pass, const EvaluationTexts& texts, VectorStore* store)
    : program_(texts.program()), texts_(texts), store_(*store) {
  scratch_ = std::make_unique_for_overwrite<std::byte[]>(pass.slot_count * kSlotBytes);
  steps_.reserve(pass.values.size());
  for (size_t i = 0; i < pass.values.size(); ++i) AddStep(pass, i);
}

void PassRunner::AddSource(ValueId argument, Step* step) {
  Source& source = step->sources[step->source_count++];
  const auto inside = step_of_.find(argument);
  if (inside != step_of_.end() && !ReadsWhole(step->op)) {
    source.step = inside->second;
    return;
  }
  source.value = argument;
  source.element_bytes = ElementBytes(program_.values[argument].type);
}

// Operands are mutable for the sake of results; kernels only read their arguments.
void PassRunner::AddTable(const void* table, Step* step) {
  step->sources[step->source_count++].whole.values = const_cast<void*>(table);
}

void PassRunner::AddStep(const Pass& pass, size_t index) {
  const ValueId id = pass.values[index];
  const Value& value = program_.values[id];
  Step step{.id = id, .op = value.op, .element_bytes = ElementBytes(value.type)};
  step.scratch = scratch_.get() + pass.slots[index] * kSlotBytes;
  step.is_output = pass.is_output[index];
  if (value.op == Op::kConstant) {
    step.current.values = step.scratch;
    if (value.is_null) {
      step.current.valid = reinterpret_cast<uint8_t*>(step.scratch + kSlotValueBytes);
    }
  } else {
    for (const ValueId argument : value.arguments) {
      if (argument != kNoValue) AddSource(argument, &step);
    }
    Prepare(value, &step);
  }
  step_of_[id] = steps_.size();
  steps_.push_back(std::move(step));
}

void PassRunner::Prepare(const Value& value, Step* step) {
  switch (value.op) {
    case Op::kLag:
    case Op::kLead:
      return;
    case Op::kRunning:
      step->running = std::make_unique<RunningValue>(value.function, value.type,
                                                     program_.parameters[value.parameters]);
      return;
    case Op::kRowCall:
      return PrepareCall(value, step);
    case Op::kPoolText:
      AddTable(texts_.pooled(value.payload).data(), step);
      break;
    case Op::kTextTest:
      if (TestsColumn(value, program_.values)) {
        AddTable(texts_.answers(step->id).data(), step);
        break;
      }
      step->memo = std::make_unique<TextMemo>(step->element_bytes);
      return;
    default:
      break;
  }
  step->kernel = KernelOf(value, program_.values);
}

void PassRunner::PrepareCall(const Value& value, Step* step) {
  step->call = FunctionOf(value, program_.values[value.arguments[0]].type);
  const size_t text = OnlyText(value, program_.values);
  if (text == SIZE_MAX || SkipsNull(value.function)) return;
  step->memo = std::make_unique<TextMemo>(step->element_bytes);
  step->memo_source = text;
}

absl::Status PassRunner::Run(size_t rows, std::span<const RowRange> buckets,
                             const CallBounds& bounds) {
  rows_ = rows;
  buckets_ = buckets;
  FindVectors(true);
  return RunBlocks(bounds);
}

absl::Status PassRunner::RunInto(size_t rows, std::span<const RowRange> buckets,
                                 const CallBounds& bounds, TakeOutput take) {
  rows_ = rows;
  buckets_ = buckets;
  const bool is_one_block = rows <= kBlockRows;
  FindVectors(!is_one_block);
  if (is_one_block) {
    FillConstants(rows);
    RunBlock(0, rows, &take);
    return texts_.Check();
  }
  RETURN_IF_ERROR(RunBlocks(bounds));
  for (const Step& step : steps_) {
    if (step.is_output) take(step.id, store_[step.id]);
  }
  return absl::OkStatus();
}

absl::Status PassRunner::RunBlocks(const CallBounds& bounds) {
  FillConstants(std::min(rows_, kBlockRows));
  size_t block = 0;
  for (size_t start = 0; start < rows_; start += kBlockRows, ++block) {
    if (block % kBlocksBetweenChecks == 0) RETURN_IF_ERROR(bounds.Check());
    RunBlock(start, std::min(kBlockRows, rows_ - start), nullptr);
    RETURN_IF_ERROR(texts_.Check());
  }
  return absl::OkStatus();
}

void PassRunner::FindVectors(bool keeps_outputs) {
  for (Step& step : steps_) {
    if (step.is_output) {
      step.output = keeps_outputs ? store_.Allocate(step.id, rows_).as<std::byte>() : nullptr;
    }
    if (step.running != nullptr) step.running->Reset();
    for (size_t i = 0; i < step.source_count; ++i) {
      Source& source = step.sources[i];
      if (source.value != kNoValue) source.whole = store_[source.value];
    }
  }
}

void PassRunner::FillConstants(size_t rows) {
  if (rows <= constant_rows_) return;
  constant_rows_ = rows;
  for (const Step& step : steps_) {
    if (step.op != Op::kConstant) continue;
    const uint64_t payload = program_.values[step.id].payload;
    if (step.element_bytes == 8) {
      Fill<uint64_t>(payload, rows, step.scratch);
    } else if (step.element_bytes == 4) {
      Fill<uint32_t>(payload, rows, step.scratch);
    } else {
      Fill<uint8_t>(payload, rows, step.scratch);
    }
    if (step.current.valid != nullptr) std::memset(step.current.valid, 0, rows);
  }
}

void PassRunner::RunBlock(size_t start, size_t rows, const TakeOutput* take) {
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
    RunStep(&step, arguments, start, rows, &out);
    step.current = out;
    if (!step.is_output) continue;
    if (take != nullptr) {
      (*take)(step.id, out);
    } else {
      KeepMask(step, start, rows);
    }
  }
}

void PassRunner::RunStep(Step* step, const Operand* arguments, size_t start, size_t rows,
                         Operand* out) {
  const Value& value = program_.values[step->id];
  if (step->kernel != nullptr) {
    step->kernel(arguments, out, rows);
  } else if (step->memo != nullptr) {
    RunMemo(step, arguments, rows, out);
  } else if (step->call != nullptr) {
    step->call({texts_.pool(), program_.parameters[value.parameters]}, arguments, out, rows);
  } else if (step->running != nullptr) {
    RunOn(*step, arguments[0], start, rows, out);
  } else {
    CopyNeighbours(step->sources[0].whole, step->element_bytes, step->op == Op::kLead,
                   value.payload,
                   {.start = start, .rows = rows, .all_rows = rows_, .buckets = buckets_}, out);
  }
}

void PassRunner::RunMemo(Step* step, const Operand* arguments, size_t rows, Operand* out) const {
  const Value& value = program_.values[step->id];
  TextPool& pool = texts_.pool();
  const auto compute = [&](const Operand& codes, Operand* results, size_t count) {
    if (step->op == Op::kTextTest) {
      const TextTest& ask = program_.tests[value.payload];
      for (size_t i = 0; i < count; ++i) {
        results->as<uint8_t>()[i] = ask(pool[codes.as<uint32_t>()[i]]) ? 1 : 0;
      }
      results->valid = nullptr;
      return;
    }
    Operand given[3] = {arguments[0], arguments[1], arguments[2]};
    given[step->memo_source] = codes;
    step->call({pool, program_.parameters[value.parameters]}, given, results, count);
  };
  step->memo->Run(arguments[step->memo_source], rows, pool.size(), compute, out);
}

// Rows of no bucket are NULL.
void PassRunner::RunOn(const Step& step, const Operand& in, size_t start, size_t rows,
                       Operand* out) const {
  std::memset(out->values, 0, rows * step.element_bytes);
  std::memset(out->valid, 0, rows);
  auto bucket = std::partition_point(buckets_.begin(), buckets_.end(),
                                     [start](const RowRange& range) { return range.end <= start; });
  for (; bucket != buckets_.end() && bucket->begin < start + rows; ++bucket) {
    if (bucket->begin >= start) step.running->Reset();
    const size_t from = std::max(bucket->begin, start) - start;
    step.running->Run(in, {from, std::min(bucket->end, start + rows) - start}, out);
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

}  // namespace metricstore::compute::vector
