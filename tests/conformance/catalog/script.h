// Reads the plain-text cases of the catalogue; cases/README.md describes their form.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace metricstore::registry {

// One line of a case that does something, and what it must say.
struct Step {
  int line = 0;                       // of the file, from 1
  std::string command;                // "import", "file", ...
  std::vector<std::string> words;     // the rest of the line; "quoted words" are one
  std::vector<std::string> content;   // lines behind "|"
  std::vector<std::string> expected;  // lines behind ">"
  int expected_at = 0;                // lines of the file up to the first expected one
};

// What a fresh project goes through.
struct Script {
  int line = 0;
  std::string title;
  std::vector<Step> steps;
};

// INVALID_ARGUMENT naming the line that is not of the form; NOT_FOUND for a missing file.
absl::StatusOr<std::vector<Script>> ReadScripts(const std::string& path);

// The file with what its steps said in place of what was expected; `said` has one element for each
// step of all scripts. For writing new cases: the result is reviewed like code.
absl::Status RewriteExpectations(const std::string& path,
                                 const std::vector<std::vector<std::string>>& said);

}  // namespace metricstore::registry
