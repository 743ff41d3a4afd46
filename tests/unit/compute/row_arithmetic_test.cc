// Results of arithmetic and of choices, in registers of every width.

#include <algorithm>
#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <vector>

#include "compute_service/engine/vector/kernels/loops/widths.h"
#include "gtest/gtest.h"

namespace metricstore::compute::vector {
namespace {

constexpr size_t kRows = 1003;  // with a tail for every width
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// What `kernel` makes of two columns without NULLs (or of the first alone); nothing for NULL rows.
template <typename T>
std::vector<std::optional<T>> ResultsOf(RowKernel kernel, std::vector<T> a, std::vector<T> b) {
  std::vector<T> values(a.size());
  std::vector<uint8_t> valid(a.size(), 9);
  const Operand arguments[] = {{.values = a.data()}, {.values = b.data()}};
  Operand out = {.values = values.data(), .valid = valid.data()};
  kernel(arguments, &out, a.size());
  std::vector<std::optional<T>> results(values.begin(), values.end());
  for (size_t i = 0; i < results.size(); ++i) {
    if (out.valid != nullptr && valid[i] == 0) results[i].reset();
  }
  return results;
}

std::vector<double> NumbersHardToRound() {
  std::vector<double> numbers;
  for (const double number : {0.0,
                              0.25,
                              0.5,
                              std::nextafter(0.5, 0.0),
                              std::nextafter(0.5, 1.0),
                              0.75,
                              1.0,
                              1.5,
                              2.5,
                              3.5,
                              1e6 + 0.5,
                              0x1p51 + 0.5,
                              0x1p52 - 0.5,
                              0x1p52 - 1,
                              0x1p52,
                              0x1p52 + 1,
                              0x1p53 - 1,
                              0x1p53,
                              1e300,
                              DBL_MAX,
                              DBL_MIN,
                              5e-324,
                              kInfinity,
                              kNaN}) {
    numbers.insert(numbers.end(), {number, -number});
  }
  std::mt19937_64 random(5);
  while (numbers.size() < kRows) {
    numbers.push_back(std::bit_cast<double>(random()));  // of any exponent
    numbers.push_back(std::ldexp(static_cast<double>(random() % 2001) - 1000, -2));  // halves too
  }
  return numbers;
}

TEST(RowArithmeticTest, RoundingsAndRootsAreThoseOfTheLibrary) {
  const std::vector<double> numbers = NumbersHardToRound();
  for (const Loops* const loops : RunnableLoops()) {
    for (const auto& [op, of] : {std::pair(
                                     Op::kFloor, +[](double a) { return std::floor(a); }),
                                 std::pair(
                                     Op::kCeil, +[](double a) { return std::ceil(a); }),
                                 std::pair(
                                     Op::kRound, +[](double a) { return std::round(a); }),
                                 std::pair(
                                     Op::kSqrt, +[](double a) { return std::sqrt(a); })}) {
      const RowKernel kernel = loops->arithmetic(op, ValueType::kFloat64);
      const auto found = ResultsOf<double>(kernel, numbers, numbers);
      for (size_t i = 0; i < numbers.size(); ++i) {
        const bool is_defined = op != Op::kSqrt || !(numbers[i] < 0);
        ASSERT_EQ(found[i].has_value(), is_defined) << loops->name << ": " << numbers[i];
        if (!is_defined) continue;
        const double wanted = of(numbers[i]);
        ASSERT_TRUE(std::isnan(wanted)
                        ? std::isnan(*found[i])
                        : std::bit_cast<uint64_t>(wanted) == std::bit_cast<uint64_t>(*found[i]))
            << loops->name << ", operation " << static_cast<int>(op) << " of " << numbers[i] << ": "
            << *found[i];
      }
    }
  }
}

std::optional<int64_t> Fitting(Op op, int64_t a, int64_t b) {
  int64_t result = 0;
  const bool overflows = op == Op::kAdd        ? __builtin_add_overflow(a, b, &result)
                         : op == Op::kSubtract ? __builtin_sub_overflow(a, b, &result)
                                               : __builtin_mul_overflow(a, b, &result);
  return overflows ? std::nullopt : std::optional(result);
}

TEST(RowArithmeticTest, IntegersThatDoNotFitAreNull) {
  std::vector<int64_t> edges = {0};
  for (const int64_t edge : {INT64_C(1), INT64_C(3'037'000'499), INT64_C(3'037'000'500),
                             INT64_C(1) << 31, INT64_C(1) << 32, INT64_C(1) << 62, INT64_MAX}) {
    edges.insert(edges.end(), {edge - 1, edge, -edge, -edge - 1});
  }
  for (const Loops* const loops : RunnableLoops()) {
    for (const Op op : {Op::kAdd, Op::kSubtract, Op::kMultiply}) {
      const RowKernel kernel = loops->arithmetic(op, ValueType::kInt64);
      size_t at = 0;
      for (const int64_t a : edges) {
        for (const int64_t b : edges) {
          // One such pair among others that fit, in one lane after the other.
          constexpr size_t kPairs = 17;
          at = (at + 1) % kPairs;
          std::vector<int64_t> left(kPairs, -7), right(kPairs, 6);
          left[at] = a;
          right[at] = b;
          std::vector<std::optional<int64_t>> wanted(kPairs, Fitting(op, -7, 6));
          wanted[at] = Fitting(op, a, b);
          ASSERT_EQ(ResultsOf(kernel, left, right), wanted)
              << loops->name << ", operation " << static_cast<int>(op) << ": " << a << ", " << b;
        }
      }
    }
  }
}

TEST(RowArithmeticTest, TheSmallestIntegerAloneHasNoOpposite) {
  std::vector<int64_t> integers = {0, INT64_MIN + 1, INT64_MAX, INT64_MIN};
  for (int bit = 0; bit < 63; ++bit) {
    integers.insert(integers.end(), {INT64_C(1) << bit, -(INT64_C(1) << bit)});
  }
  for (const Loops* const loops : RunnableLoops()) {
    for (const Op op : {Op::kNegate, Op::kAbs}) {
      const RowKernel kernel = loops->arithmetic(op, ValueType::kInt64);
      std::vector<std::optional<int64_t>> wanted;
      for (const int64_t integer : integers) {
        wanted.push_back(integer == INT64_MIN
                             ? std::nullopt
                             : std::optional(op == Op::kAbs && integer > 0 ? integer : -integer));
      }
      EXPECT_EQ(ResultsOf(kernel, integers, integers), wanted) << loops->name;
    }
  }
}

// NULL and undefined rows of one run, whose NULLs hold zeros.
TEST(RowArithmeticTest, NullsStayNullBesideUndefinedRows) {
  std::vector<double> a = {-1, 0, 4, 0, 2, 9};
  std::vector<double> b = {0.5, 2, 0, -1, 0, 2};
  std::vector<uint8_t> a_valid = {1, 0, 1, 1, 1, 1};
  std::vector<uint8_t> b_valid = {1, 1, 0, 1, 1, 1};
  const Operand arguments[] = {{.values = a.data(), .valid = a_valid.data()},
                               {.values = b.data(), .valid = b_valid.data()}};
  for (const Loops* const loops : RunnableLoops()) {
    std::vector<double> found(a.size());
    std::vector<uint8_t> valid(a.size(), 9);
    Operand out = {.values = found.data(), .valid = valid.data()};
    loops->arithmetic(Op::kSqrt, ValueType::kFloat64)(arguments, &out, a.size());
    EXPECT_EQ(valid, (std::vector<uint8_t>{0, 0, 1, 1, 1, 1})) << loops->name;
    EXPECT_EQ(found, (std::vector<double>{0, 0, 2, 0, std::sqrt(2.0), 3})) << loops->name;
    out = {.values = found.data(), .valid = valid.data()};
    loops->arithmetic(Op::kPower, ValueType::kFloat64)(arguments, &out, a.size());
    EXPECT_EQ(valid, (std::vector<uint8_t>{0, 0, 0, 0, 1, 1})) << loops->name;
    EXPECT_EQ(found, (std::vector<double>{0, 0, 0, 0, 1, 81})) << loops->name;
  }
}

// Where one of two is NULL, the other is both the greatest and the least.
template <typename T>
void ExpectNullsYield(const Loops& loops, ValueType type, T low, T high) {
  for (const Op op : {Op::kGreatest, Op::kLeast}) {
    std::vector<T> a(kRows), b(kRows), found(kRows), wanted(kRows);
    std::vector<uint8_t> a_valid(kRows), b_valid(kRows), valid(kRows), wanted_valid(kRows);
    for (size_t i = 0; i < kRows; ++i) {
      a_valid[i] = i % 3 != 0 ? 1 : 0;
      b_valid[i] = i % 5 != 0 ? 1 : 0;
      a[i] = a_valid[i] == 0 ? T{} : (i % 2 == 0 ? low : high);
      b[i] = b_valid[i] == 0 ? T{} : (i % 7 < 3 ? low : high);
      const T extreme = op == Op::kGreatest ? std::max(a[i], b[i]) : std::min(a[i], b[i]);
      wanted[i] = a_valid[i] == 0 ? b[i] : (b_valid[i] == 0 ? a[i] : extreme);
      wanted_valid[i] = a_valid[i] | b_valid[i];
    }
    const Operand arguments[] = {{.values = a.data(), .valid = a_valid.data()},
                                 {.values = b.data(), .valid = b_valid.data()}};
    Operand out = {.values = found.data(), .valid = valid.data()};
    loops.condition(op, type)(arguments, &out, kRows);
    EXPECT_EQ(found, wanted) << loops.name << ", operation " << static_cast<int>(op);
    EXPECT_EQ(valid, wanted_valid) << loops.name;
  }
}

TEST(RowArithmeticTest, GreatestAndLeastLeaveNullsOut) {
  for (const Loops* const loops : RunnableLoops()) {
    ExpectNullsYield<double>(*loops, ValueType::kFloat64, -4, 3);
    ExpectNullsYield<double>(*loops, ValueType::kFloat64, -4, -0.5);
    ExpectNullsYield<int64_t>(*loops, ValueType::kInt64, -4, 3);
    ExpectNullsYield<uint32_t>(*loops, ValueType::kCode, 2, 3'000'000'000);
    ExpectNullsYield<uint8_t>(*loops, ValueType::kBool, 0, 1);
  }
}

// Distance of two doubles in units in the last place of the second.
long double UnitsApart(double a, long double b) {
  const double nearest = std::fabs(static_cast<double>(b));
  return std::fabs(a - b) / (std::nextafter(nearest, HUGE_VAL) - nearest);
}

TEST(RowArithmeticTest, LogarithmsAreWithinOneUnitInTheLastPlace) {
  std::mt19937_64 random(11);
  std::vector<double> given = {1,
                               2,
                               0.5,
                               std::exp(1.0),
                               5e-324,
                               2.2250738585072009e-308,
                               1e-300,
                               DBL_MIN,
                               DBL_MAX,
                               HUGE_VAL,
                               1 + DBL_EPSILON,
                               1 - DBL_EPSILON / 2,
                               std::sqrt(0.5),
                               std::sqrt(2.0)};
  for (int i = 0; i < 200'000; ++i) {
    const double fraction = static_cast<double>(random() >> 11) * 0x1p-53;
    given.push_back(1 + (fraction - 0.5) * 0x1p-3);  // where logarithms are small
    given.push_back(std::ldexp(1 + fraction, static_cast<int>(random() % 2000) - 1000));
  }
  const auto logarithms = [&given](const Loops& loops) {
    return ResultsOf<double>(loops.arithmetic(Op::kLn, ValueType::kFloat64), given, given);
  };
  const std::vector<std::optional<double>> found = logarithms(WidestLoops());
  for (const Loops* const loops : RunnableLoops()) {
    EXPECT_EQ(logarithms(*loops), found) << loops->name;
  }
  EXPECT_EQ(found[0], 0.0);
  for (size_t i = 0; i < given.size(); ++i) {
    if (given[i] == HUGE_VAL) {
      EXPECT_EQ(found[i], HUGE_VAL);
    } else {
      ASSERT_LE(UnitsApart(found[i].value(), std::log(static_cast<long double>(given[i]))), 1.0L)
          << given[i];
    }
  }
}

TEST(RowArithmeticTest, LogarithmsOfWhatHasNoneAreNull) {
  // Processors make NaNs with a sign.
  const std::vector<double> given = {4, 0, -1, kNaN, -HUGE_VAL, 2, -kNaN, -0.0, -5e-324, 4, 4};
  for (const Loops* const loops : RunnableLoops()) {
    SCOPED_TRACE(loops->name);
    const RowKernel kernel = loops->arithmetic(Op::kLn, ValueType::kFloat64);
    const std::vector<std::optional<double>> found = ResultsOf<double>(kernel, given, given);
    for (const size_t without : {1, 2, 4, 7, 8}) EXPECT_EQ(found[without], std::nullopt);
    EXPECT_TRUE(std::isnan(found[3].value()));
    EXPECT_TRUE(std::isnan(found[6].value()));
    EXPECT_DOUBLE_EQ(found[5].value(), std::log(2.0));
    for (const size_t row : {0, 9, 10}) EXPECT_DOUBLE_EQ(found[row].value(), std::log(4.0));
  }
}

// Products of integers of 32 bits have a way of their own, which all factors of a run must allow.
TEST(RowArithmeticTest, ProductsThatDoNotFitAreNull) {
  for (const Loops* const loops : RunnableLoops()) {
    SCOPED_TRACE(loops->name);
    const RowKernel kernel = loops->arithmetic(Op::kMultiply, ValueType::kInt64);
    const std::vector<int64_t> large(kRows, INT64_C(5'000'000'000));
    const std::vector<int64_t> small(kRows, INT64_C(2'000'000'000));
    const std::vector<std::optional<int64_t>> none(kRows);
    EXPECT_EQ(ResultsOf<int64_t>(kernel, large, small), none);
    EXPECT_EQ(ResultsOf<int64_t>(kernel, small, large), none);
    const std::vector<std::optional<int64_t>> squares(kRows, INT64_C(4'000'000'000'000'000'000));
    EXPECT_EQ(ResultsOf<int64_t>(kernel, small, small), squares);
  }
}

// Narrow registers have a way of their own, which all integers of a run must allow.
TEST(RowArithmeticTest, IntegersBecomeTheNearestDoubles) {
  constexpr int64_t kEdge = INT64_C(1) << 51;
  for (const Loops* const loops : RunnableLoops()) {
    SCOPED_TRACE(loops->name);
    const RowKernel kernel = loops->arithmetic(Op::kToFloat64, ValueType::kInt64);
    for (const int64_t integer : {INT64_C(0), INT64_C(-1), INT64_C(123'456'789), kEdge - 1, kEdge,
                                  kEdge + 1, -kEdge, -kEdge - 1, 2 * kEdge, 3 * kEdge, 5 * kEdge,
                                  (INT64_C(1) << 53) + 1, INT64_MIN, INT64_MAX}) {
      for (const int64_t side : {-1, 0, 1}) {
        std::vector<int64_t> given = {side, 2 * side, integer, 3 * side};
        if (side == 0) given.assign(4, integer);
        std::vector<double> doubles(given.size());
        std::vector<uint8_t> valid(given.size());
        const Operand argument = {.values = given.data()};
        Operand out = {.values = doubles.data(), .valid = valid.data()};
        kernel(&argument, &out, given.size());
        EXPECT_EQ(out.valid, nullptr);
        for (size_t i = 0; i < given.size(); ++i) {
          EXPECT_EQ(doubles[i], static_cast<double>(given[i])) << given[i];
          EXPECT_EQ(std::signbit(doubles[i]), given[i] < 0) << given[i];
        }
      }
    }
  }
}

}  // namespace
}  // namespace metricstore::compute::vector
