// PostgreSQL's text format of values: how parameters are written and results are read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace metricstore::pg {

// Shortest text that reads back as the same double; "NaN", "Infinity", "-Infinity".
std::string FormatDouble(double value);
std::optional<double> ParseDouble(std::string_view text);

// timestamptz in UTC with microseconds (floor); infinite times as "infinity", "-infinity".
std::string FormatTimestamp(absl::Time time);
std::optional<absl::Time> ParseTimestamp(std::string_view text);

// date. PostgreSQL's infinite dates are not dates here: nullopt.
std::string FormatDate(absl::CivilDay day);
std::optional<absl::CivilDay> ParseDate(std::string_view text);

// bytea in hex form: \x00ff.
std::string FormatBytes(std::string_view bytes);
std::optional<std::string> ParseBytes(std::string_view text);

// Appends `element` to the array text under construction, quoted.
void AppendArrayElement(std::string& array, std::string_view element);
// The elements of a one-dimensional array; NULL elements are nullopt. nullopt if it is malformed.
std::optional<std::vector<std::optional<std::string>>> ParseArray(std::string_view text);

}  // namespace metricstore::pg
