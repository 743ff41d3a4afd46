#include "registry_service/catalog/store/metric_fields.h"

#include <algorithm>
#include <string_view>

namespace metricstore::registry {
namespace {

struct Field {
  std::string_view name;
  void (*copy)(const MetricDefinition& from, MetricDefinition& to);
};

template <auto kMember>
void Copy(const MetricDefinition& from, MetricDefinition& to) {
  to.*kMember = from.*kMember;
}

constexpr Field kFields[] = {
    {"display_name", Copy<&MetricDefinition::display_name>},
    {"description", Copy<&MetricDefinition::description>},
    {"type", Copy<&MetricDefinition::type>},
    {"unit", Copy<&MetricDefinition::unit>},
    {"grain", Copy<&MetricDefinition::grain>},
    {"dataset", Copy<&MetricDefinition::dataset>},
    {"expression", Copy<&MetricDefinition::expression>},
    {"sql", Copy<&MetricDefinition::sql>},
    {"sql_variants", Copy<&MetricDefinition::sql_variants>},
    {"time_column", Copy<&MetricDefinition::time_column>},
    {"dimensions", Copy<&MetricDefinition::dimensions>},
    {"filters", Copy<&MetricDefinition::filters>},
    {"window", Copy<&MetricDefinition::window>},
    {"timeframe", Copy<&MetricDefinition::timeframe>},
    {"timeframe_alignment", Copy<&MetricDefinition::timeframe_alignment>},
    {"rollup", Copy<&MetricDefinition::rollup>},
    {"synonyms", Copy<&MetricDefinition::synonyms>},
    {"notes", Copy<&MetricDefinition::notes>},
    {"validation", Copy<&MetricDefinition::validation>},
    {"owner", Copy<&MetricDefinition::owner>},
    {"tags", Copy<&MetricDefinition::tags>},
    {"source", Copy<&MetricDefinition::source>},
    {"tests", Copy<&MetricDefinition::tests>},
};

}  // namespace

std::vector<std::string> SettableFields() {
  std::vector<std::string> names;
  for (const Field& field : kFields) names.emplace_back(field.name);
  return names;
}

void CopyFields(const MetricDefinition& from, const std::vector<std::string>& fields,
                MetricDefinition& to) {
  const auto named = [&](std::string_view name) {
    return std::find(fields.begin(), fields.end(), name) != fields.end();
  };
  const bool all = fields.empty() || named("*");
  for (const Field& field : kFields) {
    if (all || named(field.name)) field.copy(from, to);
  }
  to.tables.clear();
  to.depends_on.clear();
  to.columns.clear();
  to.reads.clear();
  to.canonical = CanonicalForms();
  to.meaning.clear();
  to.meaning_without_sql.clear();
}

}  // namespace metricstore::registry
