#include "registry_service/catalog/diff/metric_diff.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/diff/field_values.h"

namespace metricstore::registry {
namespace {

using Effect = ChangeList::Effect;

const Effect kMeaning{.changes_meaning = true};

std::string RowsValue(const std::vector<MetricTest::Row>& rows) {
  std::string value = "[";
  for (const MetricTest::Row& row : rows) {
    absl::StrAppend(&value, value.size() > 1 ? ", {" : "{");
    bool first = true;
    for (const auto& [column, text] : row) {
      absl::StrAppend(&value, first ? "" : ", ", column, ": ", FlowText(text));
      first = false;
    }
    value += "}";
  }
  return value + "]";
}

std::string ExpectValue(const std::vector<MetricTest::ExpectedPoint>& points) {
  std::string value = "[";
  for (const MetricTest::ExpectedPoint& point : points) {
    absl::StrAppend(&value, value.size() > 1 ? ", " : "", "{bucket: ", point.bucket);
    if (!point.entity.empty()) absl::StrAppend(&value, ", entity: ", FlowText(point.entity));
    absl::StrAppend(&value,
                    ", value: ", point.value.has_value() ? NumberValue(*point.value) : "null", "}");
  }
  return value + "]";
}

std::string ToleranceValue(double tolerance) {
  return tolerance == 0 ? "" : NumberValue(tolerance);
}

std::string TestValue(const MetricTest& test) {
  return absl::StrCat("{rows: ", RowsValue(test.rows), ", expect: ", ExpectValue(test.expect), "}");
}

class MetricDiff {
 public:
  MetricDiff(const MetricDefinition& before, const MetricDefinition& after)
      : before_(before), after_(after) {}

  std::vector<FieldChange> Run() && {
    Word("name", &MetricDefinition::name);
    Word("category", &MetricDefinition::category);
    Word("display_name", &MetricDefinition::display_name);
    Word("description", &MetricDefinition::description);
    changes_.Add("type", std::string(MetricTypeName(before_.type)),
                 std::string(MetricTypeName(after_.type)),
                 {true, true, "it is another kind of number to its readers"});
    changes_.Add("unit", before_.unit, after_.unit, {true, true, "values are in another unit"});
    changes_.Add("grain", std::string(GrainName(before_.grain)),
                 std::string(GrainName(after_.grain)), {true, true, "buckets are of another size"});
    changes_.Add("table", before_.dataset, after_.dataset, kMeaning);
    DiffTexts();
    changes_.Add("time_column", before_.time_column, after_.time_column, kMeaning);
    changes_.AddList("dimensions", before_.dimensions, after_.dimensions,
                     {true, true, "series are split in another way"});
    DiffFilters();
    changes_.Add("window", WindowOrDefault(before_), WindowOrDefault(after_), kMeaning);
    changes_.Add("timeframe", TimeframeOf(before_), TimeframeOf(after_), kMeaning);
    changes_.Add("timeframe_alignment", AlignmentOf(before_), AlignmentOf(after_), kMeaning);
    DiffRollup();
    List("synonyms", &MetricDefinition::synonyms);
    Word("notes", &MetricDefinition::notes);
    Word("validation", &MetricDefinition::validation);
    Word("owner", &MetricDefinition::owner);
    Word("source", &MetricDefinition::source);
    List("tags", &MetricDefinition::tags);
    DiffTests();
    return changes_.Take();
  }

 private:
  void Word(const char* field, std::string MetricDefinition::*member) {
    changes_.Add(field, before_.*member, after_.*member);
  }

  void List(const char* field, std::vector<std::string> MetricDefinition::*member) {
    changes_.AddList(field, before_.*member, after_.*member, Effect{});
  }

  // Whole definitions of one meaning differ in nothing that has one.
  bool SameMeaning() const { return !before_.meaning.empty() && before_.meaning == after_.meaning; }

  Effect EffectOf(bool same_form, std::string_view what) const {
    if (!same_form && !SameMeaning()) return kMeaning;
    return {.reason = absl::StrCat("spelled differently, the same ", std::string(what))};
  }

  void DiffTexts() {
    const CanonicalForms& before = before_.canonical;
    const CanonicalForms& after = after_.canonical;
    const auto same = [](const std::string& a, const std::string& b) {
      return !a.empty() && a == b;
    };
    changes_.Add("expression", before_.expression, after_.expression,
                 EffectOf(same(before.expression, after.expression), "expression"));
    changes_.Add("sql", before_.sql, after_.sql, EffectOf(same(before.sql, after.sql), "SELECT"));
    std::set<std::string> variants;
    for (const auto& [variant, sql] : before_.sql_variants) variants.insert(variant);
    for (const auto& [variant, sql] : after_.sql_variants) variants.insert(variant);
    const auto of = [](const std::map<std::string, std::string>& texts, const std::string& key) {
      const auto found = texts.find(key);
      return found == texts.end() ? std::string() : found->second;
    };
    for (const std::string& variant : variants) {
      changes_.Add("sql_by_" + variant, of(before_.sql_variants, variant),
                   of(after_.sql_variants, variant),
                   EffectOf(same(of(before.sql_variants, variant), of(after.sql_variants, variant)),
                            "SELECT"));
    }
  }

  void DiffFilters() {
    const CanonicalForms& before = before_.canonical;
    const CanonicalForms& after = after_.canonical;
    const bool same = before.filters.size() == before_.filters.size() &&
                      after.filters.size() == after_.filters.size() &&
                      before.filters == after.filters;
    changes_.AddList("filters", before_.filters, after_.filters, EffectOf(same, "conditions"));
  }

  static std::string WindowOrDefault(const MetricDefinition& metric) {
    return WindowValue(metric.window);
  }

  static std::string TimeframeOf(const MetricDefinition& metric) {
    return metric.timeframe.has_value() ? FormatSpan(*metric.timeframe) : "";
  }
  static std::string AlignmentOf(const MetricDefinition& metric) {
    return metric.timeframe_alignment == calendar::BarAlignment::kSession ? "session" : "";
  }

  void DiffRollup() {
    Effect effect = kMeaning;
    if (after_.rollup.empty()) effect = {true, true, "points no longer fold into coarser grains"};
    changes_.Add("rollup", before_.rollup, after_.rollup, effect);
  }

  // By name, since what comes before them moves their places.
  void DiffTests() {
    std::map<std::string, const MetricTest*> before;
    for (const MetricTest& test : before_.tests) before[test.name] = &test;
    std::vector<std::string> names;
    for (const MetricTest& test : after_.tests) {
      names.push_back(test.name);
      const auto found = before.find(test.name);
      if (found != before.end()) {
        DiffTest(*found->second, test);
        before.erase(found);
      } else {
        changes_.Add(TestField(test), "", TestValue(test));
      }
    }
    for (const auto& [name, test] : before) changes_.Add(TestField(*test), TestValue(*test), "");
    if (before.empty() && names.size() == before_.tests.size()) {
      std::vector<std::string> names_before;
      for (const MetricTest& test : before_.tests) names_before.push_back(test.name);
      changes_.AddList("tests", names_before, names, {.reason = "the same tests in another order"});
    }
  }

  static std::string TestField(const MetricTest& test) {
    return absl::StrCat("tests[", test.name, "]");
  }

  void DiffTest(const MetricTest& before, const MetricTest& after) {
    const std::string field = TestField(after);
    changes_.Add(field + ".rows", RowsValue(before.rows), RowsValue(after.rows));
    changes_.Add(field + ".expect", ExpectValue(before.expect), ExpectValue(after.expect));
    changes_.Add(field + ".tolerance", ToleranceValue(before.tolerance),
                 ToleranceValue(after.tolerance));
  }

  const MetricDefinition& before_;
  const MetricDefinition& after_;
  ChangeList changes_;
};

}  // namespace

std::vector<FieldChange> DiffMetrics(const MetricDefinition& before,
                                     const MetricDefinition& after) {
  return MetricDiff(before, after).Run();
}

bool ChangesMeaning(const std::vector<FieldChange>& changes) {
  return std::any_of(changes.begin(), changes.end(),
                     [](const FieldChange& change) { return change.changes_meaning; });
}

bool IsBreaking(const std::vector<FieldChange>& changes) {
  return std::any_of(changes.begin(), changes.end(),
                     [](const FieldChange& change) { return change.breaking; });
}

}  // namespace metricstore::registry
