// Reads definitions out of YAML in tests.
#pragma once

#include <string>

#include "gtest/gtest.h"
#include "registry_service/calendars/calendar_json.h"
#include "registry_service/catalog/definition/metric_json.h"
#include "registry_service/catalog/yaml/definition_export.h"
#include "registry_service/catalog/yaml/definition_files.h"
#include "tests/testing/matchers.h"

namespace metricstore::registry {

// What a file defines; a failure if it has faults.
inline Definitions ReadFile(const DefinitionFile& file) {
  Faults faults;
  Definitions definitions = ReadDefinitions({&file, 1}, faults);
  EXPECT_OK(faults.ToStatus()) << file.path << ":\n" << file.content;
  return definitions;
}

// The refusal of a file, or OK.
inline absl::Status ReadingStatus(const std::string& path, const std::string& yaml) {
  Faults faults;
  const DefinitionFile file{path, yaml};
  ReadDefinitions({&file, 1}, faults);
  return faults.ToStatus();
}

// One text for equal definitions.
inline std::string TextOf(const MetricDefinition& metric) { return MetricToJson(metric); }
inline std::string TextOf(const calendar::CalendarSpec& spec) { return CalendarToJson(spec); }

inline bool Same(const MetricDefinition& a, const MetricDefinition& b) {
  return TextOf(a) == TextOf(b);
}
inline bool Same(const calendar::CalendarSpec& a, const calendar::CalendarSpec& b) {
  return TextOf(a) == TextOf(b);
}
inline bool Same(const Dataset& a, const Dataset& b) { return SameDefinition(a, b); }
inline bool Same(const ColumnNotes& a, const ColumnNotes& b) {
  return a.table == b.table && a.columns == b.columns;
}

inline DefinitionFile Export(const MetricDefinition& metric) { return ExportMetric(metric); }
inline DefinitionFile Export(const calendar::CalendarSpec& spec) { return ExportCalendar(spec); }
inline DefinitionFile Export(const Dataset& dataset) { return ExportDataset(dataset); }
inline DefinitionFile Export(const ColumnNotes& notes) { return ExportColumnNotes(notes); }

// The list of a kind.
inline const auto& ListOf(const Definitions& all, const MetricDefinition&) { return all.metrics; }
inline const auto& ListOf(const Definitions& all, const Dataset&) { return all.datasets; }
inline const auto& ListOf(const Definitions& all, const ColumnNotes&) { return all.columns; }
inline const auto& ListOf(const Definitions& all, const calendar::CalendarSpec&) {
  return all.calendars;
}

// That reading what is written gives the same definition, and writing that the same bytes.
template <typename Definition>
void ExpectRoundTrip(const Definition& definition) {
  const DefinitionFile file = Export(definition);
  const Definitions read = ReadFile(file);
  const auto& list = ListOf(read, definition);
  ASSERT_EQ(list.size(), 1u) << file.content;
  EXPECT_TRUE(Same(list.front().definition, definition)) << file.content;
  const DefinitionFile again = Export(list.front().definition);
  EXPECT_EQ(again.content, file.content);
  EXPECT_EQ(again.path, file.path);
}

}  // namespace metricstore::registry
