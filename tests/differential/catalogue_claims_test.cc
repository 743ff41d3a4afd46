// What the catalogue says of NULL, of no rows, of order and of parts is what the engine does.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/columns/column_batch.h"
#include "common/expression/catalog/function_catalog.h"
#include "common/expression/node.h"
#include "common/time/iso8601.h"
#include "compute_service/engine/vector/evaluator.h"
#include "gtest/gtest.h"
#include "tests/differential/answers.h"
#include "tests/differential/random_expressions.h"
#include "tests/differential/random_rows.h"
#include "tests/differential/rounds.h"
#include "tests/differential/samples.h"

namespace metricstore::differential {
namespace {

using columns::Column;
using columns::ColumnBatch;
using columns::ColumnType;
using compute::vector::Evaluator;
using compute::vector::MetricTask;
using expression::Additivity;
using expression::BoundExpression;
using expression::Determinism;
using expression::EmptyBehaviour;
using expression::Function;
using expression::FunctionKind;
using expression::FunctionSpec;
using expression::NullBehaviour;
using expression::SpecOf;
using Kind = PeerValue::Kind;

std::shared_ptr<const BoundExpression> Bind(const std::string& metric) {
  auto bound = BoundExpression::ParseMetric(metric, RowSchema());
  EXPECT_TRUE(bound.ok()) << metric << ": " << bound.status();
  return bound.ok() ? *std::move(bound) : nullptr;
}

// Over all rows as one bucket; nothing if that gives no point.
std::optional<Answer> Evaluate(const std::string& metric, const ColumnBatch& rows,
                               const std::vector<std::string>& filters = {}) {
  const TimeRange all = {FromMicros(0), FromMicros(INT64_C(1) << 53)};
  MetricTask task{.expression = Bind(metric),
                  .filters = {},
                  .buckets = std::make_shared<const calendar::WindowBuckets>(
                      calendar::WindowBuckets::From({{.start = all.start, .slices = {all}}}))};
  for (const std::string& text : filters) {
    auto filter = BoundExpression::ParseFilter(text, RowSchema());
    EXPECT_TRUE(filter.ok()) << text << ": " << filter.status();
    task.filters.push_back(*std::move(filter));
  }
  const auto output = task.expression->output();
  const auto evaluator = Evaluator::Create({task}, "ts", RowSchema());
  EXPECT_TRUE(evaluator.ok()) << metric << ": " << evaluator.status();
  const auto points = (*evaluator)->Evaluate(rows, CallBounds{});
  EXPECT_TRUE(points.ok()) << metric << ": " << points.status();
  if (points->front().values.empty()) return std::nullopt;
  return AnswerAt(points->front(), 0, output);
}

std::string Shown(const std::optional<Answer>& answer) {
  return answer.has_value() ? Show(*answer) : "no point";
}

bool Same(const std::optional<Answer>& a, const std::optional<Answer>& b) {
  if (!a.has_value() || !b.has_value()) return a.has_value() == b.has_value();
  return a->not_finite == b->not_finite && (a->not_finite || Agrees(*a, b->value));
}

bool SameToTheBit(const Answer& a, const Answer& b) {
  const bool is_real = a.value.kind == Kind::kReal && b.value.kind == Kind::kReal;
  return is_real ? a.value.real == b.value.real : Show(a) == Show(b);
}

ColumnBatch SomeRows(double null_share, uint64_t seed) {
  std::mt19937_64 random(seed);
  return RandomRows({.rows = 60, .null_share = null_share}, random);
}

// The rows in another order, at the same times.
ColumnBatch Shuffled(const ColumnBatch& rows, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<size_t> from(rows.rows);
  std::iota(from.begin(), from.end(), 0);
  std::shuffle(from.begin(), from.end(), random);
  ColumnBatch shuffled = rows;
  for (size_t i = 1; i < rows.columns.size(); ++i) {
    const Column& old = rows.columns[i];
    Column& column = shuffled.columns[i];
    column.validity = {};
    const auto move = [&](const auto& values, auto* moved) {
      for (size_t row = 0; row < values.size(); ++row) (*moved)[row] = values[from[row]];
    };
    move(old.float64, &column.float64);
    move(old.int64, &column.int64);
    move(old.date, &column.date);
    move(old.boolean, &column.boolean);
    move(old.codes, &column.codes);
    for (size_t row = 0; row < rows.rows; ++row) {
      if (!old.validity.valid(from[row])) column.validity.SetNull(row, rows.rows);
    }
  }
  return shuffled;
}

// Of every aggregate's sample: a metric of columns.
struct OneAggregate {
  const FunctionSpec& spec;
  std::string metric;
};

std::vector<OneAggregate> Aggregates() {
  RandomExpressions expressions(7);
  std::vector<OneAggregate> all;
  for (const Sample& sample : Samples()) {
    if (!IsBareAggregate(sample)) continue;
    all.push_back({SpecOf(sample.function), expressions.AggregateOfRows(sample, 0)});
  }
  return all;
}

std::string AnyNull(const std::vector<std::string>& columns) {
  return absl::StrCat("(", absl::StrJoin(columns, " IS NULL OR "), " IS NULL)");
}

TEST(CatalogueClaimsTest, EveryFunctionSaysWhereItsFormulaIsFrom) {
  for (const auto& specs : {expression::Functions(), expression::Operators()}) {
    for (const FunctionSpec& spec : specs) EXPECT_FALSE(spec.formula.empty()) << spec.name;
  }
}

TEST(CatalogueClaimsTest, OnlyAggregatesAddUpOrAreEmpty) {
  for (const auto& specs : {expression::Functions(), expression::Operators()}) {
    for (const FunctionSpec& spec : specs) {
      if (spec.kind == FunctionKind::kAggregate) {
        EXPECT_NE(spec.nulls, NullBehaviour::kPropagates) << spec.name;
        continue;
      }
      EXPECT_EQ(spec.additivity, Additivity::kNone) << spec.name;
      EXPECT_EQ(spec.empty, EmptyBehaviour::kNull) << spec.name;
      const bool looks_around = spec.kind == FunctionKind::kOrderedRow;
      EXPECT_EQ(spec.determinism, looks_around ? Determinism::kOrdered : Determinism::kExact)
          << spec.name;
    }
  }
}

TEST(CatalogueClaimsTest, AggregatesOfNothingAreAsSaid) {
  const ColumnBatch rows = SomeRows(0.2, 1);
  const ColumnBatch nulls = SomeRows(1, 1);
  for (const OneAggregate& each : Aggregates()) {
    const std::string wanted = each.spec.empty == EmptyBehaviour::kZero ? "0" : "NULL";
    EXPECT_EQ(Shown(Evaluate(each.metric + " FILTER (WHERE n > 1000)", rows)), wanted)
        << each.metric;
    EXPECT_EQ(Shown(Evaluate(each.metric, rows, {"n > 1000"})), "no point") << each.metric;
    const bool sees = each.spec.nulls == NullBehaviour::kSees;
    EXPECT_EQ(Shown(Evaluate(each.metric, nulls)), sees ? "60" : wanted) << each.metric;
  }
}

TEST(CatalogueClaimsTest, AggregatesThatSkipNullDoNotSeeItsRows) {
  const ColumnBatch rows = SomeRows(0.2, 2);
  for (const OneAggregate& each : Aggregates()) {
    if (each.spec.nulls != NullBehaviour::kSkips) continue;
    const auto bound = Bind(each.metric);
    std::vector<std::string> filters;
    for (const std::string& column : bound->columns()) filters.push_back(column + " IS NOT NULL");
    const auto all = Evaluate(each.metric, rows);
    const auto kept = Evaluate(each.metric, rows, filters);
    EXPECT_TRUE(Same(all, kept)) << each.metric << ": " << Shown(all) << ", without NULL "
                                 << Shown(kept);
  }
}

// Functions of a row give NULL for NULL, or do so only sometimes.
TEST(CatalogueClaimsTest, FunctionsOfRowsTreatNullAsSaid) {
  RandomExpressions expressions(11);
  const ColumnBatch rows = SomeRows(0.4, 3);
  std::set<Function> seeing;
  for (const Sample& sample : Samples()) {
    const FunctionSpec& spec = SpecOf(sample.function);
    if (sample.level != Level::kRow && sample.level != Level::kOrdered) continue;
    Sample counted = sample;
    const std::string text = "count(" + std::string(sample.text) + ")";
    counted.text = text;
    counted.level = Level::kAggregate;
    for (int i = 0; i < 12; ++i) {
      const std::string count = expressions.AggregateOfRows(counted, 0);
      const std::vector<std::string> columns = Bind(count)->columns();
      if (columns.empty()) continue;
      const std::string metric = absl::StrCat(count, " FILTER (WHERE ", AnyNull(columns), ")");
      const auto values = Evaluate(metric, rows);
      if (spec.nulls == NullBehaviour::kPropagates) {
        EXPECT_EQ(Shown(values), "0") << metric;
      } else if (Shown(values) != "0") {
        seeing.insert(sample.function);
      }
    }
  }
  for (const Sample& sample : Samples()) {
    const FunctionSpec& spec = SpecOf(sample.function);
    if (spec.kind == FunctionKind::kAggregate || spec.nulls == NullBehaviour::kPropagates) continue;
    EXPECT_TRUE(seeing.contains(sample.function)) << spec.name;
  }
}

TEST(CatalogueClaimsTest, FunctionsOfRowsThatSkipNullTakeTheOthers) {
  const ColumnBatch rows = SomeRows(0.3, 4);
  for (const std::string name : {"greatest", "least"}) {
    EXPECT_TRUE(Same(Evaluate("sum(" + name + "(a, b)) FILTER (WHERE b IS NULL)", rows),
                     Evaluate("sum(a) FILTER (WHERE b IS NULL)", rows)));
    EXPECT_TRUE(Same(Evaluate("string_agg(" + name + "(u, s), ',') FILTER (WHERE u IS NULL)", rows),
                     Evaluate("string_agg(s, ',') FILTER (WHERE u IS NULL)", rows)));
    EXPECT_TRUE(Same(Evaluate("count(" + name + "(u, 'b'))", rows), Evaluate("count(*)", rows)));
  }
  for (const std::string text : {"cum_sum(a)", "cum_max(n)", "cum_min(a)", "ewma(a, 0.25)"}) {
    const std::string name = text.substr(0, text.find('('));
    ASSERT_EQ(expression::FindFunction(name)->nulls, NullBehaviour::kSkips) << name;
    const std::string read(1, text[name.size() + 1]);
    EXPECT_TRUE(Same(Evaluate("last(" + text + ")", rows),
                     Evaluate("last(" + text + ")", rows, {read + " IS NOT NULL"})))
        << text;
  }
}

TEST(CatalogueClaimsTest, OrderMattersAsSaid) {
  std::set<Function> ordered;
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    const ColumnBatch rows = SomeRows(0.2, 20 + seed);
    const ColumnBatch shuffled = Shuffled(rows, seed);
    for (const OneAggregate& each : Aggregates()) {
      const auto one = Evaluate(each.metric, rows);
      const auto other = Evaluate(each.metric, shuffled);
      ASSERT_TRUE(one.has_value() && other.has_value());
      const std::string both = absl::StrCat(each.metric, ": ", Show(*one), ", ", Show(*other));
      if (each.spec.determinism == Determinism::kExact) {
        EXPECT_TRUE(SameToTheBit(*one, *other)) << both;
      } else if (each.spec.determinism == Determinism::kRounded) {
        EXPECT_NEAR(one->value.real, other->value.real, 1e-10 * std::abs(one->value.real) + 1e-12)
            << both;
      } else if (!Same(one, other)) {
        ordered.insert(each.spec.function);
      }
    }
  }
  for (const OneAggregate& each : Aggregates()) {
    if (each.spec.determinism != Determinism::kOrdered) continue;
    EXPECT_TRUE(ordered.contains(each.spec.function))
        << each.metric << " gave the same in any order";
  }
}

// The times of rows say in which order they come, and perhaps in which parts they are summed.
TEST(CatalogueClaimsTest, OnlyWhatReadsTheTimeSeesWhenRowsAre) {
  std::set<Function> seeing;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    const ColumnBatch rows = SomeRows(0.2, 60 + seed);
    ColumnBatch later = rows;
    for (size_t row = 0; row < rows.rows; ++row) {
      later.columns[0].int64[row] += static_cast<int64_t>(1'000'000 * row * row);
    }
    for (const OneAggregate& each : Aggregates()) {
      const auto columns = Bind(each.metric)->columns();
      if (std::find(columns.begin(), columns.end(), "ts") != columns.end()) continue;
      const auto one = Evaluate(each.metric, rows);
      const auto other = Evaluate(each.metric, later);
      ASSERT_TRUE(one.has_value() && other.has_value());
      if (Same(one, other)) continue;
      seeing.insert(each.spec.function);
      EXPECT_TRUE(each.spec.reads_time)
          << each.metric << ": " << Show(*one) << ", at other times " << Show(*other);
    }
  }
  for (const FunctionSpec& spec : expression::Functions()) {
    EXPECT_EQ(seeing.contains(spec.function), spec.reads_time) << spec.name;
  }
}

// The column of the row schema that holds values of a type.
std::string ColumnOf(ColumnType type) {
  switch (type) {
    case ColumnType::kInt64:
      return "n";
    case ColumnType::kBool:
      return "flag";
    case ColumnType::kText:
      return "s";
    default:
      return "a";
  }
}

// Rows with these values in that column, and NULL in the others.
ColumnBatch RowsOf(const std::vector<PeerValue>& values, ColumnType type) {
  std::mt19937_64 random(1);
  ColumnBatch rows = RandomRows({.rows = values.size(), .null_share = 1}, random);
  for (Column& column : rows.columns) {
    if (column.name != ColumnOf(type)) continue;
    column.validity = {};
    columns::DictionaryBuilder dictionary;
    for (size_t i = 0; i < values.size(); ++i) {
      const PeerValue& value = values[i];
      if (type == ColumnType::kFloat64) column.float64[i] = value.real;
      if (type == ColumnType::kInt64) column.int64[i] = std::stoll(value.text);
      if (type == ColumnType::kBool) column.boolean[i] = value.real != 0 ? 1 : 0;
      if (type == ColumnType::kText) column.codes[i] = dictionary.CodeOf(value.text);
    }
    if (type == ColumnType::kText) column.dictionary = dictionary.Take();
  }
  return rows;
}

// What the function makes of the values of parts.
Answer Merged(const Sample& sample, const std::string& metric, const std::vector<Answer>& parts) {
  const auto bound = Bind(metric);
  std::vector<PeerValue> values;
  for (const Answer& part : parts) {
    const PeerValue& value = part.value;
    if (value.kind == Kind::kList) {
      values.insert(values.end(), value.elements.begin(), value.elements.end());
    } else {
      values.push_back(value);
    }
  }
  const ColumnType type = bound->root().type;
  const size_t open = sample.text.find('(');
  const size_t end = metric.find_first_of(",)", open);
  // A part may be in parentheses of its own.
  const size_t behind = metric[open + 1] == '(' ? metric.find(')', open) + 1 : end;
  const std::string text =
      absl::StrCat(metric.substr(0, open + 1), ColumnOf(type), metric.substr(behind));
  return Evaluate(text, RowsOf(values, type)).value();
}

Answer Added(const std::vector<Answer>& parts) {
  Answer whole = parts.front();
  const auto add = [](const PeerValue& value, PeerValue* sum) {
    sum->real += value.real;
    if (sum->kind == Kind::kInteger) {
      sum->text = std::to_string(std::stoll(sum->text) + std::stoll(value.text));
    }
  };
  for (size_t part = 1; part < parts.size(); ++part) {
    const PeerValue& value = parts[part].value;
    add(value, &whole.value);
    for (size_t i = 0; i < value.elements.size(); ++i) {
      add(value.elements[i], &whole.value.elements[i]);
    }
  }
  return whole;
}

TEST(CatalogueClaimsTest, WholesFollowFromPartsAsSaid) {
  RandomExpressions expressions(5);
  std::set<Function> seen;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const ColumnBatch rows = SomeRows(0.2, 40 + seed);
    const size_t cuts[] = {0, 13, 40, 60};
    for (const Sample& sample : Samples()) {
      const FunctionSpec& spec = SpecOf(sample.function);
      const bool merges = spec.additivity == Additivity::kMergeable && IsOfOneHole(sample);
      const bool adds = spec.additivity == Additivity::kAdditive && IsBareAggregate(sample) &&
                        sample.text.find("DISTINCT") == std::string_view::npos;
      if (!merges && !adds) continue;
      seen.insert(sample.function);
      const std::string metric = expressions.AggregateOfRows(sample, 0);
      std::vector<Answer> parts;
      for (size_t i = 0; i + 1 < std::size(cuts); ++i) {
        parts.push_back(Evaluate(metric, Slice(rows, cuts[i], cuts[i + 1])).value());
      }
      const Answer whole = Evaluate(metric, rows).value();
      const Answer wanted = adds ? Added(parts) : Merged(sample, metric, parts);
      EXPECT_TRUE(Agrees(whole, wanted.value))
          << metric << ": " << Show(whole) << ", from parts " << Show(wanted);
    }
  }
  for (const auto& specs : {expression::Functions(), expression::Operators()}) {
    for (const FunctionSpec& spec : specs) {
      if (spec.additivity == Additivity::kNone) continue;
      EXPECT_TRUE(seen.contains(spec.function)) << spec.name;
    }
  }
}

}  // namespace
}  // namespace metricstore::differential
