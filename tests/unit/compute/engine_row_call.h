// Calls functions of one row, as the engine does for each row of a block.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compute_service/engine/vector/kernels/rows/row_functions.h"
#include "compute_service/engine/vector/kernels/texts/value_text.h"
#include "gtest/gtest.h"

namespace metricstore::compute::vector {

// A row's argument: what the language has, or NULL.
struct Argument {
  enum class Kind { kReal, kInteger, kText, kFlag } kind = Kind::kReal;
  bool is_null = false;
  double real = 0;
  int64_t integer = 0;
  std::string text;

  Argument(double value) : real(value) {}                              // NOLINT
  Argument(int64_t value) : kind(Kind::kInteger), integer(value) {}    // NOLINT
  Argument(int value) : kind(Kind::kInteger), integer(value) {}        // NOLINT
  Argument(bool value) : kind(Kind::kFlag), integer(value ? 1 : 0) {}  // NOLINT
  Argument(const char* value) : kind(Kind::kText), text(value) {}      // NOLINT
  static Argument NullText() {
    Argument null("");
    null.is_null = true;
    return null;
  }
};

// Calls a function with one row.
class RowCall {
 public:
  explicit RowCall(Value call, Parameters parameters = {}) : call_(call), parameters_(parameters) {}

  template <typename Out>
  std::optional<Out> Run(const std::vector<Argument>& arguments) {
    Operand in[3];
    uint64_t bytes[3] = {};
    uint8_t valid[3] = {1, 1, 1};
    for (size_t i = 0; i < arguments.size(); ++i) {
      Put(arguments[i], &bytes[i]);
      valid[i] = arguments[i].is_null ? 0 : 1;
      in[i] = {.values = &bytes[i], .valid = &valid[i]};
    }
    Out result = {};
    uint8_t result_valid = 1;
    Operand out{.values = &result, .valid = &result_valid};
    FunctionOf(call_, TypeOf(arguments[0]))({pool_, parameters_}, in, &out, 1);
    if (out.valid != nullptr && *out.valid == 0) {
      EXPECT_EQ(result, Out{}) << "NULL has the value zero";
      return std::nullopt;
    }
    return result;
  }
  std::optional<std::string> RunText(const std::vector<Argument>& arguments) {
    const std::optional<uint32_t> code = Run<uint32_t>(arguments);
    return code.has_value() ? std::optional(std::string(pool_[*code])) : std::nullopt;
  }
  const TextPool& pool() const { return pool_; }

 private:
  static ValueType TypeOf(const Argument& argument) {
    switch (argument.kind) {
      case Argument::Kind::kReal:
        return ValueType::kFloat64;
      case Argument::Kind::kInteger:
        return ValueType::kInt64;
      case Argument::Kind::kText:
        return ValueType::kCode;
      default:
        return ValueType::kBool;
    }
  }
  void Put(const Argument& argument, uint64_t* bytes) {
    if (argument.is_null) return;
    switch (argument.kind) {
      case Argument::Kind::kReal:
        *bytes = std::bit_cast<uint64_t>(argument.real);
        break;
      case Argument::Kind::kText:
        *bytes = pool_.CodeOf(argument.text);
        break;
      default:
        *bytes = static_cast<uint64_t>(argument.integer);
    }
  }

  TextPool pool_;
  Value call_;
  Parameters parameters_;
};

// Of an instant that is one.
inline int64_t Micros(const char* text) { return *ReadInstant(text); }

}  // namespace metricstore::compute::vector
