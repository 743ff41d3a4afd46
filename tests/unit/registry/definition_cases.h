// Definition files that are accepted or refused, for tables of cases.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "registry_service/catalog/validation/definition_check.h"
#include "registry_service/catalog/yaml/definition_files.h"

namespace metricstore::registry {

// What is stored before each case: calendar XNYS, dataset fact_bars over it, metadata_symbols
// without time.
StoredDefinitions Ground();

// OK, or the refusal of the files as an import would report it.
absl::Status Check(const std::vector<DefinitionFile>& files, Definitions* definitions = nullptr);

// The places of all faults, in order.
std::vector<std::string> Places(const absl::Status& status);

// One file and what becomes of it.
struct Case {
  const char* name;
  std::string yaml;
  std::string reason;  // "" if the file is accepted
  int line = 0;
  std::string text = "";  // part of the first fault
};

inline std::string CaseName(const ::testing::TestParamInfo<Case>& info) { return info.param.name; }

// Reads and checks the file, and asserts what the case says.
void ExpectOutcome(const Case& param);

// A metric that is accepted, with `value` instead of the value of one of its lines (1 to 7: name,
// description, type, grain, table, window, expression), without that line for "-", or with a line
// behind them.
std::string Metric(const std::string& key = "", const std::string& value = "");

// A dataset that is accepted, on lines 1 to 8, with one line replaced.
std::string DatasetWith(int line, const std::string& replacement);

// A calendar that is accepted, on lines 1 to 9, with one line replaced.
std::string CalendarWith(int line, const std::string& replacement);

}  // namespace metricstore::registry
