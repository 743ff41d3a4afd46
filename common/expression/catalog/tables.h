// The tables of the function catalogue, a file for each family, and the words they are written in.
#pragma once

#include <span>

#include "common/expression/catalog/function_spec.h"

namespace metricstore::expression::catalog {

std::span<const FunctionSpec> OperatorTable();
std::span<const FunctionSpec> RowFunctionTable();      // numbers
std::span<const FunctionSpec> TextFunctionTable();     // text, dates, instants
std::span<const FunctionSpec> OrderedFunctionTable();  // rows and aggregates in the order of time
std::span<const FunctionSpec> AggregateTable();        // and metric(...)

// Types of arguments, as the tables name them.
inline constexpr ArgumentSpec kNumber = ArgumentType::kNumber;
inline constexpr ArgumentSpec kFloat = ArgumentType::kFloat64;
inline constexpr ArgumentSpec kInteger = ArgumentType::kInt64;
inline constexpr ArgumentSpec kCondition = ArgumentType::kBool;
inline constexpr ArgumentSpec kString = ArgumentType::kText;
inline constexpr ArgumentSpec kTime = ArgumentType::kTime;
inline constexpr ArgumentSpec kMetrical = ArgumentType::kMetrical;
inline constexpr ArgumentSpec kOrdered = ArgumentType::kOrdered;
inline constexpr ArgumentSpec kListed = ArgumentType::kListed;
inline constexpr ArgumentSpec kAny = ArgumentType::kAny;
inline constexpr ArgumentSpec kReal = ArgumentType::kRealLiteral;
inline constexpr ArgumentSpec kTextLiteral = ArgumentType::kTextLiteral;
inline constexpr ArgumentSpec kUnit = ArgumentType::kUnitLiteral;
inline constexpr ArgumentSpec kPart = ArgumentType::kPartLiteral;

// Where most formulas are from.
inline constexpr std::string_view kSqlStandard = "ISO 9075-2";
inline constexpr std::string_view kMathHeader = "ISO 9899, math.h";
inline constexpr std::string_view kPostgreSql = "PostgreSQL 15";
inline constexpr std::string_view kDuckDb = "DuckDB 1.4";

constexpr ArgumentSpec IntegerIn(double least, double greatest) {
  return {ArgumentType::kIntegerLiteral, least, greatest};
}

// One line of a table: what the constructor does not say has its default, or follows.
struct Entry : FunctionSpec {
  constexpr Entry(std::string_view named, Function meant, FunctionKind of_kind, ArgumentSpecs takes,
                  ResultType gives, std::string_view text)
      : FunctionSpec{.name = named,
                     .function = meant,
                     .kind = of_kind,
                     .arguments = takes,
                     .result = gives,
                     .min_arguments = static_cast<int>(takes.size()),
                     .max_arguments = static_cast<int>(takes.size()),
                     .argument_names = takes.size() == 1 ? "x" : "",
                     .duckdb = text} {}

  // The last argument may be left out; then `text` is DuckDB's, if it is not empty.
  constexpr Entry MayEnd(std::string_view text = "") const {
    Entry entry = *this;
    --entry.min_arguments;
    entry.duckdb_short = text;
    return entry;
  }
  // The last argument may come any number of times, at least `least` arguments in all.
  constexpr Entry Repeats(int least) const {
    Entry entry = *this;
    entry.min_arguments = least;
    entry.max_arguments = kAnyNumber;
    return entry;
  }
  constexpr Entry Takes(std::string_view names) const {
    return With(&FunctionSpec::argument_names, names);
  }
  constexpr Entry Apart() const { return With(&FunctionSpec::of_one_type, false); }
  constexpr Entry Int64(std::string_view text) const {
    return With(&FunctionSpec::duckdb_int64, text);
  }
  constexpr Entry Steps(std::string_view texts) const {
    return With(&FunctionSpec::duckdb_steps, texts);
  }
  constexpr Entry From(std::string_view source) const {
    return With(&FunctionSpec::formula, source);
  }
  constexpr Entry Nulls(NullBehaviour behaviour) const {
    return With(&FunctionSpec::nulls, behaviour);
  }
  constexpr Entry Zero() const { return With(&FunctionSpec::empty, EmptyBehaviour::kZero); }
  constexpr Entry Needs(Determinism determinism_of_it) const {
    return With(&FunctionSpec::determinism, determinism_of_it);
  }
  constexpr Entry Adds(Additivity additivity_of_it) const {
    return With(&FunctionSpec::additivity, additivity_of_it);
  }
  constexpr Entry Distinct(DistinctUse use) const { return With(&FunctionSpec::distinct, use); }
  constexpr Entry ReadsTime() const { return With(&FunctionSpec::reads_time, true); }
  // How the vector executor computes it.
  constexpr Entry By(VectorForm form) const { return With(&FunctionSpec::vector, form); }
  constexpr Entry MadeOf(std::string_view text) const {
    return By(VectorForm::kMadeOf).With(&FunctionSpec::made_of, text);
  }
  constexpr Entry Within(std::string_view group_name) const {
    return With(&FunctionSpec::within_group, group_name);
  }

 private:
  template <typename T>
  constexpr Entry With(T FunctionSpec::*field, T value) const {
    Entry entry = *this;
    entry.*field = value;
    return entry;
  }
};

constexpr Entry Row(std::string_view name, Function function, ArgumentSpecs arguments,
                    ResultType result, std::string_view duckdb) {
  return {name, function, FunctionKind::kRow, arguments, result, duckdb};
}

}  // namespace metricstore::expression::catalog
