// Cuts evaluations into requests of bounded size.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "metricstore/compute/v1/compute_service.pb.h"
#include "registry_service/catalog/store/metric_test_runner.h"

namespace metricstore::registry {

// How large a request may be. The limits of ComputeService, with room for its answer: rows have at
// most one point each, which takes up to a few hundred bytes with its entity.
struct RequestLimits {
  size_t bytes = 3u << 20;
  size_t evaluations = 1000;
  size_t rows = 10'000;
};

// Iterates over the requests that carry some evaluations, in order. Each lists the datasets and
// calendars of its own evaluations, once each; one evaluation that is above a limit by itself goes
// alone. Refers to the evaluations. Not thread-safe.
class EvaluationRequests {
 public:
  EvaluationRequests(const std::vector<RowEvaluation>& evaluations, RequestLimits limits)
      : evaluations_(evaluations), limits_(limits) {}

  // Fills the next request; false if all were given.
  bool Next(compute::v1::EvaluateRowsRequest* request);

 private:
  // What one evaluation adds to a request.
  struct Addition {
    compute::v1::RowEvaluation evaluation;
    v1::Dataset dataset;
    v1::Calendar calendar;
    bool brings_dataset = false;
    bool brings_calendar = false;
    size_t bytes = 0;
  };
  Addition AdditionOf(const RowEvaluation& evaluation) const;
  // Whether the request has other definitions under the same names.
  bool Clashes(const RowEvaluation& evaluation) const;
  void Append(const RowEvaluation& evaluation, Addition addition,
              compute::v1::EvaluateRowsRequest* request);

  const std::vector<RowEvaluation>& evaluations_;
  const RequestLimits limits_;
  size_t next_ = 0;
  // Of the request that is being filled.
  std::map<std::string, const Dataset*> datasets_;
  std::map<std::string, const calendar::Calendar*> calendars_;
};

}  // namespace metricstore::registry
