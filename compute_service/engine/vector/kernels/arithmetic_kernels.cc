#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "compute_service/engine/vector/kernels/row_kernels.h"
#include "compute_service/engine/vector/kernels/row_validity.h"

namespace metricstore::compute::vector {
namespace {

// Total functions: a value for all arguments.
template <typename In, typename Out, typename F>
void Map(const Operand* in, Operand* out, size_t rows) {
  const In* const a = in[0].as<In>();
  Out* const r = out->as<Out>();
  for (size_t i = 0; i < rows; ++i) r[i] = F::Of(a[i]);
  PropagateNulls(in[0], out, rows);
  ZeroNulls<Out>(*out, rows);
}

template <typename T, typename F>
void Map2(const Operand* in, Operand* out, size_t rows) {
  const T* const a = in[0].as<T>();
  const T* const b = in[1].as<T>();
  T* const r = out->as<T>();
  for (size_t i = 0; i < rows; ++i) r[i] = F::Of(a[i], b[i]);
  PropagateNulls(in[0], in[1], out, rows);
  ZeroNulls<T>(*out, rows);
}

// Partial functions: NULL where they are not defined. Most runs have no such row and take the loop
// without tests.
template <typename T, typename F>
void MapWhereDefined(const Operand* in, Operand* out, size_t rows) {
  const T* const a = in[0].as<T>();
  T* const r = out->as<T>();
  unsigned undefined = 0;
  for (size_t i = 0; i < rows; ++i) undefined |= F::Defined(a[i]) ? 0U : 1U;
  if (undefined == 0) return Map<T, T, F>(in, out, rows);
  for (size_t i = 0; i < rows; ++i) {
    const bool valid = F::Defined(a[i]) && (in[0].valid == nullptr || in[0].valid[i] != 0);
    r[i] = valid ? F::Of(a[i]) : T{};
    out->valid[i] = valid ? 1 : 0;
  }
}

template <typename T, typename F>
void Map2WhereDefined(const Operand* in, Operand* out, size_t rows) {
  const T* const a = in[0].as<T>();
  const T* const b = in[1].as<T>();
  T* const r = out->as<T>();
  unsigned undefined = 0;
  for (size_t i = 0; i < rows; ++i) undefined |= F::Defined(a[i], b[i]) ? 0U : 1U;
  if (undefined == 0) return Map2<T, F>(in, out, rows);
  for (size_t i = 0; i < rows; ++i) {
    const bool valid = F::Defined(a[i], b[i]) && (in[0].valid == nullptr || in[0].valid[i] != 0) &&
                       (in[1].valid == nullptr || in[1].valid[i] != 0);
    r[i] = valid ? F::Of(a[i], b[i]) : T{};
    out->valid[i] = valid ? 1 : 0;
  }
}

struct Add {
  static double Of(double a, double b) { return a + b; }
};
struct Subtract {
  static double Of(double a, double b) { return a - b; }
};
struct Multiply {
  static double Of(double a, double b) { return a * b; }
};
struct Divide {
  static bool Defined(double, double b) { return b != 0; }
  static double Of(double a, double b) { return a / b; }
};
struct Modulo {
  static bool Defined(double, double b) { return b != 0; }
  static double Of(double a, double b) { return std::fmod(a, b); }
};
struct Power {
  static bool Defined(double a, double b) {
    return a > 0 || std::isnan(a) || (a == 0 ? b >= 0 : std::trunc(b) == b);
  }
  static double Of(double a, double b) { return std::pow(a, b); }
};
struct Negate {
  static double Of(double a) { return -a; }
};
struct Abs {
  static double Of(double a) { return std::fabs(a); }
};
struct Sign {
  static double Of(double a) { return a > 0 ? 1.0 : (a < 0 ? -1.0 : a); }
};
struct Floor {
  static double Of(double a) { return std::floor(a); }
};
struct Ceil {
  static double Of(double a) { return std::ceil(a); }
};
struct Round {
  static double Of(double a) { return std::round(a); }
};
struct Exp {
  static double Of(double a) { return std::exp(a); }
};
struct Ln {
  static bool Defined(double a) { return !(a <= 0); }
  static double Of(double a) { return std::log(a); }
};
struct Log10 {
  static bool Defined(double a) { return !(a <= 0); }
  static double Of(double a) { return std::log10(a); }
};
struct Sqrt {
  static bool Defined(double a) { return !(a < 0); }
  static double Of(double a) { return std::sqrt(a); }
};

// Integers: a result that does not fit is NULL.
struct AddInt {
  static bool Defined(int64_t a, int64_t b) {
    int64_t r;
    return !__builtin_add_overflow(a, b, &r);
  }
  static int64_t Of(int64_t a, int64_t b) { return a + b; }
};
struct SubtractInt {
  static bool Defined(int64_t a, int64_t b) {
    int64_t r;
    return !__builtin_sub_overflow(a, b, &r);
  }
  static int64_t Of(int64_t a, int64_t b) { return a - b; }
};
struct MultiplyInt {
  static bool Defined(int64_t a, int64_t b) {
    int64_t r;
    return !__builtin_mul_overflow(a, b, &r);
  }
  static int64_t Of(int64_t a, int64_t b) { return a * b; }
};
struct ModuloInt {
  static bool Defined(int64_t, int64_t b) { return b != 0; }
  // The smallest integer has no quotient by -1, but its remainder is zero.
  static int64_t Of(int64_t a, int64_t b) { return b == -1 ? 0 : a % b; }
};
struct NegateInt {
  static bool Defined(int64_t a) { return a != std::numeric_limits<int64_t>::min(); }
  static int64_t Of(int64_t a) { return -a; }
};
struct AbsInt {
  static bool Defined(int64_t a) { return a != std::numeric_limits<int64_t>::min(); }
  static int64_t Of(int64_t a) { return a < 0 ? -a : a; }
};
struct SignInt {
  static int64_t Of(int64_t a) { return (a > 0) - (a < 0); }
};
struct Widen {
  static double Of(int64_t a) { return static_cast<double>(a); }
  static int64_t Of(int32_t a) { return a; }
};

RowKernel RealKernel(Op op) {
  switch (op) {
    case Op::kAdd:
      return Map2<double, Add>;
    case Op::kSubtract:
      return Map2<double, Subtract>;
    case Op::kMultiply:
      return Map2<double, Multiply>;
    case Op::kDivide:
      return Map2WhereDefined<double, Divide>;
    case Op::kModulo:
      return Map2WhereDefined<double, Modulo>;
    case Op::kPower:
      return Map2WhereDefined<double, Power>;
    case Op::kNegate:
      return Map<double, double, Negate>;
    case Op::kAbs:
      return Map<double, double, Abs>;
    case Op::kSign:
      return Map<double, double, Sign>;
    case Op::kFloor:
      return Map<double, double, Floor>;
    case Op::kCeil:
      return Map<double, double, Ceil>;
    case Op::kRound:
      return Map<double, double, Round>;
    case Op::kExp:
      return Map<double, double, Exp>;
    case Op::kLn:
      return MapWhereDefined<double, Ln>;
    case Op::kLog10:
      return MapWhereDefined<double, Log10>;
    case Op::kSqrt:
      return MapWhereDefined<double, Sqrt>;
    default:
      return nullptr;
  }
}

RowKernel IntegerKernel(Op op) {
  switch (op) {
    case Op::kToFloat64:
      return Map<int64_t, double, Widen>;
    case Op::kAdd:
      return Map2WhereDefined<int64_t, AddInt>;
    case Op::kSubtract:
      return Map2WhereDefined<int64_t, SubtractInt>;
    case Op::kMultiply:
      return Map2WhereDefined<int64_t, MultiplyInt>;
    case Op::kModulo:
      return Map2WhereDefined<int64_t, ModuloInt>;
    case Op::kNegate:
      return MapWhereDefined<int64_t, NegateInt>;
    case Op::kAbs:
      return MapWhereDefined<int64_t, AbsInt>;
    case Op::kSign:
      return Map<int64_t, int64_t, SignInt>;
    default:
      return nullptr;
  }
}

}  // namespace

RowKernel ArithmeticKernel(Op op, ValueType type) {
  switch (type) {
    case ValueType::kFloat64:
      return RealKernel(op);
    case ValueType::kInt64:
      return IntegerKernel(op);
    case ValueType::kDate:
      return op == Op::kWidenDate ? Map<int32_t, int64_t, Widen> : nullptr;
    default:
      return nullptr;
  }
}

}  // namespace metricstore::compute::vector
