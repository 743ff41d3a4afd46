// Gathers evaluated series into messages of bounded size.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "compute_service/evaluation/preview.h"
#include "metricstore/compute/v1/compute_service.pb.h"

namespace metricstore::compute {

// Writes a message whenever it is near the target size; none exceeds 1 MiB, so a long series
// continues in the next one. Not thread-safe.
class EvaluateMessages {
 public:
  static constexpr size_t kTargetBytes = 512u << 10;

  // `writer` must outlive it.
  explicit EvaluateMessages(rpc::StreamWriter<v1::EvaluateResponse>& writer) : writer_(writer) {}

  // Errors are the writer's.
  absl::Status Add(const PreviewSeries& series, int64_t rows_read);
  // Writes what is left; the last message says how many rows were read, whatever came before.
  absl::Status Finish(int64_t rows_read);

 private:
  // Begins the next piece of a series.
  v1::EvaluatedSeries* Begin(const PreviewSeries& series);
  absl::Status Flush();

  rpc::StreamWriter<v1::EvaluateResponse>& writer_;
  v1::EvaluateResponse message_;
  size_t bytes_ = 0;
};

}  // namespace metricstore::compute
