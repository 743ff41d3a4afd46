#include "tests/unit/compute/engine_reference.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "common/time/iso8601.h"

namespace metricstore::compute::vector {
namespace {

using columns::ColumnType;
using expression::Function;
using expression::Node;
using expression::NodeKind;

Cell Number(double number) { return {.is_null = false, .number = number, .text = ""}; }

Cell CellOf(const columns::Column& column, size_t row) {
  if (!column.validity.valid(row)) return {};
  switch (column.type) {
    case ColumnType::kFloat64:
      return Number(column.float64[row]);
    case ColumnType::kInt64:
    case ColumnType::kTimestamp:
      return Number(static_cast<double>(column.int64[row]));
    case ColumnType::kBool:
      return Number(column.boolean[row]);
    case ColumnType::kDate:
      return Number(column.date[row]);
    case ColumnType::kText:
      break;
  }
  return {.is_null = false, .number = 0, .text = std::string(column.text(row))};
}

Cell LiteralCell(const Node& node) {
  if (node.is_null()) return {};
  if (const auto* real = std::get_if<double>(&node.literal)) return Number(*real);
  if (const auto* flag = std::get_if<bool>(&node.literal)) return Number(*flag ? 1 : 0);
  if (const auto* text = std::get_if<std::string>(&node.literal)) {
    return {.is_null = false, .number = 0, .text = *text};
  }
  return Number(static_cast<double>(std::get<int64_t>(node.literal)));
}

Cell Compared(Function function, const Cell& a, const Cell& b) {
  if (a.is_null || b.is_null) return {};
  const auto compare = [function](const auto& x, const auto& y) {
    switch (function) {
      case Function::kEqual:
        return x == y;
      case Function::kNotEqual:
        return x != y;
      case Function::kLess:
        return x < y;
      case Function::kLessEqual:
        return x <= y;
      case Function::kGreater:
        return x > y;
      default:
        return x >= y;
    }
  };
  const bool is_text = !a.text.empty() || !b.text.empty();
  return Number(is_text ? compare(a.text, b.text) : compare(a.number, b.number));
}

Cell And(const Cell& a, const Cell& b) {
  if ((!a.is_null && a.number == 0) || (!b.is_null && b.number == 0)) return Number(0);
  return a.is_null || b.is_null ? Cell{} : Number(1);
}

Cell Not(const Cell& a) { return a.is_null ? Cell{} : Number(1 - a.number); }

Cell Or(const Cell& a, const Cell& b) { return Not(And(Not(a), Not(b))); }

// Functions of numbers that are NULL where any argument is.
Cell Calculated(Function function, double a, double b) {
  switch (function) {
    case Function::kAdd:
      return Number(a + b);
    case Function::kSubtract:
      return Number(a - b);
    case Function::kMultiply:
      return Number(a * b);
    case Function::kDivide:
      return b == 0 ? Cell{} : Number(a / b);
    case Function::kModulo:
      return b == 0 ? Cell{} : Number(std::fmod(a, b));
    case Function::kPower:
      if (a == 0 && b < 0) return {};
      if (a < 0 && b != std::floor(b)) return {};
      return Number(std::pow(a, b));
    case Function::kNegate:
      return Number(-a);
    case Function::kAbs:
      return Number(std::abs(a));
    case Function::kSign:
      return Number(a == 0 ? 0 : (a > 0 ? 1 : -1));
    case Function::kFloor:
      return Number(std::floor(a));
    case Function::kCeil:
      return Number(std::ceil(a));
    case Function::kRound:
      return Number(a < 0 ? std::ceil(a - 0.5) : std::floor(a + 0.5));
    case Function::kExp:
      return Number(std::exp(a));
    case Function::kLn:
      return a <= 0 ? Cell{} : Number(std::log(a));
    case Function::kLog10:
      return a <= 0 ? Cell{} : Number(std::log10(a));
    case Function::kSqrt:
      return a < 0 ? Cell{} : Number(std::sqrt(a));
    default:
      return Number(a);  // kToFloat64
  }
}

// The rows of one bucket, in order.
struct Sequence {
  const columns::ColumnBatch& rows;
  std::vector<size_t> indexes;
};

Cell Row(const Node& node, const Sequence& sequence, size_t at);
Cell Bucket(const Node& node, const Sequence& sequence);

Cell Lagged(const Node& node, const Sequence& sequence, size_t at, size_t rows) {
  return at < rows ? Cell{} : Row(node, sequence, at - rows);
}

// Calls that mean the same for rows and for buckets; `argument` evaluates the i-th argument.
template <typename Argument>
Cell Plain(const Node& node, const Argument& argument) {
  const size_t count = node.arguments.size();
  switch (node.function) {
    case Function::kEqual:
    case Function::kNotEqual:
    case Function::kLess:
    case Function::kLessEqual:
    case Function::kGreater:
    case Function::kGreaterEqual:
      return Compared(node.function, argument(0), argument(1));
    case Function::kAnd:
    case Function::kOr: {
      Cell result = argument(0);
      for (size_t i = 1; i < count; ++i) {
        result =
            node.function == Function::kAnd ? And(result, argument(i)) : Or(result, argument(i));
      }
      return result;
    }
    case Function::kNot:
      return Not(argument(0));
    case Function::kIsNull:
      return Number(argument(0).is_null ? 1 : 0);
    case Function::kIsNotNull:
      return Number(argument(0).is_null ? 0 : 1);
    case Function::kBetween:
      return And(Compared(Function::kGreaterEqual, argument(0), argument(1)),
                 Compared(Function::kLessEqual, argument(0), argument(2)));
    case Function::kIn: {
      Cell found = Number(0);
      for (size_t i = 1; i < count; ++i) {
        found = Or(found, Compared(Function::kEqual, argument(0), argument(i)));
      }
      return found;
    }
    case Function::kCase:
    case Function::kCaseOf: {
      const size_t first = node.function == Function::kCaseOf ? 1 : 0;
      for (size_t i = first; i + 1 < count; i += 2) {
        const Cell when =
            first == 1 ? Compared(Function::kEqual, argument(0), argument(i)) : argument(i);
        if (!when.is_null && when.number != 0) return argument(i + 1);
      }
      return argument(count - 1);
    }
    case Function::kCoalesce:
      for (size_t i = 0; i < count; ++i) {
        if (!argument(i).is_null) return argument(i);
      }
      return {};
    case Function::kNullIf: {
      const Cell same = Compared(Function::kEqual, argument(0), argument(1));
      return !same.is_null && same.number != 0 ? Cell{} : argument(0);
    }
    case Function::kGreatest:
    case Function::kLeast: {
      Cell best;
      for (size_t i = 0; i < count; ++i) {
        const Cell cell = argument(i);
        if (cell.is_null) continue;
        const bool better = node.function == Function::kGreatest ? cell.number > best.number
                                                                 : cell.number < best.number;
        if (best.is_null || better) best = cell;
      }
      return best;
    }
    default: {
      const Cell a = argument(0);
      const Cell b = count > 1 ? argument(1) : Number(0);
      return a.is_null || b.is_null ? Cell{} : Calculated(node.function, a.number, b.number);
    }
  }
}

Cell Row(const Node& node, const Sequence& sequence, size_t at) {
  if (node.kind == NodeKind::kLiteral) return LiteralCell(node);
  if (node.kind == NodeKind::kColumn) {
    return CellOf(*sequence.rows.Find(node.column), sequence.indexes[at]);
  }
  const auto argument = [&](size_t i) { return Row(*node.arguments[i], sequence, at); };
  const Node* const first = node.arguments.empty() ? nullptr : node.arguments[0].get();
  if (node.function == Function::kLag) {
    const size_t rows = node.arguments.size() < 2
                            ? 1
                            : static_cast<size_t>(std::get<int64_t>(node.arguments[1]->literal));
    return Lagged(*first, sequence, at, rows);
  }
  if (node.function == Function::kDelta || node.function == Function::kLogReturn) {
    const Cell now = argument(0);
    const Cell before = Lagged(*first, sequence, at, 1);
    if (now.is_null || before.is_null) return {};
    if (node.function == Function::kDelta) return Number(now.number - before.number);
    const Cell ratio = Calculated(Function::kDivide, now.number, before.number);
    return ratio.is_null ? Cell{} : Calculated(Function::kLn, ratio.number, 0);
  }
  return Plain(node, argument);
}

Cell Variance(Function function, const std::vector<double>& values) {
  const bool is_sample = function == Function::kVarSamp || function == Function::kStddevSamp;
  const size_t divisor = is_sample && !values.empty() ? values.size() - 1 : values.size();
  if (divisor == 0) return {};
  long double sum = 0;
  for (const double value : values) sum += value;
  const long double mean = sum / static_cast<long double>(values.size());
  long double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto variance = static_cast<double>(squares / static_cast<long double>(divisor));
  const bool is_root = function == Function::kStddevSamp || function == Function::kStddevPop;
  return Number(is_root ? std::sqrt(variance) : variance);
}

// Texts have the number 0 and numbers have no text.
Cell CountedDistinct(const Node& argument, const Sequence& sequence) {
  std::set<std::pair<double, std::string>> distinct;
  bool has_nan = false;
  for (size_t at = 0; at < sequence.indexes.size(); ++at) {
    const Cell cell = Row(argument, sequence, at);
    if (cell.is_null) continue;
    if (std::isnan(cell.number)) {
      has_nan = true;
    } else {
      distinct.emplace(cell.number, cell.text);
    }
  }
  return Number(static_cast<double>(distinct.size() + (has_nan ? 1 : 0)));
}

double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t upper = values.size() / 2;
  return values.size() % 2 == 1 ? values[upper] : (values[upper - 1] + values[upper]) / 2;
}

Cell Aggregated(const Node& node, const Sequence& sequence) {
  if (node.function == Function::kCountDistinct) {
    return CountedDistinct(*node.arguments[0], sequence);
  }
  std::vector<double> values;
  for (size_t at = 0; at < sequence.indexes.size(); ++at) {
    const Cell cell = Row(*node.arguments[0], sequence, at);
    if (!cell.is_null) values.push_back(cell.number);
  }
  if (node.function == Function::kCount) return Number(static_cast<double>(values.size()));
  if (values.empty()) return {};
  long double sum = 0;
  for (const double value : values) sum += value;
  switch (node.function) {
    case Function::kSum:
      return Number(static_cast<double>(sum));
    case Function::kAvg:
      return Number(static_cast<double>(sum / static_cast<long double>(values.size())));
    case Function::kMin:
      return Number(*std::min_element(values.begin(), values.end()));
    case Function::kMax:
      return Number(*std::max_element(values.begin(), values.end()));
    case Function::kFirst:
      return Number(values.front());
    case Function::kLast:
      return Number(values.back());
    case Function::kMedian:
      return Number(MedianOf(values));
    default:
      return Variance(node.function, values);
  }
}

Cell Bucket(const Node& node, const Sequence& sequence) {
  if (node.kind == NodeKind::kLiteral) return LiteralCell(node);
  if (node.function == Function::kCountRows) {
    return Number(static_cast<double>(sequence.indexes.size()));
  }
  if (node.function >= Function::kCount) return Aggregated(node, sequence);
  return Plain(node, [&](size_t i) { return Bucket(*node.arguments[i], sequence); });
}

bool Passes(const MetricTask& task, const columns::ColumnBatch& rows, size_t row) {
  const Sequence alone{.rows = rows, .indexes = {row}};
  return std::all_of(task.filters.begin(), task.filters.end(), [&](const auto& filter) {
    const Cell cell = Row(filter->root(), alone, 0);
    return !cell.is_null && cell.number != 0;
  });
}

}  // namespace

std::vector<ReferencePoint> EvaluateNaively(const MetricTask& task,
                                            const columns::ColumnBatch& rows,
                                            const std::string& time_column) {
  const std::vector<int64_t>& times = rows.Find(time_column)->int64;
  std::vector<ReferencePoint> points;
  for (const calendar::Bucket& bucket : task.buckets->ToBuckets()) {
    Sequence sequence{.rows = rows, .indexes = {}};
    for (const TimeRange& slice : bucket.slices) {
      for (size_t row = 0; row < rows.rows; ++row) {
        const bool inside = times[row] >= ToMicros(slice.start) && times[row] < ToMicros(slice.end);
        if (inside && Passes(task, rows, row)) sequence.indexes.push_back(row);
      }
    }
    if (sequence.indexes.empty()) continue;
    points.push_back({.bucket_start_micros = ToMicros(bucket.start),
                      .cell = Bucket(task.expression->root(), sequence)});
  }
  return points;
}

}  // namespace metricstore::compute::vector
