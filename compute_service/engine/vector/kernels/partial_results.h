// Results of parts of a bucket that can be joined to that of the whole.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "compute_service/engine/vector/kernels/compensated_sum.h"
#include "compute_service/engine/vector/kernels/moments.h"
#include "compute_service/engine/vector/kernels/operand.h"
#include "compute_service/engine/vector/kernels/reductions.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Rows of one vector.
template <typename T>
struct RowsOf {
  const T* values;
  const uint8_t* valid;  // nullptr: all
  size_t rows;

  RowsOf(const Operand& column, RowRange range)
      : values(column.as<T>() + range.begin),
        valid(column.valid == nullptr ? nullptr : column.valid + range.begin),
        rows(range.rows()) {}

  size_t Count() const { return valid == nullptr ? rows : CountOf(valid, rows); }
  bool HasAny() const {
    return rows > 0 && (valid == nullptr || std::memchr(valid, 1, rows) != nullptr);
  }
  bool HasAll() const { return valid == nullptr || std::memchr(valid, 0, rows) == nullptr; }
};

// Each has the type In of the rows and Out of the result, kReadsValues, Of(rows), Join(what comes
// after it) and Result, which says whether there is one. Without a row that is not NULL a partial
// changes nothing that it is joined to.

struct CountPartial {
  using In = uint8_t;
  using Out = int64_t;
  static constexpr bool kReadsValues = false;  // only the mask, of vectors of any type
  int64_t count = 0;

  static CountPartial Of(const RowsOf<uint8_t>& part) {
    return {static_cast<int64_t>(part.Count())};
  }
  void Join(const CountPartial& next) { count += next.count; }
  bool Result(int64_t* result) const {
    *result = count;
    return true;
  }
};

struct SumPartial {
  using In = double;
  using Out = double;
  static constexpr bool kReadsValues = true;
  Accumulator<double> sum;
  bool found = false;

  // NULL rows hold zero and so change nothing.
  static SumPartial Of(const RowsOf<double>& part) {
    return {PartialSumOf(part.values, part.rows), part.HasAny()};
  }
  void Join(const SumPartial& next) {
    if (!next.found) return;
    sum.Add(next.sum);
    found = true;
  }
  bool Result(double* result) const {
    *result = Total(sum);
    return found;
  }
};

// Clamped where the result is an integer that does not fit.
inline double RoundedSum(__int128 total, double) { return static_cast<double>(total); }
inline int64_t RoundedSum(__int128 total, int64_t) {
  constexpr __int128 kLeast = std::numeric_limits<int64_t>::min();
  constexpr __int128 kMost = std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(total < kLeast ? kLeast : (total > kMost ? kMost : total));
}

template <typename Sum>
struct IntegerSumPartial {
  using In = int64_t;
  using Out = Sum;
  static constexpr bool kReadsValues = true;
  __int128 total = 0;
  bool found = false;

  static IntegerSumPartial Of(const RowsOf<int64_t>& part) {
    return {SumOf(part.values, part.rows), part.HasAny()};
  }
  void Join(const IntegerSumPartial& next) {
    total += next.total;
    found = found || next.found;
  }
  bool Result(Out* result) const {
    *result = RoundedSum(total, Out());
    return found;
  }
};

template <typename T, bool kGreatest>
struct ExtremePartial {
  using In = T;
  using Out = T;
  static constexpr bool kReadsValues = true;
  static constexpr size_t kPackedRows = 256;
  T value = {};
  bool found = false;

  // NaN counts as greater than every number.
  static bool Beats(T a, T b) { return kGreatest ? a > b || a != a : a < b || b != b; }
  static T Reduce(const T* values, size_t rows) {
    return kGreatest ? GreatestOf(values, rows) : LeastOf(values, rows);
  }
  static ExtremePartial Of(const RowsOf<T>& part) {
    if (part.HasAll()) return {Reduce(part.values, part.rows), true};
    ExtremePartial extreme;
    T packed[kPackedRows];
    for (size_t at = 0; at < part.rows;) {
      size_t kept = 0;
      for (; at < part.rows && kept < kPackedRows; ++at) {
        packed[kept] = part.values[at];
        kept += part.valid[at];
      }
      if (kept > 0) extreme.Join({Reduce(packed, kept), true});
    }
    return extreme;
  }
  void Join(const ExtremePartial& next) {
    if (!next.found) return;
    if (!found || Beats(next.value, value)) value = next.value;
    found = true;
  }
  bool Result(T* result) const {
    *result = value;
    return found;
  }
};

// The first or the last value.
template <typename T, bool kLast>
struct EndPartial {
  using In = T;
  using Out = T;
  static constexpr bool kReadsValues = true;
  T value = {};
  bool found = false;

  static EndPartial Of(const RowsOf<T>& part) {
    for (size_t i = 0; i < part.rows; ++i) {
      const size_t row = kLast ? part.rows - 1 - i : i;
      if (part.valid == nullptr || part.valid[row] != 0) return {part.values[row], true};
    }
    return {};
  }
  void Join(const EndPartial& next) {
    if (next.found && (kLast || !found)) *this = next;
  }
  bool Result(T* result) const {
    *result = value;
    return found;
  }
};

// a * b is product + lost, exactly (T. J. Dekker, "A floating-point technique for extending the
// available precision", 1971); not a number where that overflows.
inline Accumulator<double> ExactProduct(double a, double b) {
  constexpr double kSplitter = 134'217'729;  // 2^27 + 1
  const auto high_half = [](double x) { return kSplitter * x - (kSplitter * x - x); };
  const double a_high = high_half(a);
  const double b_high = high_half(b);
  const double a_low = a - a_high;
  const double b_low = b - b_high;
  const double product = a * b;
  return {product, a_low * b_low - (product - a_high * b_high - a_low * b_high - a_high * b_low)};
}

// Squares around the mean.
struct SquaresPartial {
  using In = double;
  using Out = double;
  static constexpr bool kReadsValues = true;
  Accumulator<double> sum;
  Accumulator<double> squares;
  double count = 0;

  static SquaresPartial Of(const RowsOf<double>& part) {
    const auto count = static_cast<double>(part.Count());
    if (count == 0) return {};
    SquaresPartial partial{.sum = PartialSumOf(part.values, part.rows), .count = count};
    partial.squares.sum =
        SquaresAroundMean(part.values, part.valid, part.rows, Total(partial.sum), count);
    return partial;
  }

  void Join(const SquaresPartial& next) {
    if (next.count == 0) return;
    if (count == 0) {
      *this = next;
      return;
    }
    const double delta = MeanOf(next) - MeanOf(*this);
    const double exact = ExactDelta(next);
    const double used = std::isfinite(exact) ? exact : delta;
    squares.Add(next.squares);
    squares.Add(used * (used * (count * next.count / (count + next.count))));
    sum.Add(next.sum);
    count += next.count;
  }

  bool Result(double* result) const {
    const double total = Total(squares);
    *result = total < 0 ? 0 : total;  // rounding only; NaN stays
    return count > 0;
  }

 private:
  static double MeanOf(const SquaresPartial& partial) { return Total(partial.sum) / partial.count; }
  // The difference of the means, of which rounded means may have no digit right.
  double ExactDelta(const SquaresPartial& next) const {
    Accumulator<double> difference = ExactProduct(next.sum.sum, count);
    const Accumulator<double> other = ExactProduct(sum.sum, next.count);
    difference.Add({-other.sum, -other.lost});
    difference.lost += next.sum.lost * count - sum.lost * next.count;
    return Total(difference) / (count * next.count);
  }
};

// Calls `call` with a partial of the operation over values of that type and gives what it returns,
// or R() where results cannot be joined. Codes and dates are not compared: only their ends are
// asked for.
template <typename R, typename Call>
R WithPartial(Op op, ValueType type, const Call& call) {
  const auto with_end = [&]<typename T>(T) -> R {
    return op == Op::kFirst ? call(EndPartial<T, false>()) : call(EndPartial<T, true>());
  };
  const auto with_order = [&]<typename T>(T of) -> R {
    if (op == Op::kMin) return call(ExtremePartial<T, false>());
    if (op == Op::kMax) return call(ExtremePartial<T, true>());
    return with_end(of);
  };
  switch (op) {
    case Op::kCount:
      return call(CountPartial());
    case Op::kSum:
      return type == ValueType::kFloat64 ? call(SumPartial()) : call(IntegerSumPartial<double>());
    case Op::kSumExact:
      return call(IntegerSumPartial<int64_t>());
    case Op::kSquaredDeviations:
      return call(SquaresPartial());
    case Op::kMin:
    case Op::kMax:
    case Op::kFirst:
    case Op::kLast:
      break;
    default:
      return R();
  }
  switch (type) {
    case ValueType::kFloat64:
      return with_order(double());
    case ValueType::kInt64:
      return with_order(int64_t());
    case ValueType::kBool:
      return with_order(uint8_t());
    default:
      return with_end(uint32_t());
  }
}

}  // namespace metricstore::compute::vector
