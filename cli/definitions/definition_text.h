// What import, validate and plan say alike: findings, and counts of definitions.
#pragma once

#include <string>

#include "metricstore/registry/v1/catalog_service.pb.h"

namespace metricstore::cli {

// "metrics/a.yaml:7 unit: is doubtful (UNIT_DOUBTFUL), did you mean "USD"?"; without a file the
// definition's name stands in front.
std::string FindingText(const registry::v1::DefinitionReport& report,
                        const registry::v1::Finding& finding);

// How many definitions were met with what.
struct OutcomeCount {
  int64_t created = 0;
  int64_t changed = 0;
  int64_t restored = 0;
  int64_t unchanged = 0;

  void Add(const registry::v1::ImportOutcome& outcome);
  bool AnyChange() const { return created + changed + restored > 0; }
  // "2 created, 1 changed, 1 restored, 40 unchanged"; restored only where there are some.
  std::string Text() const;
};

}  // namespace metricstore::cli
