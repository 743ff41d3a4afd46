// What the catalogue says of a function: what it takes and gives, how it treats NULL and the order
// of rows, and how both executors compute it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "common/expression/catalog/function.h"

namespace metricstore::expression {

enum class FunctionKind {
  kRow,
  kOrderedRow,
  kAggregate,
  kBucket,  // of whole buckets: only outside aggregates
};

// What an argument may be.
enum class ArgumentType : uint8_t {
  kNumber,   // float64, int64
  kFloat64,  // float64; int64 is widened
  kInt64,
  kBool,
  kText,
  kTime,      // dates, instants
  kMetrical,  // numbers, dates, instants
  kOrdered,   // all types but bool
  kListed,    // what vectors hold: numbers, bool, text
  kAny,
  // Literals.
  kIntegerLiteral,
  kRealLiteral,  // or an integer
  kTextLiteral,
  kPatternLiteral,  // of LIKE
  kUnitLiteral,     // of date_trunc and date_diff
  kPartLiteral,     // of date_part: a unit, or dow, isodow, doy, epoch
};

constexpr bool IsLiteral(ArgumentType type) { return type >= ArgumentType::kIntegerLiteral; }

struct ArgumentSpec {
  ArgumentType type = ArgumentType::kAny;
  // Of a literal: bounds of a number, and of the characters of a text; equal where there are none.
  double least = 0;
  double greatest = 0;
  bool is_above_least = false;  // the least itself is out

  constexpr ArgumentSpec(ArgumentType wanted) : type(wanted) {}  // NOLINT: tables name types
  constexpr ArgumentSpec(ArgumentType wanted, double from, double to, bool is_open = false)
      : type(wanted), least(from), greatest(to), is_above_least(is_open) {}
  constexpr ArgumentSpec() = default;
  bool has_bounds() const { return least != greatest; }
};

// The arguments of a function: the last one named stands for all that follow.
class ArgumentSpecs {
 public:
  constexpr ArgumentSpecs(std::initializer_list<ArgumentSpec> specs)
      : size_(std::min(specs.size(), kMost)) {
    std::copy_n(specs.begin(), size_, specs_.begin());
  }
  // How many are named.
  constexpr size_t size() const { return size_; }
  constexpr const ArgumentSpec& operator[](size_t i) const {
    return specs_[std::min(i, size_ == 0 ? 0 : size_ - 1)];
  }

 private:
  static constexpr size_t kMost = 4;
  std::array<ArgumentSpec, kMost> specs_ = {};
  size_t size_;
};

enum class ResultType : uint8_t {
  kFloat64,
  kInt64,
  kBool,
  kText,
  kTimestamp,
  kOfFirst,  // the type of the first argument
  kOfLast,   // of CASE: the last argument is a result
  kOfPart,   // of date_part: float64 for epoch and second, else int64
  kOfCast,   // the type that CAST names
  kVectorOfFirst,
  kVectorOfInt64,
};

enum class NullBehaviour : uint8_t {
  kPropagates,  // NULL in, NULL out
  kSkips,       // what is NULL counts for nothing
  kSees,        // NULL is a value like another: IS NULL, COALESCE, AND
};

// What an aggregate gives where there is no value.
enum class EmptyBehaviour : uint8_t { kNull, kZero };

enum class Determinism : uint8_t {
  kExact,    // the same bits whatever the order of rows
  kRounded,  // a sum of rounded parts: the order of rows may show in the last bits
  kOrdered,  // the order of rows is part of the meaning
};

// How the value of a whole follows from those of its parts, one after another in time; without
// DISTINCT.
enum class Additivity : uint8_t {
  kAdditive,   // their sum; of vectors, element by element
  kMergeable,  // the function itself, of the parts' values (of vectors: of all of their elements)
  kNone,
};

// What DISTINCT before the argument of an aggregate means.
enum class DistinctUse : uint8_t {
  kRefused,
  kCounts,    // each value counts once
  kNoMatter,  // the same with and without, so that trees never have it
};

// How the vector executor computes a call. Aggregates of DISTINCT values are walked, whatever their
// form; count(DISTINCT x) is a function of its own.
enum class VectorForm : uint8_t {
  // Element by element.
  kOperation,   // by a loop of its own, from the left over more arguments than it has; with the
                // literals of its last arguments, by a function
  kComparison,  // by a loop of its own; a text with a literal once for each distinct text
  kChoice,      // from conditions and values: CASE, IN, IS NULL
  kCast,
  kFunction,  // value by value
  kText,      // the same, but once for each distinct text where only one argument is no literal
  kTextTest,  // a condition, once for each distinct text
  // In the order of rows.
  kNeighbour,  // the value some rows away
  kRunning,    // from row to row of a bucket
  // Aggregates.
  kFold,    // joined from the results of parts of a bucket, which overlapping buckets share; texts
            // are compared in a walk
  kRanked,  // read off counts of ranks, which buckets share; where values have none, by a walk
  kWalk,    // one walk over the values of a bucket
  // Of other functions: FunctionSpec::made_of.
  kMadeOf,
  // By another evaluation.
  kReference,
};

inline constexpr int kAnyNumber = 1 << 20;  // of arguments

struct FunctionSpec {
  std::string_view name;
  Function function;
  FunctionKind kind;
  ArgumentSpecs arguments;
  ResultType result;
  int min_arguments;
  int max_arguments;
  // What messages call them, with ", " between: "price, volume". Of functions called by name.
  std::string_view argument_names;
  // Whether all arguments but literals become one type: float64 if any of them is float64.
  bool of_one_type = true;
  NullBehaviour nulls = NullBehaviour::kPropagates;
  EmptyBehaviour empty = EmptyBehaviour::kNull;  // of aggregates
  Determinism determinism = Determinism::kExact;
  Additivity additivity = Additivity::kNone;  // of aggregates
  DistinctUse distinct = DistinctUse::kRefused;
  bool reads_time = false;  // of aggregates: the times of the rows, too
  // The name before WITHIN GROUP (ORDER BY x), where x becomes the first argument; "" for none.
  std::string_view within_group;
  std::string_view formula;  // where the formula is from
  VectorForm vector = VectorForm::kFunction;
  // Of kMadeOf: an expression of the language, where $1 is the first argument. See function_body.h.
  std::string_view made_of;
  // A template of DuckDB's text; duckdb_text.h says what its signs mean.
  std::string_view duckdb;
  std::string_view duckdb_steps;  // templates of its steps, with "; " between
  std::string_view duckdb_int64;  // where the first argument is int64 and it differs
  std::string_view duckdb_short;  // without the last argument, where it differs
};

}  // namespace metricstore::expression
