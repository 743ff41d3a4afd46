#include "registry_service/catalog/validation/metric_rules.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/expression/catalog/function_catalog.h"
#include "common/status/error.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/names.h"
#include "registry_service/catalog/validation/metric_type_fit.h"

namespace metricstore::registry {
namespace {

using expression::SyntaxKind;
using expression::SyntaxNode;

constexpr size_t kMaxDimensions = 8;

bool IsAggregate(const SyntaxNode& syntax) {
  const expression::FunctionSpec* spec = nullptr;
  if (syntax.kind == SyntaxKind::kOperator) spec = expression::FindOperator(syntax.text);
  if (syntax.kind == SyntaxKind::kFunction) spec = expression::FindFunction(syntax.text);
  return spec != nullptr && spec->kind == expression::FunctionKind::kAggregate;
}

bool IsMetricCall(const SyntaxNode& syntax) {
  return syntax.kind == SyntaxKind::kFunction &&
         syntax.text == expression::CanonicalName(expression::Function::kMetric);
}

// Whether its value depends on rows of a dataset. A column in the place of a metric's id is not
// read: the binder refuses it.
bool ReadsRows(const SyntaxNode& syntax) {
  if (IsMetricCall(syntax)) return false;
  if (syntax.kind == SyntaxKind::kColumn || IsAggregate(syntax)) return true;
  return std::any_of(syntax.arguments.begin(), syntax.arguments.end(), ReadsRows);
}

bool ReadsMetrics(const SyntaxNode& syntax) {
  if (IsMetricCall(syntax)) return true;
  return std::any_of(syntax.arguments.begin(), syntax.arguments.end(), ReadsMetrics);
}

// An aggregate over other metrics, which have no rows; nullptr if there is none.
const SyntaxNode* AggregateOfMetrics(const SyntaxNode& syntax) {
  if (IsAggregate(syntax)) return ReadsMetrics(syntax) ? &syntax : nullptr;
  for (const SyntaxNode& argument : syntax.arguments) {
    if (const SyntaxNode* const found = AggregateOfMetrics(argument)) return found;
  }
  return nullptr;
}

class FormCheck {
 public:
  FormCheck(const MetricDefinition& metric, MetricTexts& texts) : metric_(metric), texts_(texts) {}

  std::vector<FieldFault> Run() && {
    CheckNames();
    CheckSyntax();
    CheckDimensions();
    CheckTestRows();
    return std::move(faults_);
  }

 private:
  void Add(std::string_view field, std::string message) {
    faults_.push_back({std::string(field), "DEFINITION_INVALID", std::move(message), {}});
  }

  void CheckNames() {
    if (!IsMetricName(metric_.name)) {
      Add("name", absl::StrCat("name \"", Excerpt(metric_.name),
                               "\" must be [a-z0-9][a-z0-9_]*, at most 63"));
    }
    if (!IsCategoryName(metric_.category)) {
      Add("category", absl::StrCat("category \"", Excerpt(metric_.category),
                                   "\" must be [a-z][a-z0-9_]*, at most 63"));
    }
  }

  // The grammar, which needs no columns, whether the type fits, and whether a table is needed.
  void CheckSyntax() {
    if (!metric_.expression.empty()) {
      const auto& syntax = texts_.Syntax(metric_.expression);
      if (!syntax.ok()) {
        faults_.push_back(FaultFrom("expression", syntax.status()));
      } else {
        if (const auto misfit = TypeMisfit(metric_.type, *syntax)) Add("type", *misfit);
        if (metric_.dataset.empty()) CheckNeedOfTable(*syntax);
      }
    }
    for (size_t i = 0; i < metric_.filters.size(); ++i) {
      const auto& syntax = texts_.Syntax(metric_.filters[i]);
      if (syntax.ok()) continue;
      faults_.push_back(FaultFrom(absl::StrCat("filters[", i, "]"), syntax.status()));
    }
  }

  // A table would not help an aggregate of metrics; with one, the binder says so.
  void CheckNeedOfTable(const SyntaxNode& syntax) {
    if (const SyntaxNode* const aggregate = AggregateOfMetrics(syntax)) {
      const std::string message = absl::StrCat(
          aggregate->text,
          " reads rows, not metrics: metric('category/name') is one value of a bucket; "
          "write it outside of aggregates, or give the metric that it reads a window "
          "to date or rolling");
      faults_.push_back(FaultFrom(
          "expression", expression::ErrorAt(metric_.expression, aggregate->offset, message)));
    } else if (!ReadsMetricsAlone(syntax)) {
      Add("table", "table is required: the dataset that the expression reads");
    }
  }

  void CheckDimensions() {
    if (metric_.dimensions.size() > kMaxDimensions) {
      Add("dimensions", absl::StrCat("dimensions: at most ", kMaxDimensions));
    }
    std::set<std::string> names;
    for (size_t i = 0; i < metric_.dimensions.size(); ++i) {
      if (names.insert(metric_.dimensions[i]).second) continue;
      Add(absl::StrCat("dimensions[", i, "]"),
          absl::StrCat("dimensions name \"", Excerpt(metric_.dimensions[i]), "\" twice"));
    }
  }

  // No rows make no points, whatever the metric says.
  void CheckTestRows() {
    for (size_t i = 0; i < metric_.tests.size(); ++i) {
      if (!metric_.tests[i].rows.empty()) continue;
      const std::string field = absl::StrCat("tests[", i, "]");
      Add(field,
          absl::StrCat(field, " has no rows: ",
                       metric_.tests[i].expect.empty() ? "it would pass whatever the metric says"
                                                       : "the expected points cannot come out"));
    }
  }

  const MetricDefinition& metric_;
  MetricTexts& texts_;
  std::vector<FieldFault> faults_;
};

}  // namespace

FieldFault FaultFrom(std::string_view field, const absl::Status& refusal) {
  FieldFault fault{std::string(field),
                   "DEFINITION_INVALID",
                   absl::StrCat(std::string(field), ": ", refusal.message()),
                   {}};
  if (const auto details = status::DetailsOf(refusal)) {
    fault.reason = details->reason;
    fault.metadata = details->metadata;
    fault.metadata["field"] = std::string(field);
  }
  return fault;
}

bool ReadsMetricsAlone(const SyntaxNode& syntax) {
  return ReadsMetrics(syntax) && !ReadsRows(syntax);
}

bool NeedsTable(const MetricDefinition& metric, MetricTexts& texts) {
  if (metric.expression.empty()) return false;
  const auto& syntax = texts.Syntax(metric.expression);
  return !syntax.ok() || !ReadsMetricsAlone(*syntax);
}

std::vector<FieldFault> CheckMetricForm(const MetricDefinition& metric, MetricTexts& texts) {
  return FormCheck(metric, texts).Run();
}

}  // namespace metricstore::registry
