// What metric tests gave before the write that wants them: tests run outside of transactions.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/calendar/calendar.h"
#include "common/time/cancellation.h"
#include "registry_service/catalog/store/metric_test_runner.h"

namespace metricstore::registry {

// A metric whose tests are to be run, with its ground.
struct MetricUnderTest {
  const MetricDefinition* metric = nullptr;
  const Dataset* dataset = nullptr;                    // may be nullptr
  std::shared_ptr<const calendar::Calendar> calendar;  // likewise
};

// Not thread-safe; lives as long as one write and all its attempts. A report counts for a metric
// only with the definition, dataset and calendar that it was made with.
class TestLedger {
 public:
  // Starts an attempt; one that is looking must not write.
  void Begin(bool looking);
  bool looking() const { return looking_; }

  // The reports on these metrics; nullopt if tests of any are yet to be run with what they stand
  // on now, which the next Run does.
  std::optional<std::vector<TestReport>> Find(const std::vector<MetricUnderTest>& metrics);

  // Ends an attempt that misses reports or is looking. Gives what it is to return, to be seen by
  // nobody else.
  absl::Status Stop();
  bool stopped() const { return stopped_; }

  // Runs what Find missed in the last attempt. Errors of MetricTestRunner::Run.
  absl::Status Run(MetricTestRunner& runner, const CallBounds& bounds);

 private:
  struct Entry {
    MetricDefinition metric;
    std::optional<Dataset> dataset;
    std::shared_ptr<const calendar::Calendar> calendar;
    TestReport report;
  };
  static bool IsOf(const Entry& entry, const MetricUnderTest& metric);

  std::map<std::string, Entry> reported_;  // by id
  std::vector<Entry> wanted_;
  bool looking_ = false;
  bool stopped_ = false;
};

}  // namespace metricstore::registry
