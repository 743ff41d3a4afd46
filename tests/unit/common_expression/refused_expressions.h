// Expressions that are refused: where, why, and what would be right.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace metricstore::expression {

// An expression, and how it is refused.
struct Refused {
  std::string text;
  int position;
  std::string message;  // a part of it
  std::string suggestion;
};

// Fails the test unless the status refuses as expected.
void ExpectRefused(const absl::Status& status, const Refused& expected);

// Metrics that are refused for their form, for names in them, and for what functions are given.
std::vector<Refused> RefusedForms();
std::vector<Refused> RefusedNames();
std::vector<Refused> RefusedArguments();

}  // namespace metricstore::expression
