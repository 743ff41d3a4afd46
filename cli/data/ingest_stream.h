// Sends batches over IngestService.StreamRows until every one is acknowledged, across broken
// connections.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/core/invocation.h"
#include "cli/csv/batch_builder.h"
#include "metricstore/registry/v1/ingest_service.grpc.pb.h"

namespace metricstore::cli {

struct IngestStreamOptions {
  std::string dataset;
  // Batches sent and not yet acknowledged: enough to hide the way there and back, few enough to
  // keep in memory for another attempt.
  size_t max_in_flight = 4;
  // How long to try again without any acknowledgement.
  absl::Duration retry_for = absl::Seconds(60);
  // A stream on which nothing was acknowledged for so long is given up and tried again.
  absl::Duration ack_timeout = absl::Minutes(2);
};

// Gives the next batch, nullopt after the last.
using NextBatch = std::function<absl::StatusOr<std::optional<PreparedBatch>>()>;
// Hears of each acknowledged batch, in order, on the stream's reading thread.
using OnAck =
    std::function<void(const PreparedBatch& batch, const registry::v1::BatchResult& result)>;
// Hears why another attempt is made, once for each break.
using OnRetry = std::function<void(const absl::Status& why)>;

// One use. Run blocks; it starts one thread for each attempt and joins it.
class IngestStream {
 public:
  IngestStream(Invocation& invocation, IngestStreamOptions options, NextBatch next, OnAck on_ack,
               OnRetry on_retry);

  // OK when every batch is acknowledged. Else the service's or the source's error, UNAVAILABLE and
  // the like after `retry_for`, CANCELLED after Ctrl-C. What was acknowledged stays stored.
  absl::Status Run();

 private:
  using Stream = grpc::ClientReaderWriterInterface<registry::v1::StreamRowsRequest,
                                                   registry::v1::StreamRowsResponse>;
  absl::Status Attempt();
  void WriteBatches(Stream& stream, grpc::ClientContext& context);
  void ReadAcks(Stream& stream);
  void Acknowledge(const registry::v1::BatchResult& result);
  bool WaitForRoom(grpc::ClientContext& context);
  void WaitForAcks(grpc::ClientContext& context);
  std::shared_ptr<const PreparedBatch> NextToSend();
  bool Finished() const;

  Invocation& invocation_;
  IngestStreamOptions options_;
  NextBatch next_;
  OnAck on_ack_;
  OnRetry on_retry_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_: batches not acknowledged, the first `sent_` of them sent on this stream.
  std::deque<std::shared_ptr<const PreparedBatch>> unacknowledged_;
  size_t sent_ = 0;
  bool reader_ended_ = false;
  absl::Time last_progress_;
  // Used by the writing thread only.
  bool source_ended_ = false;
  absl::Status source_status_;
};

}  // namespace metricstore::cli
