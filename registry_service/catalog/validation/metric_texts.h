// The expressions, filters and SELECTs of an import, each parsed once however often it is met.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "common/expression/binder.h"
#include "common/expression/expression.h"
#include "common/expression/select_statement.h"
#include "common/expression/syntax.h"
#include "registry_service/catalog/validation/import_ground.h"

namespace metricstore::registry {

// What an expression or filter says once it is bound to columns.
struct BoundText {
  std::string canonical;
  std::vector<std::string> columns;     // sorted, distinct
  std::vector<std::string> references;  // ids of metrics, sorted, distinct
};

// What a SELECT says over the datasets of an import.
struct BoundSelect {
  absl::StatusOr<expression::SelectStatement> statement;
  // It names a dataset that has faults, or that a file which cannot be read may define: a refusal
  // may only follow from that.
  bool unsure = false;
};

// Not thread-safe. The ground must outlive it; what it returns lives as long as itself.
class MetricTexts {
 public:
  explicit MetricTexts(const ImportGround& ground) : ground_(ground) {}

  // Errors of expression::ParseSyntax.
  const absl::StatusOr<expression::SyntaxNode>& Syntax(const std::string& text);
  // Errors of expression::BoundExpression::ParseMetric. Schemas are told apart by address.
  const absl::StatusOr<BoundText>& Expression(const std::string& text,
                                              const expression::Schema& schema) {
    return Bound(text, expression::Purpose::kMetric, schema);
  }
  // Errors of expression::BoundExpression::ParseFilter.
  const absl::StatusOr<BoundText>& Filter(const std::string& text,
                                          const expression::Schema& schema) {
    return Bound(text, expression::Purpose::kFilter, schema);
  }
  // Errors of expression::ParseSelect.
  const BoundSelect& Select(const std::string& text);

 private:
  using BoundKey = std::tuple<const expression::Schema*, expression::Purpose, std::string>;

  const absl::StatusOr<BoundText>& Bound(const std::string& text, expression::Purpose purpose,
                                         const expression::Schema& schema);

  const ImportGround& ground_;
  std::map<std::string, absl::StatusOr<expression::SyntaxNode>> syntax_;
  std::map<BoundKey, absl::StatusOr<BoundText>> bound_;
  std::map<std::string, BoundSelect> selects_;
};

}  // namespace metricstore::registry
