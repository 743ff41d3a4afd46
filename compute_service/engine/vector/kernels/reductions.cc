#include "compute_service/engine/vector/kernels/reductions.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "compute_service/engine/vector/kernels/compensated_sum.h"

// One body for each width; the loader picks. Wider registers hold more lanes of the same loop, and
// multiplications and additions stay apart, so every width gives the same bits. Sanitizers do not
// bear functions that the loader picks.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define METRICSTORE_EVERY_WIDTH __attribute__((target_clones("avx2", "default")))
#else
#define METRICSTORE_EVERY_WIDTH
#endif
#define METRICSTORE_INLINE __attribute__((always_inline)) inline

namespace metricstore::compute::vector {
namespace {

// Four lanes; processors without registers of that size use two. Handed on by reference alone,
// because how registers pass by value depends on the width.
typedef double Quad __attribute__((vector_size(32)));
// Of any address. A memcpy would go through memory: it is expanded before the width is known.
typedef double UnalignedQuad __attribute__((vector_size(32), aligned(8), may_alias));

METRICSTORE_INLINE void Load(const double* from, Quad* to) {
  *to = *reinterpret_cast<const UnalignedQuad*>(from);
}
METRICSTORE_INLINE void Load(const double* from, double* to) { *to = *from; }

// 1.0 or 0.0 for each byte.
METRICSTORE_INLINE void LoadMask(const uint8_t* from, Quad* to) {
  *to = Quad{static_cast<double>(from[0]), static_cast<double>(from[1]),
             static_cast<double>(from[2]), static_cast<double>(from[3])};
}
METRICSTORE_INLINE void LoadMask(const uint8_t* from, double* to) {
  *to = static_cast<double>(*from);
}

// See Accumulator.
struct QuadAccumulator {
  Quad sum = {};
  Quad lost = {};

  METRICSTORE_INLINE void Add(const Quad& value) {
    const Quad total = sum + value;
    const Quad part = total - sum;
    lost += (sum - (total - part)) + (value - part);
    sum = total;
  }
};

// Calls each(index) with kCount constants: what an array holds stays in registers where all its
// indexes are constants.
template <size_t kCount, typename Each>
METRICSTORE_INLINE void Unrolled(const Each& each) {
  [&]<size_t... kIndex>(std::index_sequence<kIndex...>) __attribute__((always_inline)) {
    (each(std::integral_constant<size_t, kIndex>()), ...);
  }
  (std::make_index_sequence<kCount>());
}

// Makes sums[s] the sum of the s-th of `terms` over `rows` rows: terms(row, T* out) gives kSums
// terms of the rows from `row` on, as many as T has lanes. A row's lane follows from its place in
// the run alone. Lanes are joined by halves, and rows that do not fill a step go to lanes of their
// own: one addition need not wait for the other.
template <size_t kSums, size_t kQuads, typename Terms>
METRICSTORE_INLINE void AccumulateTerms(size_t rows, const Terms& terms,
                                        Accumulator<double>* sums) {
  constexpr size_t kLanes = 4 * kQuads;
  Accumulator<double> lanes[kSums][kLanes];
  size_t at = 0;
  if (rows >= 2 * kLanes) {
    QuadAccumulator quads[kQuads * kSums];
    for (; at + kLanes <= rows; at += kLanes) {
      Unrolled<kQuads>([&](auto q) __attribute__((always_inline)) {
        Quad term[kSums];
        terms(at + 4 * q, term);
        Unrolled<kSums>([&](auto s)
                            __attribute__((always_inline)) { quads[q * kSums + s].Add(term[s]); });
      });
    }
    Unrolled<kQuads * kSums>([&](auto i) __attribute__((always_inline)) {
      Unrolled<4>([&](auto lane) __attribute__((always_inline)) {
        lanes[i % kSums][i / kSums * 4 + lane] = {quads[i].sum[lane()], quads[i].lost[lane()]};
      });
    });
  }
  for (size_t lane = 0; at < rows; ++at, lane = (lane + 1) % kLanes) {
    double term[kSums];
    terms(at, term);
    Unrolled<kSums>([&](auto s) __attribute__((always_inline)) { lanes[s][lane].Add(term[s]); });
  }
  for (size_t half = kLanes / 2; half > 0; half /= 2) {
    for (size_t lane = 0; lane < half; ++lane) {
      Unrolled<kSums>([&](auto s) __attribute__((always_inline)) {
        lanes[s][lane].Add(lanes[s][lane + half]);
      });
    }
  }
  Unrolled<kSums>([&](auto s) __attribute__((always_inline)) { sums[s] = lanes[s][0]; });
}

template <size_t kSums, size_t kQuads, typename Terms>
METRICSTORE_INLINE void SumTerms(size_t rows, const Terms& terms, double* totals) {
  Accumulator<double> sums[kSums];
  AccumulateTerms<kSums, kQuads>(rows, terms, sums);
  Unrolled<kSums>([&](auto s) __attribute__((always_inline)) { totals[s] = Total(sums[s]); });
}

struct Values {
  const double* values;

  // Runs are short: the next one is mostly beside this one, and the processor would not ask for it
  // before it is reached.
  template <typename T>
  METRICSTORE_INLINE void operator()(size_t row, T* out) const {
    constexpr size_t kAhead = 128;
    if constexpr (sizeof(T) > sizeof(double)) __builtin_prefetch(values + row + kAhead);
    Load(values + row, out);
  }
};

template <size_t kPowers>
struct PowersAround {
  const double* values;
  double center;

  template <typename T>
  METRICSTORE_INLINE void operator()(size_t row, T* out) const {
    T value;
    Load(values + row, &value);
    out[0] = value - center;
    Unrolled<kPowers - 1>([&](auto p)
                              __attribute__((always_inline)) { out[p + 1] = out[p] * out[0]; });
  }
};

struct MaskedSquaresAround {
  const double* values;
  const uint8_t* valid;
  double center;

  template <typename T>
  METRICSTORE_INLINE void operator()(size_t row, T* out) const {
    T value;
    T mask;
    Load(values + row, &value);
    LoadMask(valid + row, &mask);
    out[0] = (value - center) * mask;
    out[1] = out[0] * out[0];
  }
};

struct PairsAround {
  const double* y;
  const double* x;
  double center_y;
  double center_x;

  template <typename T>
  METRICSTORE_INLINE void operator()(size_t row, T* out) const {
    T dy;
    T dx;
    Load(y + row, &dy);
    Load(x + row, &dx);
    dy -= center_y;
    dx -= center_x;
    out[0] = dy;
    out[1] = dx;
    out[2] = dy * dy;
    out[3] = dx * dx;
    out[4] = dy * dx;
  }
};

// The extreme of two runs of lanes: bytes and integers by the plain loop, which compilers know.
template <bool kGreatest, typename T>
METRICSTORE_INLINE T ExtremeOf(const T* values, size_t rows) {
  T result = values[0];
  for (size_t i = 1; i < rows; ++i) {
    result = (kGreatest ? values[i] > result : values[i] < result) ? values[i] : result;
  }
  return result;
}

// Of the values that are not NaN, beginning with `start`; *has_nan says whether any is.
template <bool kGreatest>
METRICSTORE_INLINE double ExtremeNumberOf(const double* values, size_t rows, bool* has_nan) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kStart = kGreatest ? -kInfinity : kInfinity;
  constexpr size_t kQuads = 4;
  Quad lanes[kQuads];
  Quad nans[kQuads];
  Unrolled<kQuads>([&](auto q) __attribute__((always_inline)) {
    lanes[q] = Quad{} + kStart;
    nans[q] = Quad{};
  });
  size_t at = 0;
  for (; at + 4 * kQuads <= rows; at += 4 * kQuads) {
    Unrolled<kQuads>([&](auto q) __attribute__((always_inline)) {
      Quad value;
      Load(values + at + 4 * q, &value);
      lanes[q] = (kGreatest ? value > lanes[q] : value < lanes[q]) ? value : lanes[q];
      if constexpr (kGreatest) nans[q] = value != value ? value : nans[q];
    });
  }
  double result = kStart;
  double sum_of_nans = 0;
  const auto take = [&](double value) __attribute__((always_inline)) {
    result = (kGreatest ? value > result : value < result) ? value : result;
  };
  Unrolled<kQuads>([&](auto q) __attribute__((always_inline)) {
    Unrolled<4>([&](auto lane) __attribute__((always_inline)) {
      take(lanes[q][lane()]);
      sum_of_nans += nans[q][lane()];
    });
  });
  for (; at < rows; ++at) {
    take(values[at]);
    if (std::isnan(values[at])) sum_of_nans = values[at];
  }
  *has_nan = std::isnan(sum_of_nans);
  return result;
}

}  // namespace

// Eight bytes at a time, each a counter of its own until it might be full.
size_t CountOf(const uint8_t* valid, size_t rows) {
  constexpr size_t kLanes = sizeof(uint64_t);
  constexpr size_t kMostSteps = 255;
  constexpr uint64_t kEvenBytes = UINT64_C(0x00ff00ff00ff00ff);
  constexpr uint64_t kOnePerPair = UINT64_C(0x0001000100010001);
  size_t count = 0;
  size_t at = 0;
  while (at + kLanes <= rows) {
    const size_t end = at + std::min(kMostSteps, (rows - at) / kLanes) * kLanes;
    uint64_t lanes = 0;
    for (; at < end; at += kLanes) {
      uint64_t bytes;
      std::memcpy(&bytes, valid + at, kLanes);
      lanes += bytes;
    }
    const uint64_t pairs = (lanes & kEvenBytes) + ((lanes >> 8) & kEvenBytes);
    count += (pairs * kOnePerPair) >> 48;
  }
  for (; at < rows; ++at) count += valid[at];
  return count;
}

METRICSTORE_EVERY_WIDTH
bool IsAscending(const int64_t* values, size_t rows) {
  uint64_t descents = 0;
  for (size_t i = 1; i < rows; ++i) descents |= values[i] < values[i - 1] ? 1 : 0;
  return descents == 0;
}

METRICSTORE_EVERY_WIDTH
double SumOf(const double* values, size_t rows) {
  double sum[1];
  SumTerms<1, 2>(rows, Values{values}, sum);
  return sum[0];
}

METRICSTORE_EVERY_WIDTH
Accumulator<double> PartialSumOf(const double* values, size_t rows) {
  Accumulator<double> sum;
  AccumulateTerms<1, 2>(rows, Values{values}, &sum);
  return sum;
}

// Halves of the values, shifted to be positive, are added apart: neither sum overflows.
METRICSTORE_EVERY_WIDTH
__int128 SumOf(const int64_t* values, size_t rows) {
  constexpr uint64_t kSign = UINT64_C(1) << 63;
  uint64_t low = 0;
  uint64_t high = 0;
  for (size_t i = 0; i < rows; ++i) {
    const uint64_t shifted = static_cast<uint64_t>(values[i]) ^ kSign;
    low += shifted & UINT32_MAX;
    high += shifted >> 32;
  }
  const __int128 all = (static_cast<__int128>(high) << 32) + static_cast<__int128>(low);
  return all - static_cast<__int128>(rows) * static_cast<__int128>(kSign);
}

METRICSTORE_EVERY_WIDTH
double GreatestOf(const double* values, size_t rows) {
  bool has_nan = false;
  const double result = ExtremeNumberOf<true>(values, rows, &has_nan);
  return has_nan ? std::numeric_limits<double>::quiet_NaN() : result;
}

METRICSTORE_EVERY_WIDTH
double LeastOf(const double* values, size_t rows) {
  bool has_nan = false;
  const double result = ExtremeNumberOf<false>(values, rows, &has_nan);
  if (result < std::numeric_limits<double>::infinity()) return result;
  // Nothing is below infinity: the least value is NaN only if all are.
  for (size_t i = 0; i < rows; ++i) {
    if (!std::isnan(values[i])) return result;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

METRICSTORE_EVERY_WIDTH
int64_t GreatestOf(const int64_t* values, size_t rows) { return ExtremeOf<true>(values, rows); }
METRICSTORE_EVERY_WIDTH
int64_t LeastOf(const int64_t* values, size_t rows) { return ExtremeOf<false>(values, rows); }
METRICSTORE_EVERY_WIDTH
uint8_t GreatestOf(const uint8_t* values, size_t rows) { return ExtremeOf<true>(values, rows); }
METRICSTORE_EVERY_WIDTH
uint8_t LeastOf(const uint8_t* values, size_t rows) { return ExtremeOf<false>(values, rows); }

METRICSTORE_EVERY_WIDTH
bool AreAllEqual(const double* values, size_t rows) {
  constexpr size_t kBlock = 256;
  const double first = values[0];
  for (size_t at = 0; at < rows;) {
    const size_t end = rows - at < kBlock ? rows : at + kBlock;
    int64_t others = 0;
    for (; at < end; ++at) others += values[at] != first ? 1 : 0;
    if (others != 0) return false;
  }
  return true;
}

METRICSTORE_EVERY_WIDTH
void SumSquaresAround(const double* values, const uint8_t* valid, size_t rows, double center,
                      double sums[2]) {
  if (valid == nullptr) {
    SumTerms<2, 2>(rows, PowersAround<2>{values, center}, sums);
  } else {
    SumTerms<2, 2>(rows, MaskedSquaresAround{values, valid, center}, sums);
  }
}

METRICSTORE_EVERY_WIDTH
void SumPowersAround(const double* values, size_t rows, double center, double sums[4]) {
  SumTerms<4, 1>(rows, PowersAround<4>{values, center}, sums);
}

METRICSTORE_EVERY_WIDTH
void SumPairsAround(const double* y, const double* x, size_t rows, double center_y, double center_x,
                    double sums[5]) {
  SumTerms<5, 1>(rows, PairsAround{y, x, center_y, center_x}, sums);
}

}  // namespace metricstore::compute::vector
