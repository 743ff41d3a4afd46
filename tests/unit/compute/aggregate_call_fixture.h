// Runs single aggregates over vectors in memory, without expressions and buckets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compute_service/engine/vector/kernels/aggregates/aggregate_calls.h"
#include "gtest/gtest.h"

namespace metricstore::compute::vector {

// A vector of rows; NULL rows hold zero.
template <typename T>
struct CallColumn {
  std::vector<T> values;
  std::vector<uint8_t> valid;

  CallColumn(std::vector<T> all) : values(std::move(all)) {}  // NOLINT: as readable as a literal
  CallColumn(std::initializer_list<std::optional<T>> some) {  // NOLINT
    for (const std::optional<T>& value : some) Add(value);
  }
  CallColumn() = default;

  void Add(const std::optional<T>& value) {
    valid.resize(values.size(), 1);
    values.push_back(value.value_or(T{}));
    valid.push_back(value.has_value() ? 1 : 0);
  }
  Operand operand() {
    return {.values = values.data(), .valid = valid.empty() ? nullptr : valid.data()};
  }
};

using RealColumn = CallColumn<double>;
using IntegerColumn = CallColumn<int64_t>;
using FlagColumn = CallColumn<uint8_t>;
using CodeColumn = CallColumn<uint32_t>;

inline ValueType TypeOf(const RealColumn&) { return ValueType::kFloat64; }
inline ValueType TypeOf(const IntegerColumn&) { return ValueType::kInt64; }
inline ValueType TypeOf(const FlagColumn&) { return ValueType::kBool; }
inline ValueType TypeOf(const CodeColumn&) { return ValueType::kCode; }

// One pool and one AggregateCalls for all calls of a test, as in an evaluation.
class CallRunner {
 public:
  using Function = expression::Function;

  uint32_t Code(std::string_view text) { return texts_.CodeOf(text); }
  CodeColumn Codes(const std::vector<std::string>& texts) {
    std::vector<uint32_t> codes;
    for (const std::string& text : texts) codes.push_back(Code(text));
    return CodeColumn(codes);
  }

  CallRunner& With(Parameters parameters) {
    parameters_ = std::move(parameters);
    return *this;
  }
  CallRunner& Distinct(bool is_distinct = true) {
    is_distinct_ = is_distinct;
    return *this;
  }
  CallRunner& Typed(columns::ColumnType type) {
    argument_type_ = type;
    return *this;
  }

  // The result over all rows, as Out lies in memory; nullopt is NULL. What With, Distinct and Typed
  // said is forgotten afterwards.
  template <typename Out, typename T>
  std::optional<Out> Run(Function function, CallColumn<T> x) {
    AggregateCall call = CallOf(function, &x);
    return RunOne<Out>(call, x.values.size());
  }
  template <typename Out, typename T, typename U>
  std::optional<Out> Run(Function function, CallColumn<T> x, CallColumn<U> second) {
    AggregateCall call = CallOf(function, &x);
    call.rows[1] = second.operand();
    call.second_type = TypeOf(second);
    return RunOne<Out>(call, x.values.size());
  }
  template <typename T>
  std::optional<std::string> RunText(Function function, CallColumn<T> x) {
    const std::optional<uint32_t> code = Run<uint32_t>(function, std::move(x));
    if (!code.has_value()) return std::nullopt;
    return std::string(texts_[*code]);
  }

  // The results of several ranges at once.
  template <typename Out>
  std::vector<std::optional<Out>> RunRanges(const AggregateCall& call,
                                            const std::vector<RowRange>& ranges) {
    EXPECT_EQ(ElementBytes(ResultTypeOf(call.function, call.type)), sizeof(Out));
    std::vector<Out> results(ranges.size() + 1);
    std::vector<uint8_t> valid(ranges.size() + 1, 7);
    Operand out{.values = results.data(), .valid = valid.data()};
    calls_.Run(call, ranges, 1, &out);  // as behind other buckets
    EXPECT_EQ(valid[0], 7) << "before the first element";
    std::vector<std::optional<Out>> all;
    for (size_t i = 1; i <= ranges.size(); ++i) {
      if (valid[i] == 0) {
        EXPECT_EQ(results[i], Out{}) << "NULL is zero";
      }
      all.push_back(valid[i] == 0 ? std::nullopt : std::optional(results[i]));
    }
    return all;
  }
  template <typename T>
  AggregateCall CallOf(Function function, CallColumn<T>* x) const {
    AggregateCall call{.function = function,
                       .distinct = is_distinct_,
                       .type = TypeOf(*x),
                       .argument_type = argument_type_,
                       .parameters = &parameters_};
    call.rows[0] = x->operand();
    return call;
  }

 private:
  template <typename Out>
  std::optional<Out> RunOne(const AggregateCall& call, size_t rows) {
    const std::optional<Out> result = RunRanges<Out>(call, {{0, rows}})[0];
    parameters_ = {};
    is_distinct_ = false;
    argument_type_ = columns::ColumnType::kFloat64;
    return result;
  }

  TextPool texts_;
  AggregateCalls calls_{&texts_};
  Parameters parameters_;
  bool is_distinct_ = false;
  columns::ColumnType argument_type_ = columns::ColumnType::kFloat64;
};

}  // namespace metricstore::compute::vector
