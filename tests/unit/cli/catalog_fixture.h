// Tests of commands that ask the catalogue: a metric to ask for, and a run that knows the address.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/output/error_printer.h"
#include "tests/unit/cli/harness.h"

namespace metricstore::cli {

inline reg::Metric MetricOf(const std::string& category, const std::string& name) {
  reg::Metric metric;
  metric.set_category(category);
  metric.set_name(name);
  metric.set_id(category + "/" + name);
  metric.set_display_name("The " + name);
  metric.set_description("What " + name + " is.");
  metric.set_type(reg::METRIC_TYPE_SUM);
  metric.set_grain(reg::GRAIN_DAY);
  metric.set_unit("USD");
  metric.set_dataset("fact_bars");
  metric.set_expression("sum(volume)");
  metric.set_version(1);
  metric.set_active_version(1);
  metric.set_latest_version(1);
  return metric;
}

inline reg::FieldChange Change(const std::string& field, const std::string& before,
                               const std::string& after) {
  reg::FieldChange change;
  change.set_field(field);
  change.set_before(before);
  change.set_after(after);
  return change;
}

class CatalogFixture : public ::testing::Test {
 protected:
  Outcome Run(std::vector<std::string> args) {
    args.insert(args.end(), {"--registry", services_.endpoint()});
    return harness_.Run(args);
  }

  FakeServices services_;
  FakeCatalog& catalog_ = services_.catalog;
  Harness harness_;
};

}  // namespace metricstore::cli
