#include "cli/data/ingest_stream.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/time/backoff.h"

namespace metricstore::cli {

using registry::v1::BatchResult;
using registry::v1::IngestService;
using registry::v1::StreamRowsRequest;
using registry::v1::StreamRowsResponse;

IngestStream::IngestStream(Invocation& invocation, IngestStreamOptions options, NextBatch next,
                           OnAck on_ack, OnRetry on_retry)
    : invocation_(invocation),
      options_(std::move(options)),
      next_(std::move(next)),
      on_ack_(std::move(on_ack)),
      on_retry_(std::move(on_retry)) {}

absl::Status IngestStream::Run() {
  Backoff backoff(invocation_.retry_delays.first, invocation_.retry_delays.longest);
  last_progress_ = invocation_.clock.Now();
  bool retried = false;
  while (true) {
    const absl::Time progress_before = last_progress_;
    const absl::Status status = Attempt();
    if (Finished()) return absl::OkStatus();
    if (invocation_.connection.interrupt().cancelled()) return absl::CancelledError("interrupted");
    RETURN_IF_ERROR(source_status_);
    if (!IsTransient(status)) return status;
    if (invocation_.clock.Now() - last_progress_ >= options_.retry_for) return status;
    const bool progressed = last_progress_ != progress_before;
    if (progressed) backoff.Reset();
    if (progressed || !std::exchange(retried, true)) on_retry_(status);
    const auto details = status::DetailsOf(status);
    const absl::Duration least = details.has_value()
                                     ? details->retry_after.value_or(absl::ZeroDuration())
                                     : absl::ZeroDuration();
    if (!WaitForRetry(std::max(least, backoff.Next()), invocation_.connection.interrupt())) {
      return absl::CancelledError("interrupted");
    }
    invocation_.connection.ResetBackoff(Peer::kRegistry);
  }
}

bool IngestStream::Finished() const { return source_ended_ && unacknowledged_.empty(); }

absl::Status IngestStream::Attempt() {
  ASSIGN_OR_RETURN(const auto channel, invocation_.connection.ChannelTo(Peer::kRegistry));
  const auto stub = IngestService::NewStub(channel);
  rpc::BoundedContext context({.cancel = invocation_.connection.interrupt()});
  sent_ = 0;
  reader_ended_ = false;
  const auto stream = stub->StreamRows(context.get());
  std::thread reader([&] { ReadAcks(*stream); });
  WriteBatches(*stream, *context);
  reader.join();
  const grpc::Status status = stream->Finish();
  if (status.ok() && !Finished()) {
    return absl::UnavailableError("the registry ended the stream before every batch was stored");
  }
  return invocation_.connection.Explain(Peer::kRegistry, status);
}

void IngestStream::WriteBatches(Stream& stream, grpc::ClientContext& context) {
  StreamRowsRequest open;
  open.mutable_open()->set_project(invocation_.connection.project());
  open.mutable_open()->set_dataset(options_.dataset);
  // A refused write means that the stream has ended; Finish says why.
  bool writable = stream.Write(open);
  while (writable && WaitForRoom(context)) {
    const auto batch = NextToSend();
    if (batch == nullptr) break;
    writable = stream.Write(batch->message);
  }
  if (!source_status_.ok()) return context.TryCancel();
  if (writable) stream.WritesDone();
  WaitForAcks(context);
}

// The next batch that this stream has not carried: one of an earlier attempt, or a new one.
std::shared_ptr<const PreparedBatch> IngestStream::NextToSend() {
  {
    const std::lock_guard lock(mutex_);
    if (sent_ < unacknowledged_.size()) return unacknowledged_[sent_++];
  }
  if (source_ended_) return nullptr;
  auto next = next_();
  if (!next.ok()) {
    source_status_ = next.status();
    return nullptr;
  }
  source_ended_ = !next->has_value();
  if (source_ended_) return nullptr;
  auto batch = std::make_shared<const PreparedBatch>(std::move(**next));
  const std::lock_guard lock(mutex_);
  unacknowledged_.push_back(batch);
  ++sent_;
  return batch;
}

// Waits until another batch may be sent; false if the stream has ended or is given up.
bool IngestStream::WaitForRoom(grpc::ClientContext& context) {
  std::unique_lock lock(mutex_);
  const bool woken = changed_.wait_for(lock, absl::ToChronoMilliseconds(options_.ack_timeout), [&] {
    return reader_ended_ || sent_ < options_.max_in_flight;
  });
  if (!woken) context.TryCancel();
  return woken && !reader_ended_;
}

// Waits until the service has ended the stream, which it does after the last acknowledgement.
void IngestStream::WaitForAcks(grpc::ClientContext& context) {
  std::unique_lock lock(mutex_);
  while (!reader_ended_) {
    const size_t waiting = sent_;
    const bool woken = changed_.wait_for(lock, absl::ToChronoMilliseconds(options_.ack_timeout),
                                         [&] { return reader_ended_ || sent_ != waiting; });
    if (woken) continue;
    context.TryCancel();
    return;
  }
}

void IngestStream::ReadAcks(Stream& stream) {
  StreamRowsResponse response;
  while (stream.Read(&response)) Acknowledge(response.result());
  const std::lock_guard lock(mutex_);
  reader_ended_ = true;
  changed_.notify_all();
}

void IngestStream::Acknowledge(const BatchResult& result) {
  std::shared_ptr<const PreparedBatch> batch;
  {
    const std::lock_guard lock(mutex_);
    const auto sent_end = unacknowledged_.begin() + static_cast<ptrdiff_t>(sent_);
    const auto found = std::find_if(unacknowledged_.begin(), sent_end, [&](const auto& waiting) {
      return waiting->id() == result.batch_id();
    });
    if (found == sent_end) return;
    batch = *found;
    unacknowledged_.erase(found);
    --sent_;
    last_progress_ = invocation_.clock.Now();
    changed_.notify_all();
  }
  on_ack_(*batch, result);
}

}  // namespace metricstore::cli
