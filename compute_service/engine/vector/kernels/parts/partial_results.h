// Results of parts of a bucket that can be joined to that of the whole.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "compute_service/engine/vector/kernels/loops/compensated_sum.h"
#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/kernels/loops/reductions.h"
#include "compute_service/engine/vector/kernels/parts/moments.h"
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

// Small: an evaluation has thousands of parts for each fold.
struct SumPartial {
  using In = double;
  using Out = double;
  static constexpr bool kReadsValues = true;
  // Of no row it is -0.0, which changes nothing that it is added to. A sum of rows begins with 0.0
  // and is never -0.0.
  Accumulator<double> sum = {-0.0, 0.0};

  // NULL rows hold zero and so change nothing.
  static SumPartial Of(const RowsOf<double>& part) {
    if (!part.HasAny()) return {};
    return {PartialSumOf(part.values, part.rows)};
  }
  void Join(const SumPartial& next) { sum.Add(next.sum); }
  bool Result(double* result) const {
    *result = Total(sum);
    return sum.sum != 0 || !std::signbit(sum.sum);
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
  // The sum times 2^32 plus the number of rows, which has 32 bits: both are added at once.
  __int128 sum_and_count = 0;

  static IntegerSumPartial Of(const RowsOf<int64_t>& part) {
    return {SumOf(part.values, part.rows) * kOne + static_cast<__int128>(part.Count())};
  }
  void Join(const IntegerSumPartial& next) { sum_and_count += next.sum_and_count; }
  bool Result(Out* result) const {
    const __int128 count = sum_and_count & (kOne - 1);
    *result = RoundedSum((sum_and_count - count) / kOne, Out());
    return count > 0;
  }

 private:
  static constexpr __int128 kOne = static_cast<__int128>(1) << 32;
};

template <typename T, bool kGreatest>
struct ExtremePartial {
  using In = T;
  using Out = T;
  static constexpr bool kReadsValues = true;
  T value = {};
  bool found = false;

  // NaN counts as greater than every number.
  static bool Beats(T a, T b) { return kGreatest ? a > b || a != a : a < b || b != b; }
  static ExtremePartial Of(const RowsOf<T>& part) {
    if (!part.HasAny()) return {};
    return {kGreatest ? GreatestOf(part.values, part.valid, part.rows)
                      : LeastOf(part.values, part.valid, part.rows),
            true};
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
