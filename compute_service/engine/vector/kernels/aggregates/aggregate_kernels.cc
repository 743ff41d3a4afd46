#include "compute_service/engine/vector/kernels/aggregates/aggregate_kernels.h"

#include <cstdint>
#include <limits>

#include "compute_service/engine/vector/kernels/loops/reductions.h"
#include "compute_service/engine/vector/kernels/parts/moments.h"
#include "compute_service/engine/vector/kernels/parts/partial_results.h"

namespace metricstore::compute::vector {
namespace {

// Calls `aggregate` for each range; it gives the value and says whether there is one.
template <typename T, typename Out, typename Aggregate>
void ForEachRange(const Operand* in, std::span<const RowRange> ranges, size_t first, Operand* out,
                  const Aggregate& aggregate) {
  Out* const results = out->as<Out>();
  for (size_t i = 0; i < ranges.size(); ++i) {
    Out result = {};
    const bool valid = aggregate(RowsOf<T>(in[0], ranges[i]), first + i, &result);
    results[first + i] = valid ? result : Out{};
    out->valid[first + i] = valid ? 1 : 0;
  }
}

void CountRows(const Operand*, std::span<const RowRange> ranges, size_t first, Operand* out) {
  for (size_t i = 0; i < ranges.size(); ++i) {
    out->as<int64_t>()[first + i] = static_cast<int64_t>(ranges[i].rows());
    out->valid[first + i] = 1;
  }
}

void Count(const Operand* in, std::span<const RowRange> ranges, size_t first, Operand* out) {
  ForEachRange<uint8_t, int64_t>(in, ranges, first, out,
                                 [](const RowsOf<uint8_t>& run, size_t, int64_t* count) {
                                   *count = static_cast<int64_t>(run.Count());
                                   return true;
                                 });
}

// NULL rows hold zero and so change nothing.
void SumReals(const Operand* in, std::span<const RowRange> ranges, size_t first, Operand* out) {
  ForEachRange<double, double>(in, ranges, first, out,
                               [](const RowsOf<double>& run, size_t, double* sum) {
                                 *sum = SumOf(run.values, run.rows);
                                 return run.HasAny();
                               });
}

void SumIntegers(const Operand* in, std::span<const RowRange> ranges, size_t first, Operand* out) {
  ForEachRange<int64_t, double>(in, ranges, first, out,
                                [](const RowsOf<int64_t>& run, size_t, double* sum) {
                                  *sum = static_cast<double>(SumOf(run.values, run.rows));
                                  return run.HasAny();
                                });
}

// Clamped where it does not fit.
void SumExact(const Operand* in, std::span<const RowRange> ranges, size_t first, Operand* out) {
  constexpr __int128 kLeast = std::numeric_limits<int64_t>::min();
  constexpr __int128 kMost = std::numeric_limits<int64_t>::max();
  ForEachRange<int64_t, int64_t>(
      in, ranges, first, out, [&](const RowsOf<int64_t>& run, size_t, int64_t* sum) {
        const __int128 total = SumOf(run.values, run.rows);
        *sum = static_cast<int64_t>(total < kLeast ? kLeast : (total > kMost ? kMost : total));
        return run.HasAny();
      });
}

void SquaredDeviations(const Operand* in, std::span<const RowRange> ranges, size_t first,
                       Operand* out) {
  const double* const sums = in[1].as<double>();
  const int64_t* const counts = in[2].as<int64_t>();
  ForEachRange<double, double>(
      in, ranges, first, out, [&](const RowsOf<double>& run, size_t bucket, double* result) {
        if (counts[bucket] == 0) return false;
        const double count = static_cast<double>(counts[bucket]);
        *result = SquaresAroundMean(run.values, run.valid, run.rows, sums[bucket], count);
        return true;
      });
}

template <typename T, bool kGreatest>
void Extreme(const Operand* in, std::span<const RowRange> ranges, size_t first, Operand* out) {
  ForEachRange<T, T>(in, ranges, first, out, [](const RowsOf<T>& run, size_t, T* result) {
    if (!run.HasAny()) return false;
    *result = kGreatest ? GreatestOf(run.values, run.valid, run.rows)
                        : LeastOf(run.values, run.valid, run.rows);
    return true;
  });
}

template <typename T>
void First(const Operand* in, std::span<const RowRange> ranges, size_t first, Operand* out) {
  ForEachRange<T, T>(in, ranges, first, out, [](const RowsOf<T>& run, size_t, T* result) {
    size_t at = 0;
    while (run.valid != nullptr && at < run.rows && run.valid[at] == 0) ++at;
    if (at == run.rows) return false;
    *result = run.values[at];
    return true;
  });
}

template <typename T>
void Last(const Operand* in, std::span<const RowRange> ranges, size_t first, Operand* out) {
  ForEachRange<T, T>(in, ranges, first, out, [](const RowsOf<T>& run, size_t, T* result) {
    size_t at = run.rows;
    while (run.valid != nullptr && at > 0 && run.valid[at - 1] == 0) --at;
    if (at == 0) return false;
    *result = run.values[at - 1];
    return true;
  });
}

// Of values that are only handed on, whatever they are.
template <typename T>
AggregateKernel KernelOfEnds(Op op) {
  return op == Op::kFirst ? First<T> : Last<T>;
}

template <typename T>
AggregateKernel KernelOf(Op op) {
  switch (op) {
    case Op::kMin:
      return Extreme<T, false>;
    case Op::kMax:
      return Extreme<T, true>;
    default:
      return KernelOfEnds<T>(op);
  }
}

// Codes and dates are not compared here: only their first and last are asked for.
AggregateKernel KernelOfOrder(Op op, ValueType type) {
  switch (type) {
    case ValueType::kFloat64:
      return KernelOf<double>(op);
    case ValueType::kInt64:
      return KernelOf<int64_t>(op);
    case ValueType::kDate:
    case ValueType::kCode:
      return KernelOfEnds<uint32_t>(op);
    case ValueType::kBool:
      break;
  }
  return KernelOf<uint8_t>(op);
}

}  // namespace

AggregateKernel KernelOfAggregate(Op op, ValueType type) {
  switch (op) {
    case Op::kCountRows:
      return CountRows;
    case Op::kCount:
      return Count;
    case Op::kSum:
      return type == ValueType::kFloat64 ? SumReals : SumIntegers;
    case Op::kSumExact:
      return SumExact;
    case Op::kSquaredDeviations:
      return SquaredDeviations;
    default:
      return KernelOfOrder(op, type);
  }
}

}  // namespace metricstore::compute::vector
