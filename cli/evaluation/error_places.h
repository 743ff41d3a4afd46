// Errors about the metrics of a request, told by names and lines of files instead of its fields.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace metricstore::cli {

// Where a metric is defined.
struct MetricSource {
  std::string path;                               // "" for a stored metric
  std::map<std::string, int, std::less<>> lines;  // by field, as the registry reports them

  // Of the field, or of the nearest part around it that has one ("window" for "window.session"); 0
  // if none has.
  int LineOf(std::string_view field) const;
  // "metrics/price/a.yaml:3", by the line of its name; without one if it is not known.
  std::string Text() const;
};

// Where a metric stands in a request, and how people know it.
struct MetricPlace {
  std::string field;  // "metrics[3]", "metrics[3].definition", "definitions[0]"
  std::string name;
  MetricSource source;
};

// What a request was made of.
struct RequestPlaces {
  std::vector<MetricPlace> metrics;
  std::map<std::string, std::string> datasets;  // by name: the given file that defines it
};

// The same error with the metrics' names in the place of their fields, and the file of the first
// that its message names in front. One that begins with a field of a definition reads as the
// registry tells it: "metrics/price/a.yaml:7: expression: ...". Of a dataset that is not stored but
// among the files the hint says so.
absl::Status WithMetricNames(const absl::Status& error, const RequestPlaces& places);

}  // namespace metricstore::cli
