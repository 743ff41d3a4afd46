// Definitions of the metrics whose points are shown.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "cli/core/connection.h"
#include "metricstore/registry/v1/metric.pb.h"

namespace metricstore::cli {

// Asks the registry for each definition once. Not thread-safe; the connection must outlive it.
class ShownMetrics {
 public:
  explicit ShownMetrics(Connection& connection) : connection_(connection) {}

  // Makes known what is not stored: it has version 0.
  void Add(const registry::v1::Metric& definition) {
    definitions_[{definition.id(), 0}] = definition;
  }
  // Empty if it cannot be had.
  const registry::v1::Metric& Find(const std::string& id, int version);

 private:
  Connection& connection_;
  std::map<std::pair<std::string, int>, registry::v1::Metric> definitions_;
};

}  // namespace metricstore::cli
