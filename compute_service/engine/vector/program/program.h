// What the compiler makes of the tasks of a shard: values in single-assignment form, grouped by the
// rows they belong to.
//
// A value lives in a domain: all rows that pass a filter set, those of them that any bucket list
// shows, the rows of one bucket list in bucket order, or one element a bucket. Equal values of a
// domain are one value, so everything that metrics share is computed once. Rows that no bucket
// shows are never computed.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/columns/column_batch.h"
#include "common/expression/catalog/function_catalog.h"

namespace metricstore::compute::vector {

// How values lie in memory. Dates are only read from columns. A code names a text: in kColumn
// values one of the column's dictionary, in all others one of the evaluation's TextPool. Vectors
// are texts too: their JSON.
enum class ValueType : uint8_t { kFloat64, kInt64, kBool, kDate, kCode };

constexpr size_t ElementBytes(ValueType type) {
  switch (type) {
    case ValueType::kFloat64:
    case ValueType::kInt64:
      return 8;
    case ValueType::kDate:
    case ValueType::kCode:
      return 4;
    case ValueType::kBool:
      break;
  }
  return 1;
}

enum class Op : uint8_t {
  // Where values come from.
  kColumn,
  kConstant,
  kSlice,  // a column in the order of a bucket list
  // Element by element.
  kBroadcast,  // a constant that is needed as a whole vector
  kPoolText,   // codes of a column -> codes of the pool
  kTextTest,   // codes, of a column or of the pool -> condition
  kWidenDate,
  kToFloat64,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kNegate,
  kAbs,
  kSign,
  kFloor,
  kCeil,
  kRound,
  kExp,
  kLn,
  kLog10,
  kSqrt,
  kPower,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAnd,
  kOr,
  kNot,
  kIsNull,
  kSelect,  // condition, value if true, value otherwise
  kWhere,   // condition, value if true; NULL otherwise
  kCoalesce,
  kNullIf,
  kGreatest,
  kLeast,
  kRowCall,  // any other function of one row: Value::function
  // Look around in a bucket.
  kLag,
  kLead,
  kRunning,  // Value::function of the rows of the bucket so far
  // From rows to buckets.
  kCountRows,
  kCount,
  kSum,
  kSumExact,           // of integers, as an integer; clamped where it does not fit
  kSquaredDeviations,  // value, its sum, its count -> sum of squares around the mean
  kMin,
  kMax,
  kFirst,
  kLast,
  kAggregateCall,  // any other aggregate: Value::function
};

constexpr bool IsAggregate(Op op) { return op >= Op::kCountRows; }
// Whether a pass computes it, block by block.
constexpr bool IsComputed(Op op) { return op > Op::kSlice && op < Op::kCountRows; }
// Whether it reads rows of other blocks, and so a whole vector.
constexpr bool ReadsWhole(Op op) { return op == Op::kLag || op == Op::kLead; }

using ValueId = uint32_t;
inline constexpr ValueId kNoValue = UINT32_MAX;

enum class DomainKind : uint8_t { kRows, kShared, kSliced, kBuckets };

struct Domain {
  DomainKind kind = DomainKind::kRows;
  uint32_t filter_set = 0;
  uint32_t bucket_list = 0;  // kSliced, kBuckets
  uint32_t look_back = 0;    // kShared: see SharedWork
  friend bool operator==(const Domain&, const Domain&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Domain& d) {
    return H::combine(std::move(h), d.kind, d.filter_set, d.bucket_list, d.look_back);
  }
};

struct Value {
  Op op = Op::kConstant;
  ValueType type = ValueType::kFloat64;
  Domain domain;  // a constant belongs to all
  std::array<ValueId, 3> arguments = {kNoValue, kNoValue, kNoValue};
  bool is_null = false;  // kConstant
  // kRowCall, kRunning, kAggregateCall
  expression::Function function = expression::Function::kAdd;
  bool distinct = false;    // kAggregateCall
  uint32_t parameters = 0;  // index into Program::parameters; 0 has none
  // kRowCall, kAggregateCall: the language's types of the first argument and of the result (of a
  // vector: of its elements).
  columns::ColumnType argument_type = columns::ColumnType::kFloat64;
  columns::ColumnType result_type = columns::ColumnType::kFloat64;
  // Bits of a constant, of a text its code; index of a column (also of kPoolText) or of a text
  // test; rows of lag and lead.
  uint64_t payload = 0;
  friend bool operator==(const Value&, const Value&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Value& v) {
    return H::combine(std::move(h), v.op, v.type, v.domain, v.arguments, v.is_null, v.function,
                      v.distinct, v.parameters, v.argument_type, v.result_type, v.payload);
  }
};

// The literal arguments of a function that the language wants as literals (see
// expression::Function), without those that are columns: numbers and texts, each in their order.
struct Parameters {
  std::vector<double> numbers;
  std::vector<std::string> texts;
  friend bool operator==(const Parameters&, const Parameters&) = default;
};

// A comparison of a text with a literal (kLike, kIlike: a pattern), answered once for each distinct
// text.
struct TextTest {
  expression::Function function = expression::Function::kEqual;
  std::string literal;
  bool operator()(std::string_view text) const;
  friend bool operator==(const TextTest&, const TextTest&) = default;
};

struct ProgramColumn {
  std::string name;
  columns::ColumnType type = columns::ColumnType::kFloat64;
};

// Values of one domain that are computed together, a block of rows at a time. Values that others
// need whole are outputs; the rest live in scratch slots that are used again.
struct Pass {
  std::vector<ValueId> values;  // in order of computation
  std::vector<bool> is_output;  // of values
  std::vector<uint32_t> slots;  // of values; outputs have one for their validity
  uint32_t slot_count = 0;
};

// A fold of shared rows: for all bucket lists at once, see SharedRows.
struct SharedFold {
  Op op = Op::kSum;
  ValueId rows = kNoValue;
  friend bool operator==(const SharedFold&, const SharedFold&) = default;
};
// What bucket lists share of the rows of a filter set: values, and folds of them, that look back as
// many rows. They are the same in all buckets but for so many first rows of each.
struct SharedWork {
  uint32_t look_back = 0;       // 0: values of a row alone
  std::vector<ValueId> slices;  // kSlice
  std::vector<Pass> passes;     // by depth of lags
  std::vector<SharedFold> folds;
};
// Where a bucket list's aggregate has its values from.
struct SharedUse {
  ValueId aggregate = kNoValue;
  uint32_t work = 0;  // of FilterGroup::shared
  uint32_t fold = 0;  // of SharedWork::folds
};

// The tasks of one filter set and one bucket list.
struct BucketGroup {
  uint32_t bucket_list = 0;
  std::vector<ValueId> slices;      // kSlice
  std::vector<Pass> sliced_passes;  // by depth of lags and leads
  std::vector<ValueId> aggregates;  // of values that are the same in all buckets that show a row
  std::vector<ValueId>
      lagged_aggregates;  // of values that look around, and so depend on the bucket
  // On how many of a bucket's first rows they depend at most: SIZE_MAX where it is on all.
  size_t lag_rows = 0;
  std::vector<SharedUse> shared_uses;  // the aggregates that are not among those above
  Pass bucket_pass;
  std::vector<uint32_t> tasks;
  std::vector<ValueId> roots;  // of tasks
};

// The tasks of one filter set. Set 0 has no filter and is always there.
struct FilterGroup {
  ValueId predicate = kNoValue;  // in the rows of set 0
  std::vector<ValueId> columns;  // kColumn
  Pass row_pass;                 // predicates; of set 0 only
  std::vector<SharedWork> shared;
  std::vector<BucketGroup> groups;
};

// Buckets as microseconds. See calendar::WindowBuckets; slices need not be disjoint here.
struct BucketList {
  struct Slice {
    int64_t start = 0;
    int64_t end = 0;
    friend bool operator==(const Slice&, const Slice&) = default;
  };
  // Shows slices [first_slice, end_slice), the first and the last of them cut to what is shown.
  struct Span {
    int64_t start = 0;  // of the whole bucket
    int64_t shown_start = 0;
    int64_t shown_end = 0;
    uint32_t first_slice = 0;
    uint32_t end_slice = 0;
    friend bool operator==(const Span&, const Span&) = default;
  };
  std::vector<Slice> slices;
  std::vector<Span> spans;
  // Whether the window reaches beyond its bucket, so that buckets may overlap: a property of the
  // definition, not of the buckets at hand, because it decides in which order values are summed.
  bool reaches = false;
  friend bool operator==(const BucketList&, const BucketList&) = default;
};

// All tasks of a shard, compiled. Immutable.
struct Program {
  std::vector<Value> values;
  std::vector<ProgramColumn> columns;
  std::vector<TextTest> tests;
  std::vector<Parameters> parameters;  // the first has none
  // Literals: the first texts of every evaluation's pool, in the order of their codes.
  std::vector<std::string> texts;
  std::vector<BucketList> bucket_lists;
  std::vector<FilterGroup> filters;
  ValueId row_root = kNoValue;  // of an expression of rows, in the rows of set 0
  size_t task_count = 0;
};

}  // namespace metricstore::compute::vector
