// Metric expressions: PostgreSQL grammar, bound to a dataset's columns and type-checked.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/columns/column_batch.h"

namespace metricstore::expression {

// A column that an expression may name.
struct SchemaColumn {
  std::string name;
  columns::ColumnType type = columns::ColumnType::kFloat64;
  bool nullable = false;
};

using Schema = std::vector<SchemaColumn>;

struct Node;  // see node.h

// What the points of a metric are.
enum class OutputType { kNumber, kInteger, kBoolean, kText, kVector };

// A metric that an expression reads: metric('category/name'), or at an earlier bucket
// metric('category/name', offset => '1 month') or metric('category/name', '1 month'). Canonical
// texts quote the name, because OFFSET is a reserved word of PostgreSQL's grammar.
struct MetricReference {
  std::string id;
  std::string offset;  // canonical: "1 month", "7 days"; "" for none
  friend auto operator<=>(const MetricReference&, const MetricReference&) = default;
};

// A checked expression. Immutable, thread-safe.
class BoundExpression {
 public:
  // Parses `text` as the value of one bucket: aggregates of row expressions, and functions of
  // those. INVALID_ARGUMENT (EXPRESSION_INVALID, metadata position (1-based character) and
  // suggestion) for anything that does not parse, an unknown column or function, wrong types or
  // argument counts, a literal out of its range, a date or instant as the result, a vector as a
  // part of it, a column outside an aggregate, an aggregate inside one, a sub-select, a parameter,
  // metric(...) inside an aggregate, with anything but literals, with an id or an offset not of the
  // form. Text is at most 16 KiB, depth at most 64, nodes at most 2,000.
  static absl::StatusOr<std::shared_ptr<const BoundExpression>> ParseMetric(std::string_view text,
                                                                            const Schema& schema);
  // Parses `text` as a condition on one row. Errors as ParseMetric.
  static absl::StatusOr<std::shared_ptr<const BoundExpression>> ParseFilter(std::string_view text,
                                                                            const Schema& schema);

  // Of a bound tree, or of a part of one (see CloneNode): what Parse would make of its text.
  static std::shared_ptr<const BoundExpression> FromNode(std::unique_ptr<const Node> root);

  const Node& root() const { return *root_; }
  // Of a metric: what its points are. kBoolean for a filter.
  OutputType output() const { return output_; }
  // Columns read, sorted, distinct.
  const std::vector<std::string>& columns() const { return columns_; }
  // Metrics read, sorted, distinct. An expression of other metrics alone may be bound to an empty
  // schema.
  const std::vector<MetricReference>& metric_references() const { return metric_references_; }
  // One text for all spellings of the same tree; equal text means equal meaning.
  const std::string& canonical_text() const { return canonical_text_; }

 private:
  explicit BoundExpression(std::shared_ptr<const Node> root);
  std::shared_ptr<const Node> root_;
  OutputType output_ = OutputType::kNumber;
  std::vector<std::string> columns_;
  std::vector<MetricReference> metric_references_;
  std::string canonical_text_;
};

}  // namespace metricstore::expression
