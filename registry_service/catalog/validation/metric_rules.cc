#include "registry_service/catalog/validation/metric_rules.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/window.h"
#include "common/expression/syntax.h"
#include "common/status/error.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/names.h"
#include "registry_service/catalog/validation/metric_type_fit.h"

namespace metricstore::registry {
namespace {

using expression::BoundExpression;

FieldFault NotSupported(std::string_view field, std::string_view what) {
  return {std::string(field), "NOT_SUPPORTED",
          absl::StrCat(std::string(field), ": ", std::string(what),
                       " is not computed by this release")};
}

FieldFault Invalid(std::string_view field, std::string message) {
  return {std::string(field), "DEFINITION_INVALID", std::move(message)};
}

// A refusal of the expression or calendar library as a fault of `field`.
FieldFault FaultFrom(std::string_view field, const absl::Status& refusal) {
  FieldFault fault{std::string(field), "DEFINITION_INVALID",
                   absl::StrCat(std::string(field), ": ", refusal.message())};
  if (const auto details = status::DetailsOf(refusal)) {
    fault.reason = details->reason;
    fault.metadata = details->metadata;
    fault.metadata["field"] = std::string(field);
  }
  return fault;
}

// The grammar, which needs no columns, and whether the type fits.
void CheckSyntax(const MetricDefinition& metric, std::vector<FieldFault>& faults) {
  if (!metric.expression.empty()) {
    const auto syntax = expression::ParseSyntax(metric.expression);
    if (!syntax.ok()) {
      faults.push_back(FaultFrom("expression", syntax.status()));
    } else if (const auto misfit = TypeMisfit(metric.type, *syntax); misfit.has_value()) {
      faults.push_back(Invalid("type", *misfit));
    }
  }
  for (size_t i = 0; i < metric.filters.size(); ++i) {
    const auto syntax = expression::ParseSyntax(metric.filters[i]);
    if (syntax.ok()) continue;
    faults.push_back(FaultFrom(absl::StrCat("filters[", i, "]"), syntax.status()));
  }
}

void CheckExpressions(MetricDefinition& metric, const expression::Schema& schema,
                      std::vector<FieldFault>& faults) {
  std::set<std::string> columns;
  const auto bind = [&](const std::string& field, const auto& bound) {
    if (!bound.ok()) {
      faults.push_back(FaultFrom(field, bound.status()));
      return;
    }
    columns.insert((*bound)->columns().begin(), (*bound)->columns().end());
  };
  bind("expression", BoundExpression::ParseMetric(metric.expression, schema));
  for (size_t i = 0; i < metric.filters.size(); ++i) {
    bind(absl::StrCat("filters[", i, "]"), BoundExpression::ParseFilter(metric.filters[i], schema));
  }
  metric.columns.assign(columns.begin(), columns.end());
}

void CheckTime(MetricDefinition& metric, const Dataset& dataset, std::vector<FieldFault>& faults) {
  if (dataset.time_column.empty()) {
    faults.push_back(Invalid(
        "table", absl::StrCat("dataset \"", dataset.name, "\" has no time column, so no buckets")));
  } else if (metric.time_column == dataset.time_column) {
    metric.time_column.clear();
  } else if (!metric.time_column.empty()) {
    faults.push_back(
        Invalid("time_column", absl::StrCat("time_column must be the dataset's, \"",
                                            dataset.time_column, "\", or be left out")));
  }
  if (metric.timeframe == dataset.timeframe) {
    metric.timeframe.reset();
  } else if (metric.timeframe.has_value()) {
    faults.push_back(NotSupported("timeframe", "a timeframe other than the dataset's"));
  }
}

void CheckTables(MetricDefinition& metric, std::vector<FieldFault>& faults) {
  const std::vector<std::string> derived = {metric.dataset};
  if (!metric.tables.empty() && metric.tables != derived) {
    faults.push_back(Invalid("tables", absl::StrCat("the expression reads \"", metric.dataset,
                                                    "\" alone; tables may be left out")));
  }
  metric.tables = derived;
}

// The canonical texts of an expression and its filters; filters in one order, since all must hold.
// Empty if one does not parse over `schema`.
std::vector<std::string> CanonicalTexts(const MetricDefinition& metric,
                                        const expression::Schema& schema) {
  std::vector<std::string> texts;
  for (const std::string& filter : metric.filters) {
    const auto bound = BoundExpression::ParseFilter(filter, schema);
    if (!bound.ok()) return {};
    texts.push_back((*bound)->canonical_text());
  }
  std::sort(texts.begin(), texts.end());
  const auto bound = BoundExpression::ParseMetric(metric.expression, schema);
  if (!bound.ok()) return {};
  texts.push_back((*bound)->canonical_text());
  return texts;
}

}  // namespace

std::vector<FieldFault> CheckMetricForm(const MetricDefinition& metric) {
  std::vector<FieldFault> faults;
  if (!IsMetricName(metric.name)) {
    faults.push_back(Invalid("name", absl::StrCat("name \"", Excerpt(metric.name),
                                                  "\" must be [a-z0-9][a-z0-9_]*, at most 63")));
  }
  if (!IsCategoryName(metric.category)) {
    faults.push_back(Invalid("category", absl::StrCat("category \"", Excerpt(metric.category),
                                                      "\" must be [a-z][a-z0-9_]*, at most 63")));
  }
  const MetricType type = metric.type;
  if (type == MetricType::kSql || type == MetricType::kCounter || type == MetricType::kCumulative) {
    faults.push_back(
        NotSupported("type", absl::StrCat("type ", std::string(MetricTypeName(type)))));
  }
  if (!metric.sql.empty()) faults.push_back(NotSupported("sql", "a whole SELECT"));
  for (const auto& [variant, sql] : metric.sql_variants) {
    faults.push_back(NotSupported(absl::StrCat("sql_by_", variant), "a whole SELECT"));
  }
  if (!metric.dimensions.empty()) {
    faults.push_back(NotSupported("dimensions", "splitting a metric into series by columns"));
  }
  if (!metric.depends_on.empty()) {
    faults.push_back(NotSupported("depends_on", "a metric that reads other metrics"));
  }
  CheckSyntax(metric, faults);
  return faults;
}

expression::Schema SchemaOf(const Dataset& dataset) {
  expression::Schema schema;
  for (const DatasetColumn& column : dataset.columns) {
    schema.push_back({column.name, column.type, column.nullable});
  }
  return schema;
}

std::vector<FieldFault> BindToDataset(MetricDefinition& metric, const Dataset& dataset) {
  std::vector<FieldFault> faults;
  CheckTables(metric, faults);
  CheckTime(metric, dataset, faults);
  CheckExpressions(metric, SchemaOf(dataset), faults);
  return faults;
}

std::vector<FieldFault> CheckMetricWindow(const MetricDefinition& metric,
                                          const calendar::Calendar& calendar) {
  std::vector<FieldFault> faults;
  if (metric.window.session.size() > kMaxNameBytes) {
    faults.push_back(Invalid("window", absl::StrCat("window: no session has a name as long as \"",
                                                    Excerpt(metric.window.session), "\"")));
    return faults;
  }
  if (const absl::Status window = calendar::CheckWindow(metric.window, calendar); !window.ok()) {
    faults.push_back(FaultFrom("window", window));
  }
  return faults;
}

std::vector<FieldFault> BindMetric(MetricDefinition& metric, const Dataset& dataset,
                                   const calendar::Calendar& calendar) {
  std::vector<FieldFault> faults = BindToDataset(metric, dataset);
  for (FieldFault& fault : CheckMetricWindow(metric, calendar)) faults.push_back(std::move(fault));
  return faults;
}

bool SameMeaning(const MetricDefinition& a, const MetricDefinition& b, const Dataset& dataset) {
  if (a.dataset != b.dataset || a.grain != b.grain || a.window != b.window ||
      a.time_column != b.time_column || a.timeframe != b.timeframe ||
      a.dimensions != b.dimensions || a.sql != b.sql || a.sql_variants != b.sql_variants) {
    return false;
  }
  if (a.expression == b.expression && a.filters == b.filters) return true;
  const expression::Schema schema = SchemaOf(dataset);
  const auto texts = CanonicalTexts(a, schema);
  return !texts.empty() && texts == CanonicalTexts(b, schema);
}

}  // namespace metricstore::registry
