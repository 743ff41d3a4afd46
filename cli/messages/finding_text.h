// What the registry finds wrong or doubtful in definitions, as lines for people.
#pragma once

#include <ostream>
#include <string>

#include "metricstore/registry/v1/catalog_service.pb.h"

namespace metricstore::cli {

// "metrics/a.yaml:7 unit: is doubtful (UNIT_DOUBTFUL), did you mean "USD"?"; without a file the
// definition's name stands in front. A field that the message begins with is not named twice.
std::string FindingText(const registry::v1::DefinitionReport& report,
                        const registry::v1::Finding& finding);

// For each finding a line that starts with `indent` and says how bad it is: "  warning: ...".
void PrintFindings(const registry::v1::DefinitionReport& report, const std::string& indent,
                   std::ostream& out);

}  // namespace metricstore::cli
