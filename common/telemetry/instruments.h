// Counters, gauges and histograms that Prometheus scrapes, and the HTTP endpoint for it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace metricstore::telemetry {

using Labels = std::map<std::string, std::string>;

// Handles stay valid as long as their Instruments. Thread-safe.
class Counter {
 public:
  virtual ~Counter() = default;
  virtual void Increment(double by = 1) = 0;
};
class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void Set(double value) = 0;
  virtual void Add(double by) = 0;  // negative to go down
};
class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void Observe(double value) = 0;
};

// All instruments of a process. Names are metricstore_<what>_<unit>[_total]; label values come from
// closed sets. Asking twice for the same name and labels gives the same handle; asking for a name
// with another kind, or for one that Prometheus does not allow, ends the process: that is a fault
// of the code, met on its first run. Thread-safe.
class Instruments {
 public:
  Instruments();
  ~Instruments();
  Counter& GetCounter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& GetGauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram& GetHistogram(const std::string& name, const std::string& help,
                          const std::vector<double>& bounds, const Labels& labels = {});
  // Serves GET /metrics on `listen` ("127.0.0.1:0") until destroyed; returns the port bound.
  // FAILED_PRECONDITION if it cannot be bound.
  absl::StatusOr<int> Serve(const std::string& listen);
  // The exposition text, for tests.
  std::string Render() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace metricstore::telemetry
