// Runs the unit tests of definitions before they are stored.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "common/columns/column_batch.h"
#include "common/time/cancellation.h"
#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// Rows for one metric. Pointers must live as long as the call.
struct RowEvaluation {
  const MetricDefinition* metric = nullptr;
  const Dataset* dataset = nullptr;
  const calendar::Calendar* calendar = nullptr;
  columns::ColumnBatch rows;  // by entity, then time
};

// What an evaluation gave.
struct EvaluatedRows {
  struct Point {
    std::string entity;
    absl::Time bucket_start;
    std::optional<double> value;  // nullopt: NULL, or not finite
    bool finite = true;
  };
  std::vector<Point> points;  // by entity and time
  std::string error_reason;   // "": it was evaluated
  std::string error;
};

// Evaluates metrics over given rows. Thread-safe. Implemented over compute_service, and by a fake
// in tests.
class RowEvaluator {
 public:
  virtual ~RowEvaluator() = default;
  // One result for each evaluation, in that order. UNAVAILABLE (COMPUTE_UNAVAILABLE, metadata
  // target) if nobody answers; CANCELLED, DEADLINE_EXCEEDED.
  virtual absl::StatusOr<std::vector<EvaluatedRows>> Evaluate(
      const std::vector<RowEvaluation>& evaluations, const CallBounds& bounds) = 0;
};

// A metric whose tests are to be run, with its ground.
struct TestedMetric {
  const MetricDefinition* metric = nullptr;
  const Dataset* dataset = nullptr;
  const calendar::Calendar* calendar = nullptr;
};

// What the tests of one metric gave.
struct TestReport {
  int passed = 0;
  // TEST_FAILED (metadata test, bucket, entity, expected, actual), field "tests[2].expect[0]";
  // DEFINITION_INVALID for rows that the dataset would not take, field "tests[2].rows[1].amount";
  // NOT_SUPPORTED for tests of a metric that is not computed.
  std::vector<FieldFault> faults;
};

// Thread-safe; keeps nothing. The evaluator must outlive it.
class MetricTestRunner {
 public:
  explicit MetricTestRunner(RowEvaluator& evaluator) : evaluator_(evaluator) {}

  // One report for each metric; those without tests are not sent anywhere. All tests go in few
  // calls. Errors of RowEvaluator::Evaluate.
  absl::StatusOr<std::vector<TestReport>> Run(const std::vector<TestedMetric>& metrics,
                                              const CallBounds& bounds);

 private:
  RowEvaluator& evaluator_;
};

}  // namespace metricstore::registry
