// Starts of buckets for people: dates for grains of a day and longer, instants for hours.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "cli/core/connection.h"
#include "metricstore/registry/v1/metric.pb.h"

namespace metricstore::cli {

// Asks the registry for the calendars that it needs, once each. What cannot be told is shown as an
// instant. Not thread-safe; the connection must outlive it.
class BucketText {
 public:
  explicit BucketText(Connection& connection) : connection_(connection) {}

  // The date on which a bucket of the dataset's calendar starts: "2024-03-04".
  std::string Of(const std::string& dataset, registry::v1::Grain grain, absl::Time start);

 private:
  // How a calendar cuts its dates.
  struct Dates {
    absl::TimeZone zone;
    bool from_evening_before = false;
  };
  absl::StatusOr<Dates> DatesOf(const std::string& dataset);

  Connection& connection_;
  std::map<std::string, std::optional<Dates>> dates_;  // by dataset
};

// The same for metrics of whom only the id is known. One that reads no table is on the calendar of
// the first metric that it reads. Asks for each definition once.
class MetricBuckets {
 public:
  explicit MetricBuckets(Connection& connection) : connection_(connection), text_(connection) {}

  std::string Text(const std::string& metric, registry::v1::Grain grain, absl::Time start);
  // Makes a definition known, so that it is not asked for.
  void Add(const registry::v1::Metric& definition) { definitions_[definition.id()] = definition; }

 private:
  std::string DatasetOf(const std::string& metric);
  // Empty if it cannot be had.
  const registry::v1::Metric& Definition(const std::string& metric);

  Connection& connection_;
  BucketText text_;
  std::map<std::string, std::string> datasets_;              // by metric
  std::map<std::string, registry::v1::Metric> definitions_;  // by id
};

}  // namespace metricstore::cli
