#include "registry_service/catalog/definition/metric_shape.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/metric_test_shape.h"
#include "registry_service/catalog/definition/names.h"
#include "registry_service/catalog/definition/text_form.h"

namespace metricstore::registry {
namespace {

using calendar::Window;
using calendar::WindowKind;
using calendar::WindowReach;

constexpr size_t kMaxSqlVariants = 32;
constexpr std::array<std::string_view, 7> kRollups = {"",    "first", "last", "min",
                                                      "max", "sum",   "avg"};

// Calls `visit(field, text)` for each text that is one field.
template <typename Metric, typename Visit>
void VisitTexts(Metric& metric, Visit visit) {
  visit("name", metric.name);
  visit("category", metric.category);
  visit("display_name", metric.display_name);
  visit("description", metric.description);
  visit("unit", metric.unit);
  visit("table", metric.dataset);
  visit("expression", metric.expression);
  visit("sql", metric.sql);
  visit("time_column", metric.time_column);
  visit("rollup", metric.rollup);
  visit("notes", metric.notes);
  visit("validation", metric.validation);
  visit("owner", metric.owner);
  visit("source", metric.source);
}

template <typename Metric, typename Visit>
void VisitLists(Metric& metric, Visit visit) {
  visit("dimensions", metric.dimensions);
  visit("filters", metric.filters);
  visit("synonyms", metric.synonyms);
  visit("tags", metric.tags);
}

// What the reach does not read is not part of it.
void CopyReach(const Window& window, Window& normal) {
  normal.reach = window.reach;
  switch (window.reach) {
    case WindowReach::kBucket:
      break;
    case WindowReach::kRolling:
      normal.count = window.count;
      normal.unit = window.unit;
      break;
    case WindowReach::kToDate:
      normal.period = window.period;
      break;
    case WindowReach::kPrevious:
      normal.count = window.count;
      break;
  }
}

// What the window's kind does not read is not part of it.
Window NormalWindow(const Window& window) {
  Window normal;
  normal.kind = window.kind;
  if (window.kind != WindowKind::kFullDay) normal.session = NormalText(window.session);
  if (window.kind == WindowKind::kFirst || window.kind == WindowKind::kLast) {
    normal.length = window.length;
  }
  if (window.kind == WindowKind::kRange) {
    normal.from_second = window.from_second;
    normal.to_second = window.to_second;
  }
  CopyReach(window, normal);
  return normal;
}

class ShapeCheck {
 public:
  explicit ShapeCheck(const MetricDefinition& metric) : metric_(metric) {}

  std::vector<FieldFault> Run() && {
    CheckRequired();
    VisitTexts(metric_, [&](std::string_view field, const std::string& text) {
      CheckText(std::string(field), text);
    });
    VisitLists(metric_, [&](std::string_view field, const std::vector<std::string>& texts) {
      CheckList(std::string(field), texts);
    });
    CheckSqlVariants();
    CheckRollup();
    CheckSpans();
    CheckMetricTests(metric_.tests, faults_);
    return std::move(faults_);
  }

 private:
  void Add(std::string field, std::string message) {
    faults_.push_back({std::move(field), "DEFINITION_INVALID", std::move(message), {}});
  }

  void CheckRequired() {
    if (metric_.description.empty()) Add("description", "description is required");
    if (metric_.type == MetricType::kSql && metric_.sql.empty()) {
      Add("sql", "sql is required for type sql");
    } else if (metric_.expression.empty() && metric_.sql.empty()) {
      Add("expression", "expression is required");
    }
  }

  void CheckText(const std::string& field, const std::string& text) {
    if (auto message = TextFault(field, text)) Add(field, *std::move(message));
  }

  void CheckList(const std::string& field, const std::vector<std::string>& texts) {
    if (texts.size() > kMaxListItems) {
      Add(field, absl::StrCat(field, " has more than ", kMaxListItems, " items"));
    }
    for (size_t i = 0; i < texts.size(); ++i) {
      const std::string item = absl::StrCat(field, "[", i, "]");
      CheckText(item, texts[i]);
      if (texts[i].empty()) Add(item, absl::StrCat(field, " has an empty item"));
    }
  }

  void CheckSqlVariants() {
    if (metric_.sql_variants.size() > kMaxSqlVariants) {
      Add("sql_by_" + metric_.sql_variants.rbegin()->first,
          absl::StrCat("a metric has at most ", kMaxSqlVariants, " keys sql_by_*"));
    }
    for (const auto& [variant, sql] : metric_.sql_variants) {
      const std::string field = "sql_by_" + variant;
      if (!IsCategoryName(variant)) {
        Add(field, absl::StrCat("\"", Excerpt(field),
                                "\": behind sql_by_ stands [a-z][a-z0-9_]*, at most 63"));
      }
      CheckText(field, sql);
      if (sql.empty()) Add(field, absl::StrCat(Excerpt(field), " has no SELECT"));
    }
  }

  void CheckRollup() {
    if (std::find(kRollups.begin(), kRollups.end(), metric_.rollup) == kRollups.end()) {
      Add("rollup", absl::StrCat("rollup must be one of first, last, min, max, sum, avg, not \"",
                                 Excerpt(metric_.rollup), "\""));
    }
  }

  // Files hold whole seconds.
  void CheckSpans() {
    const auto whole = [](absl::Duration span) {
      return span == absl::Floor(span, absl::Seconds(1));
    };
    if (!whole(metric_.window.length)) Add("window.length", "window.length must be whole seconds");
    if (metric_.timeframe.has_value() &&
        (!whole(*metric_.timeframe) || *metric_.timeframe <= absl::ZeroDuration())) {
      Add("timeframe", "timeframe must be whole seconds, at least one");
    }
  }

  const MetricDefinition& metric_;
  std::vector<FieldFault> faults_;
};

}  // namespace

void NormalizeMetric(MetricDefinition& metric) {
  VisitTexts(metric, [](std::string_view, std::string& text) { text = NormalText(text); });
  VisitLists(metric, [](std::string_view, std::vector<std::string>& texts) {
    for (std::string& text : texts) text = NormalText(text);
  });
  for (auto& [variant, sql] : metric.sql_variants) sql = NormalText(sql);
  if (metric.display_name.empty()) metric.display_name = DefaultDisplayName(metric.name);
  metric.window = NormalWindow(metric.window);
  for (MetricTest& test : metric.tests) NormalizeMetricTest(test);
}

std::vector<FieldFault> CheckMetricShape(const MetricDefinition& metric) {
  return ShapeCheck(metric).Run();
}

}  // namespace metricstore::registry
