// The loops for wide registers give the bits of those for every processor.

#include "compute_service/engine/vector/kernels/loops/row_kernels.h"

#include <array>
#include <bit>
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

// Values with all that is special about their type, some of them NULL.
class Vector {
 public:
  Vector(std::mt19937_64* random, ValueType type, bool has_nulls) {
    for (size_t row = 0; row < kRows; ++row) {
      const uint64_t bits = BitsOf(random, type);
      const bool valid = !has_nulls || (*random)() % 4 != 0;
      valid_[row] = valid ? 1 : 0;
      Put(row, type, valid ? bits : 0);
    }
    if (!has_nulls) operand_.valid = nullptr;
  }
  const Operand& operand() const { return operand_; }

 private:
  static uint64_t BitsOf(std::mt19937_64* random, ValueType type) {
    constexpr double kSpecial[] = {0.0,
                                   -0.0,
                                   1,
                                   -1,
                                   2.5,
                                   1e308,
                                   -1e308,
                                   5e-324,
                                   std::numeric_limits<double>::infinity(),
                                   std::numeric_limits<double>::quiet_NaN()};
    constexpr int64_t kIntegers[] = {0,
                                     1,
                                     -1,
                                     INT64_MAX,
                                     INT64_MIN,
                                     (INT64_C(1) << 51) - 1,
                                     INT64_C(1) << 51,
                                     -(INT64_C(1) << 51),
                                     INT64_C(1) << 53};
    const uint64_t drawn = (*random)();
    switch (type) {
      case ValueType::kFloat64:
        return std::bit_cast<uint64_t>(drawn % 3 != 0 ? static_cast<double>(drawn % 200) / 8 - 9
                                                      : kSpecial[drawn / 3 % std::size(kSpecial)]);
      case ValueType::kInt64:
        return drawn % 50 != 0
                   ? drawn % 100 - 50
                   : static_cast<uint64_t>(kIntegers[drawn / 50 % std::size(kIntegers)]);
      case ValueType::kBool:
        return drawn % 2;
      default:
        return drawn % 6;
    }
  }
  void Put(size_t row, ValueType type, uint64_t bits) {
    if (type == ValueType::kFloat64 || type == ValueType::kInt64) {
      operand_.as<uint64_t>()[row] = bits;
    } else if (type == ValueType::kBool) {
      operand_.as<uint8_t>()[row] = static_cast<uint8_t>(bits);
    } else {
      operand_.as<uint32_t>()[row] = static_cast<uint32_t>(bits);
    }
  }

  std::vector<uint64_t> values_ = std::vector<uint64_t>(kRows);
  std::vector<uint8_t> valid_ = std::vector<uint8_t>(kRows);
  Operand operand_ = {.values = values_.data(), .valid = valid_.data()};
};

// Of a kernel: the bits of all rows, NULL ones too, and which are NULL.
struct Answer {
  std::vector<uint64_t> values = std::vector<uint64_t>(kRows);
  std::vector<uint8_t> valid = std::vector<uint8_t>(kRows, 1);
  friend bool operator==(const Answer&, const Answer&) = default;
};

Answer AnswerOf(RowKernel kernel, const Operand* arguments) {
  Answer answer;
  Operand out = {.values = answer.values.data(), .valid = answer.valid.data()};
  kernel(arguments, &out, kRows);
  if (out.valid == nullptr) answer.valid.assign(kRows, 1);
  return answer;
}

// The kernels of `loops` beside those of the narrowest registers, with and without NULLs.
void ExpectBitsOfNarrow(const Loops& loops, Op op, ValueType type, std::mt19937_64* random,
                        size_t* kernels) {
  const Loops& narrow = *RunnableLoops().front();
  // Conditions alone have truth values in their first argument.
  const bool is_logical = op == Op::kAnd || op == Op::kOr || op == Op::kNot;
  const bool begins_with_condition = op == Op::kSelect || op == Op::kWhere || is_logical;
  const ValueType first = begins_with_condition ? ValueType::kBool : type;
  const ValueType others = is_logical ? ValueType::kBool : type;
  for (const auto& [wanted, kernel] :
       {std::pair(narrow.arithmetic(op, type), loops.arithmetic(op, type)),
        std::pair(narrow.condition(op, type), loops.condition(op, type))}) {
    ASSERT_EQ(wanted == nullptr, kernel == nullptr);
    if (kernel == nullptr) continue;
    ++*kernels;
    for (const bool has_nulls : {false, true}) {
      const std::array<Vector, 3> vectors = {Vector(random, first, has_nulls),
                                             Vector(random, others, has_nulls),
                                             Vector(random, others, !has_nulls)};
      const Operand arguments[] = {vectors[0].operand(), vectors[1].operand(),
                                   vectors[2].operand()};
      EXPECT_EQ(AnswerOf(wanted, arguments), AnswerOf(kernel, arguments))
          << loops.name << ", operation " << static_cast<int>(op) << ", type "
          << static_cast<int>(type);
    }
  }
}

TEST(RowKernelsTest, EveryWidthGivesTheSameBits) {
  for (const Loops* const loops : RunnableLoops()) {
    std::mt19937_64 random(3);
    size_t kernels = 0;
    for (const ValueType type : {ValueType::kFloat64, ValueType::kInt64, ValueType::kBool,
                                 ValueType::kDate, ValueType::kCode}) {
      for (int number = 0; number < static_cast<int>(Op::kCountRows); ++number) {
        const Op op = static_cast<Op>(number);
        if (op == Op::kTextTest || op == Op::kPoolText) continue;  // their second is a table
        ExpectBitsOfNarrow(*loops, op, type, &random, &kernels);
      }
    }
    EXPECT_GT(kernels, 60U);
  }
}

// The zero of a NULL row is no divisor.
TEST(RowKernelsTest, NullDivisorsGiveNull) {
  std::vector<int64_t> dividends = {7, 8, 9};
  std::vector<int64_t> divisors = {2, 0, 4};
  std::vector<uint8_t> present = {1, 0, 1};
  const Operand arguments[] = {{.values = dividends.data()},
                               {.values = divisors.data(), .valid = present.data()}};
  std::vector<int64_t> found(3, -1);
  std::vector<uint8_t> valid(3, 9);
  Operand out = {.values = found.data(), .valid = valid.data()};
  ArithmeticKernel(Op::kModulo, ValueType::kInt64)(arguments, &out, 3);
  EXPECT_EQ(found, (std::vector<int64_t>{1, 0, 1}));
  EXPECT_EQ(std::vector<uint8_t>(out.valid, out.valid + 3), present);
  std::vector<double> reals = {7, 8, 9};
  std::vector<double> real_divisors = {2, 0, 4};
  const Operand real_arguments[] = {{.values = reals.data()},
                                    {.values = real_divisors.data(), .valid = present.data()}};
  std::vector<double> real_found(3, -1);
  Operand real_out = {.values = real_found.data(), .valid = valid.data()};
  ArithmeticKernel(Op::kDivide, ValueType::kFloat64)(real_arguments, &real_out, 3);
  EXPECT_EQ(real_found, (std::vector<double>{3.5, 0, 2.25}));
  EXPECT_EQ(std::vector<uint8_t>(real_out.valid, real_out.valid + 3), present);
}

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Of two reals; nothing if the result is NULL.
std::optional<double> RealOf(Op op, double a, double b) {
  const RowKernel arithmetic = ArithmeticKernel(op, ValueType::kFloat64);
  const RowKernel kernel =
      arithmetic != nullptr ? arithmetic : ConditionKernel(op, ValueType::kFloat64);
  const Operand arguments[] = {{.values = &a}, {.values = &b}};
  double value = -99;
  uint8_t valid = 9;
  Operand out = {.values = &value, .valid = &valid};
  kernel(arguments, &out, 1);
  return out.valid == nullptr || valid == 1 ? std::optional(value) : std::nullopt;
}

TEST(RowKernelsTest, NaNIsTheGreatestOfTwo) {
  for (const double number : {-kInfinity, -2.0, 0.0, 7.0, kInfinity}) {
    EXPECT_EQ(RealOf(Op::kLeast, number, kNaN), number);
    EXPECT_EQ(RealOf(Op::kLeast, kNaN, number), number);
    EXPECT_TRUE(std::isnan(*RealOf(Op::kGreatest, number, kNaN))) << number;
    EXPECT_TRUE(std::isnan(*RealOf(Op::kGreatest, kNaN, number))) << number;
  }
  EXPECT_TRUE(std::isnan(*RealOf(Op::kLeast, kNaN, kNaN)));
  EXPECT_TRUE(std::isnan(*RealOf(Op::kGreatest, kNaN, kNaN)));
  EXPECT_EQ(RealOf(Op::kLeast, 3, -4), -4);
  EXPECT_EQ(RealOf(Op::kGreatest, 3, -4), 3);
}

TEST(RowKernelsTest, PowersOfNaNAreNaNAndThoseThatAreNotRealAreNull) {
  EXPECT_TRUE(std::isnan(*RealOf(Op::kPower, kNaN, 0.5)));
  for (const double base : {2.0, 0.0, -8.0, kNaN}) {
    EXPECT_TRUE(std::isnan(RealOf(Op::kPower, base, kNaN).value_or(0))) << base;
  }
  EXPECT_EQ(RealOf(Op::kPower, kNaN, 0), 1) << "as in C";
  EXPECT_EQ(RealOf(Op::kPower, 0, 0), 1);
  EXPECT_EQ(RealOf(Op::kPower, 0, 0.5), 0);
  EXPECT_EQ(RealOf(Op::kPower, 0, -1), std::nullopt);
  EXPECT_EQ(RealOf(Op::kPower, -8, 3), -512);
  EXPECT_EQ(RealOf(Op::kPower, -8, 0.5), std::nullopt);
}

// DuckDB and PostgreSQL give what is neither positive nor negative a zero.
TEST(RowKernelsTest, SignsAreMinusOneZeroAndOne) {
  for (const auto& [number, sign] :
       {std::pair(7.5, 1.0), std::pair(-5e-324, -1.0), std::pair(0.0, 0.0), std::pair(-0.0, 0.0),
        std::pair(kInfinity, 1.0), std::pair(-kInfinity, -1.0), std::pair(kNaN, 0.0)}) {
    const std::optional<double> found = RealOf(Op::kSign, number, 0);
    EXPECT_EQ(found, sign) << number;
    EXPECT_EQ(std::signbit(*found), sign < 0) << number;
  }
}

TEST(RowKernelsTest, WhereKeepsValuesOfTrueConditionsOnly) {
  std::vector<uint8_t> condition = {1, 0, 1, 0};
  std::vector<double> given = {2, 3, 0, 5};
  std::vector<uint8_t> given_valid = {1, 1, 0, 1};
  const RowKernel kernel = ConditionKernel(Op::kWhere, ValueType::kFloat64);
  for (uint8_t* const mask : {static_cast<uint8_t*>(nullptr), given_valid.data()}) {
    const Operand arguments[] = {{.values = condition.data()},
                                 {.values = given.data(), .valid = mask}};
    std::vector<double> values(4, -1);
    std::vector<uint8_t> valid(4, 9);
    Operand out = {.values = values.data(), .valid = valid.data()};
    kernel(arguments, &out, 4);
    EXPECT_EQ(values, (std::vector<double>{2, 0, 0, 0}));
    const uint8_t third = mask == nullptr ? 1 : 0;
    EXPECT_EQ(valid, (std::vector<uint8_t>{1, 0, third, 0}));
  }
}

}  // namespace
}  // namespace metricstore::compute::vector
