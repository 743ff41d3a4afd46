#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "compute_service/engine/vector/kernels/row_kernels.h"
#include "compute_service/engine/vector/kernels/row_validity.h"

namespace metricstore::compute::vector {
namespace {

// As a number, so that loops stay free of branches; the compiler takes the test out of them.
inline uint8_t ValidAt(const Operand& operand, size_t row) {
  return operand.valid == nullptr ? 1 : operand.valid[row];
}

// NaN equals itself and is greater than every number, as in PostgreSQL and DuckDB. Written without
// branches; for other types nothing of it is left.
struct Equal {
  template <typename T>
  static bool Of(T a, T b) {
    return (a == b) | ((a != a) & (b != b));
  }
};
struct Less {
  template <typename T>
  static bool Of(T a, T b) {
    return (a < b) | ((a == a) & (b != b));
  }
};
struct LessEqual {
  template <typename T>
  static bool Of(T a, T b) {
    return (a <= b) | (b != b);
  }
};
struct NotEqual {
  template <typename T>
  static bool Of(T a, T b) {
    return !Equal::Of(a, b);
  }
};
struct Greater {
  template <typename T>
  static bool Of(T a, T b) {
    return Less::Of(b, a);
  }
};
struct GreaterEqual {
  template <typename T>
  static bool Of(T a, T b) {
    return LessEqual::Of(b, a);
  }
};

template <typename T, typename F>
void Compare(const Operand* in, Operand* out, size_t rows) {
  const T* const a = in[0].as<T>();
  const T* const b = in[1].as<T>();
  uint8_t* const r = out->as<uint8_t>();
  for (size_t i = 0; i < rows; ++i) r[i] = F::Of(a[i], b[i]) ? 1 : 0;
  PropagateNulls(in[0], in[1], out, rows);
  ZeroNulls<uint8_t>(*out, rows);
}

// AND is known as soon as one side is false, OR as soon as one is true, whatever the other.
template <bool kDeciding>
void Connect(const Operand* in, Operand* out, size_t rows) {
  const uint8_t* const a = in[0].as<uint8_t>();
  const uint8_t* const b = in[1].as<uint8_t>();
  uint8_t* const r = out->as<uint8_t>();
  for (size_t i = 0; i < rows; ++i) r[i] = kDeciding ? a[i] | b[i] : a[i] & b[i];
  if (in[0].valid == nullptr && in[1].valid == nullptr) {
    out->valid = nullptr;
    return;
  }
  for (size_t i = 0; i < rows; ++i) {
    const uint8_t a_valid = ValidAt(in[0], i);
    const uint8_t b_valid = ValidAt(in[1], i);
    // The value of a NULL is zero: only a valid side can be true.
    const uint8_t decided = kDeciding ? a[i] | b[i] : (a_valid & ~a[i]) | (b_valid & ~b[i]);
    out->valid[i] = decided | (a_valid & b_valid);
  }
  ZeroNulls<uint8_t>(*out, rows);
}

void Not(const Operand* in, Operand* out, size_t rows) {
  const uint8_t* const a = in[0].as<uint8_t>();
  uint8_t* const r = out->as<uint8_t>();
  for (size_t i = 0; i < rows; ++i) r[i] = a[i] ^ 1;
  PropagateNulls(in[0], out, rows);
  ZeroNulls<uint8_t>(*out, rows);
}

void IsNull(const Operand* in, Operand* out, size_t rows) {
  uint8_t* const r = out->as<uint8_t>();
  if (in[0].valid == nullptr) {
    std::memset(r, 0, rows);
  } else {
    for (size_t i = 0; i < rows; ++i) r[i] = in[0].valid[i] ^ 1;
  }
  out->valid = nullptr;
}

// Arguments: codes, and the answer for each code.
void TestText(const Operand* in, Operand* out, size_t rows) {
  const uint32_t* const codes = in[0].as<uint32_t>();
  const uint8_t* const answers = in[1].as<uint8_t>();
  uint8_t* const r = out->as<uint8_t>();
  for (size_t i = 0; i < rows; ++i) r[i] = answers[codes[i]];
  PropagateNulls(in[0], out, rows);
  ZeroNulls<uint8_t>(*out, rows);
}

// Arguments: codes of a column, and the pool's code for each.
void PoolText(const Operand* in, Operand* out, size_t rows) {
  const uint32_t* const codes = in[0].as<uint32_t>();
  const uint32_t* const pooled = in[1].as<uint32_t>();
  uint32_t* const r = out->as<uint32_t>();
  for (size_t i = 0; i < rows; ++i) r[i] = pooled[codes[i]];
  PropagateNulls(in[0], out, rows);
  ZeroNulls<uint32_t>(*out, rows);
}

// A condition that is NULL counts as false: its value is zero.
template <typename T>
void Select(const Operand* in, Operand* out, size_t rows) {
  const uint8_t* const condition = in[0].as<uint8_t>();
  const T* const a = in[1].as<T>();
  const T* const b = in[2].as<T>();
  T* const r = out->as<T>();
  for (size_t i = 0; i < rows; ++i) r[i] = condition[i] != 0 ? a[i] : b[i];
  if (in[1].valid == nullptr && in[2].valid == nullptr) {
    out->valid = nullptr;
    return;
  }
  for (size_t i = 0; i < rows; ++i) {
    const uint8_t from_a = condition[i] & ValidAt(in[1], i);
    out->valid[i] = from_a | ((condition[i] ^ 1) & ValidAt(in[2], i));
  }
  DropFullMask(out, rows);
}

template <typename T>
void Coalesce(const Operand* in, Operand* out, size_t rows) {
  const T* const a = in[0].as<T>();
  const T* const b = in[1].as<T>();
  T* const r = out->as<T>();
  if (in[0].valid == nullptr) {
    std::memcpy(r, a, rows * sizeof(T));
    out->valid = nullptr;
    return;
  }
  for (size_t i = 0; i < rows; ++i) r[i] = in[0].valid[i] != 0 ? a[i] : b[i];
  if (in[1].valid == nullptr) {
    out->valid = nullptr;
    return;
  }
  for (size_t i = 0; i < rows; ++i) out->valid[i] = in[0].valid[i] | in[1].valid[i];
}

template <typename T>
void NullIf(const Operand* in, Operand* out, size_t rows) {
  const T* const a = in[0].as<T>();
  const T* const b = in[1].as<T>();
  T* const r = out->as<T>();
  for (size_t i = 0; i < rows; ++i) {
    const uint8_t same = ValidAt(in[1], i) & (Equal::Of(a[i], b[i]) ? 1 : 0);
    const uint8_t valid = ValidAt(in[0], i) & (same ^ 1);
    r[i] = valid != 0 ? a[i] : T{};
    out->valid[i] = valid;
  }
  DropFullMask(out, rows);
}

// The greater (or lesser) of two; where one is NULL, the other. NaN is greater than all numbers.
template <typename T, bool kGreater>
T Extreme(T a, T b) {
  if constexpr (kGreater) return b > a || b != b ? b : a;
  return b < a || a != a ? b : a;
}

template <typename T, bool kGreater>
void Extremes(const Operand* in, Operand* out, size_t rows) {
  const T* const a = in[0].as<T>();
  const T* const b = in[1].as<T>();
  T* const r = out->as<T>();
  if (in[0].valid == nullptr && in[1].valid == nullptr) {
    for (size_t i = 0; i < rows; ++i) r[i] = Extreme<T, kGreater>(a[i], b[i]);
    out->valid = nullptr;
    return;
  }
  for (size_t i = 0; i < rows; ++i) {
    const bool a_valid = ValidAt(in[0], i) != 0;
    const bool b_valid = ValidAt(in[1], i) != 0;
    // A NULL row's value is zero, so with both NULL the result is zero too.
    r[i] = a_valid && b_valid ? Extreme<T, kGreater>(a[i], b[i]) : (a_valid ? a[i] : b[i]);
    out->valid[i] = a_valid || b_valid ? 1 : 0;
  }
  DropFullMask(out, rows);
}

template <typename T>
void Broadcast(const Operand* in, Operand* out, size_t rows) {
  std::memcpy(out->values, in[0].values, rows * sizeof(T));
  PropagateNulls(in[0], out, rows);
}

template <typename T>
RowKernel KernelOf(Op op) {
  switch (op) {
    case Op::kBroadcast:
      return Broadcast<T>;
    case Op::kEqual:
      return Compare<T, Equal>;
    case Op::kNotEqual:
      return Compare<T, NotEqual>;
    case Op::kLess:
      return Compare<T, Less>;
    case Op::kLessEqual:
      return Compare<T, LessEqual>;
    case Op::kGreater:
      return Compare<T, Greater>;
    case Op::kGreaterEqual:
      return Compare<T, GreaterEqual>;
    case Op::kSelect:
      return Select<T>;
    case Op::kCoalesce:
      return Coalesce<T>;
    case Op::kNullIf:
      return NullIf<T>;
    case Op::kGreatest:
      return Extremes<T, true>;
    case Op::kLeast:
      return Extremes<T, false>;
    default:
      return nullptr;
  }
}

}  // namespace

RowKernel ConditionKernel(Op op, ValueType type) {
  switch (op) {
    case Op::kAnd:
      return Connect<false>;
    case Op::kOr:
      return Connect<true>;
    case Op::kNot:
      return Not;
    case Op::kIsNull:
      return IsNull;
    case Op::kTextTest:
      return TestText;
    case Op::kPoolText:
      return PoolText;
    default:
      break;
  }
  switch (type) {
    case ValueType::kFloat64:
      return KernelOf<double>(op);
    case ValueType::kInt64:
      return KernelOf<int64_t>(op);
    case ValueType::kDate:
    case ValueType::kCode:
      return KernelOf<uint32_t>(op);
    default:
      return KernelOf<uint8_t>(op);
  }
}

}  // namespace metricstore::compute::vector
