#include "registry_service/catalog/validation/metric_binding.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/calendar/buckets.h"
#include "common/calendar/window.h"
#include "common/status/error.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/names.h"
#include "registry_service/catalog/validation/metric_meaning.h"
#include "registry_service/catalog/validation/metric_rules.h"
#include "registry_service/catalog/validation/metric_test_rules.h"
#include "registry_service/catalog/validation/unknown_name.h"
#include "registry_service/datasets/dataset_schema.h"

namespace metricstore::registry {
namespace {

using columns::ColumnType;
using expression::BoundExpression;
using expression::Schema;

// What an expression of other metrics alone is bound to.
const Schema kNoColumns;

// Checks one metric over its ground. Lives for one call.
class Binding {
 public:
  Binding(MetricDefinition& metric, const MetricGround& ground, MetricTexts& texts)
      : metric_(metric), ground_(ground), texts_(texts) {}

  std::vector<FieldFault> Run() && {
    CheckAlignment();
    CheckTime();
    CheckWindow();
    CheckExpressions();
    CheckDimensions();
    CheckSelects();
    FillIn();
    metric_.meaning = complete_ ? MeaningOf(metric_) : "";
    metric_.meaning_without_sql = complete_ ? MeaningWithoutSqlOf(metric_) : "";
    CheckMetricTests();
    return std::move(faults_);
  }

 private:
  bool has_table() const { return !metric_.dataset.empty(); }
  void Add(std::string_view field, std::string message) {
    faults_.push_back({std::string(field), "DEFINITION_INVALID", std::move(message), {}});
  }

  void CheckTime() {
    if (!has_table()) {
      if (!metric_.time_column.empty()) Add("time_column", "time_column needs a table");
      if (metric_.timeframe.has_value()) Add("timeframe", "timeframe needs a table");
      return;
    }
    if (ground_.dataset == nullptr) return;
    const Dataset& dataset = *ground_.dataset;
    if (dataset.time_column.empty() && !metric_.expression.empty()) {
      Add("table",
          absl::StrCat("dataset \"", dataset.name, "\" has no time column, so no buckets"));
    } else if (metric_.time_column == dataset.time_column) {
      metric_.time_column.clear();
    } else if (!metric_.time_column.empty()) {
      Add("time_column", absl::StrCat("time_column must be the dataset's, \"", dataset.time_column,
                                      "\", or be left out"));
    }
    CheckTimeframe(dataset);
  }

  // Of the bars to which rows are resampled. Whether it is a span at all is for CheckMetricShape.
  void CheckTimeframe(const Dataset& dataset) {
    if (!metric_.timeframe.has_value() || *metric_.timeframe <= absl::ZeroDuration()) return;
    if (metric_.timeframe == dataset.timeframe) {
      metric_.timeframe.reset();
      metric_.timeframe_alignment = calendar::BarAlignment::kClock;
      return;
    }
    const absl::Duration bar = *metric_.timeframe;
    if (absl::Hours(24) % bar != absl::ZeroDuration()) {
      Add("timeframe", absl::StrCat("timeframe: ", FormatSpan(bar),
                                    " does not divide a day; 5m, 15m, 30m, 1h, 2h, 4h, 1d do"));
    } else if (dataset.timeframe.has_value() && bar % *dataset.timeframe != absl::ZeroDuration()) {
      Add("timeframe", absl::StrCat("timeframe: ", FormatSpan(bar), " is not a multiple of ",
                                    FormatSpan(*dataset.timeframe), ", the timeframe of dataset \"",
                                    dataset.name, "\""));
    }
  }

  // Bars are counted from the clock unless both they and an open to count from are there.
  void CheckAlignment() {
    if (metric_.timeframe_alignment != calendar::BarAlignment::kSession) return;
    if (!metric_.timeframe.has_value()) {
      Add("timeframe_alignment",
          "timeframe_alignment says from where bars are counted; give their timeframe, or leave it "
          "out");
    } else if (metric_.window.session.empty()) {
      Add("timeframe_alignment",
          "timeframe_alignment: session needs a window of a session to count from, like rth");
    }
  }

  // Bars have the columns that say how they are rolled up, and no other.
  void CheckResampled(const BoundText& bound) {
    if (!metric_.timeframe.has_value() || ground_.dataset == nullptr) return;
    const Dataset& dataset = *ground_.dataset;
    for (const std::string& name : bound.columns) {
      if (name == dataset.time_column || name == dataset.entity_column) continue;
      const DatasetColumn* const column = dataset.Find(name);
      if (column == nullptr) continue;
      const bool numeric =
          column->type == ColumnType::kFloat64 || column->type == ColumnType::kInt64;
      if (numeric && column->rollup != ColumnRollup::kNone) continue;
      const std::string why =
          numeric ? absl::StrCat("has no rollup; give it one in dataset \"", dataset.name,
                                 "\" (first, last, min, max, sum, avg)")
                  : absl::StrCat("is ", std::string(columns::ColumnTypeName(column->type)),
                                 ", and bars hold numbers only");
      Add("timeframe", absl::StrCat("timeframe: bars cannot be made of column \"", name,
                                    "\", which the expression reads: it ", why));
    }
  }

  // Whether the calendar has what the window names.
  void CheckWindow() {
    if (metric_.window.session.size() > kMaxNameBytes) {
      Add("window", absl::StrCat("window: no session has a name as long as \"",
                                 Excerpt(metric_.window.session), "\""));
      return;
    }
    if (ground_.calendar == nullptr) {
      CheckWindowText();
      return;
    }
    const absl::Status window =
        calendar::CheckWindow(metric_.window, *ground_.calendar, metric_.grain);
    if (window.ok()) return;
    // Named by the library: "window.session".
    FieldFault fault = FaultFrom("window", window);
    const auto details = status::DetailsOf(window);
    if (details.has_value() && !details->violations.empty()) {
      fault.field = details->violations.front().field;
      fault.metadata["field"] = fault.field;
      fault.message = std::string(window.message());
    }
    faults_.push_back(std::move(fault));
  }

  // Without a calendar that would tell more: it must be one that a file can hold.
  void CheckWindowText() {
    const auto read = calendar::ParseWindow(calendar::WindowText(metric_.window));
    if (!read.ok()) {
      Add("window", std::string(read.status().message()));
    } else if (*read != metric_.window) {
      Add("window", absl::StrCat("window: does not read back from its text \"",
                                 Excerpt(calendar::WindowText(metric_.window)), "\""));
    }
  }

  void CheckExpressions() {
    const Schema* const schema = has_table() ? ground_.schema : &kNoColumns;
    metric_.canonical.expression.clear();
    metric_.canonical.filters.clear();
    // The form check tells where a table is missing; what follows from that is not told too.
    if (schema == nullptr || (!has_table() && NeedsTable(metric_, texts_))) {
      complete_ = false;
      return;
    }
    if (!metric_.expression.empty()) {
      const BoundText* const bound =
          Take("expression", texts_.Expression(metric_.expression, *schema));
      if (bound != nullptr) {
        metric_.canonical.expression = bound->canonical;
        CheckResampled(*bound);
      }
    }
    for (size_t i = 0; i < metric_.filters.size(); ++i) {
      const BoundText* const bound =
          Take(absl::StrCat("filters[", i, "]"), texts_.Filter(metric_.filters[i], *schema));
      if (bound != nullptr) metric_.canonical.filters.push_back(bound->canonical);
    }
    // All must hold, in whatever order.
    std::sort(metric_.canonical.filters.begin(), metric_.canonical.filters.end());
  }

  // Notes what the text reads; nullptr and a fault if it is refused.
  const BoundText* Take(const std::string& field, const absl::StatusOr<BoundText>& bound) {
    if (!bound.ok()) {
      faults_.push_back(FaultFrom(field, bound.status()));
      complete_ = false;
      return nullptr;
    }
    columns_.insert(bound->columns.begin(), bound->columns.end());
    references_.insert(bound->references.begin(), bound->references.end());
    for (const std::string& column : bound->columns) AddRead(metric_.dataset, column);
    return &*bound;
  }

  void AddRead(const std::string& table, const std::string& column) {
    reads_.insert(absl::StrCat(table, ".", column));
  }

  void CheckDimensions() {
    if (metric_.dimensions.empty()) return;
    if (!has_table()) {
      if (!NeedsTable(metric_, texts_)) {
        Add("dimensions", "dimensions are columns of a table; name the table");
      }
      return;
    }
    if (ground_.dataset == nullptr) return;
    for (size_t i = 0; i < metric_.dimensions.size(); ++i) {
      CheckDimension(absl::StrCat("dimensions[", i, "]"), metric_.dimensions[i]);
    }
  }

  void CheckDimension(const std::string& field, const std::string& name) {
    const Dataset& dataset = *ground_.dataset;
    const DatasetColumn* const column = dataset.Find(name);
    if (column == nullptr) {
      faults_.push_back(UnknownColumn(field, name, dataset));
      return;
    }
    AddRead(dataset.name, name);
    if (name == dataset.time_column) {
      Add(field, absl::StrCat("dimension \"", name, "\" is the time column: buckets split by it"));
    } else if (column->type == ColumnType::kFloat64 || column->type == ColumnType::kTimestamp) {
      Add(field, absl::StrCat("dimension \"", name, "\" is a ",
                              std::string(columns::ColumnTypeName(column->type)),
                              "; a dimension is text, bool, int64 or date"));
    }
  }

  void CheckSelects() {
    metric_.canonical.sql.clear();
    metric_.canonical.sql_variants.clear();
    if (!metric_.sql.empty()) metric_.canonical.sql = CheckSelect("sql", metric_.sql);
    for (const auto& [variant, sql] : metric_.sql_variants) {
      metric_.canonical.sql_variants[variant] = CheckSelect("sql_by_" + variant, sql);
    }
  }

  std::string CheckSelect(const std::string& field, const std::string& sql) {
    const BoundSelect& select = texts_.Select(sql);
    if (!select.statement.ok()) {
      complete_ = false;
      if (!select.unsure) faults_.push_back(FaultFrom(field, select.statement.status()));
      return "";
    }
    tables_.insert(select.statement->tables.begin(), select.statement->tables.end());
    for (const auto& [table, column] : select.statement->columns) AddRead(table, column);
    return select.statement->canonical_text;
  }

  void FillIn() {
    if (has_table()) tables_.insert(metric_.dataset);
    metric_.columns.assign(columns_.begin(), columns_.end());
    metric_.reads.assign(reads_.begin(), reads_.end());
    Declare("tables", tables_, metric_.tables);
    Declare("depends_on", references_, metric_.depends_on);
  }

  // What was declared must be what follows; then, or if nothing was, it is set.
  void Declare(std::string_view field, const std::set<std::string>& derived,
               std::vector<std::string>& declared) {
    const std::set<std::string> given(declared.begin(), declared.end());
    if (complete_ && !declared.empty() && given != derived) {
      const std::string found = derived.empty()
                                    ? "nothing of the kind"
                                    : absl::StrCat("\"", absl::StrJoin(derived, "\", \""), "\"");
      Add(field, absl::StrCat(std::string(field), ": the definition reads ", found,
                              "; the key may be left out"));
    }
    declared.assign(derived.begin(), derived.end());
  }

  void CheckMetricTests() {
    if (metric_.tests.empty()) return;
    if (const std::string why = WhyNotTested(metric_); !why.empty() && complete_) {
      faults_.push_back({"tests",
                         "NOT_SUPPORTED",
                         absl::StrCat("tests: this release cannot run tests of the metric: ", why),
                         {}});
    } else if (ground_.dataset != nullptr) {
      for (FieldFault& fault : CheckTestsOverDataset(metric_, *ground_.dataset, ground_.calendar)) {
        faults_.push_back(std::move(fault));
      }
    }
  }

  MetricDefinition& metric_;
  const MetricGround& ground_;
  MetricTexts& texts_;
  std::vector<FieldFault> faults_;
  std::set<std::string> tables_, columns_, reads_, references_;
  bool complete_ = true;  // every text was read
};

// The canonical form of a stored SELECT over the datasets of its time.
std::string OldSelect(const std::string& sql, const std::map<std::string, Dataset>& datasets) {
  std::map<std::string, Schema, std::less<>> schemas;
  expression::TableCatalog tables;
  tables.find = [&](std::string_view table) -> const Schema* {
    const auto dataset = datasets.find(std::string(table));
    if (dataset == datasets.end()) return nullptr;
    return &schemas.try_emplace(dataset->first, SchemaOf(dataset->second)).first->second;
  };
  const auto statement = expression::ParseSelect(sql, tables);
  return statement.ok() ? statement->canonical_text : "";
}

// The schema that the metric's texts were bound to when it was stored.
Schema OldSchema(const MetricDefinition& metric, const std::map<std::string, Dataset>& datasets) {
  const auto dataset = datasets.find(metric.dataset);
  return dataset == datasets.end() ? Schema() : SchemaOf(dataset->second);
}

}  // namespace

std::vector<FieldFault> BindMetric(MetricDefinition& metric, const MetricGround& ground,
                                   MetricTexts& texts) {
  return Binding(metric, ground, texts).Run();
}

void BindCanonical(MetricDefinition& metric, const MetricGround& ground,
                   const std::map<std::string, Dataset>& stored, MetricTexts& texts) {
  const Schema* const schema = metric.dataset.empty() ? &kNoColumns : ground.schema;
  const auto select = [&](const std::string& sql) {
    const BoundSelect& bound = texts.Select(sql);
    return bound.statement.ok() ? bound.statement->canonical_text : OldSelect(sql, stored);
  };
  metric.canonical = {};
  if (!metric.expression.empty()) {
    if (schema != nullptr && texts.Expression(metric.expression, *schema).ok()) {
      metric.canonical.expression = texts.Expression(metric.expression, *schema)->canonical;
    } else if (const auto old =
                   BoundExpression::ParseMetric(metric.expression, OldSchema(metric, stored));
               old.ok()) {
      metric.canonical.expression = (*old)->canonical_text();
    }
  }
  for (const std::string& filter : metric.filters) {
    if (schema != nullptr && texts.Filter(filter, *schema).ok()) {
      metric.canonical.filters.push_back(texts.Filter(filter, *schema)->canonical);
    } else if (const auto old = BoundExpression::ParseFilter(filter, OldSchema(metric, stored));
               old.ok()) {
      metric.canonical.filters.push_back((*old)->canonical_text());
    }
  }
  std::sort(metric.canonical.filters.begin(), metric.canonical.filters.end());
  if (!metric.sql.empty()) metric.canonical.sql = select(metric.sql);
  for (const auto& [variant, sql] : metric.sql_variants) {
    metric.canonical.sql_variants[variant] = select(sql);
  }
}

}  // namespace metricstore::registry
