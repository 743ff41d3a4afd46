// What compute asks of the registry, without a word of how the calls travel.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "common/columns/column_batch.h"
#include "common/time/cancellation.h"
#include "compute_service/definition/definitions.h"
#include "compute_service/registry_client/shard.h"

namespace metricstore::registry::v1 {
class Backfill;
class Metric;
}  // namespace metricstore::registry::v1

namespace metricstore::compute {

// Names the rows to stream.
struct WindowRequest {
  std::string project;
  std::string dataset;
  std::vector<std::string> entities;  // empty: all rows
  TimeRange interval;
  std::vector<std::string> columns;  // beside entity and time, which always come
};

// Takes a batch of a window; an error ends the stream. It may take its time: the pace of the sink
// is no stall.
using WindowSink = std::function<absl::Status(columns::ColumnBatch&&)>;

// What the commit of a shard did.
struct PersistOutcome {
  bool already_committed = false;  // the answer of an earlier try was lost
  int64_t points = 0;
  int64_t chunks_written = 0;
};

// Says which backfill to create; see registry.v1.CreateBackfillRequest.
struct BackfillRequest {
  std::string project;
  std::vector<std::string> metrics;  // ids or patterns
  std::vector<std::string> entities;
  DateRange dates;
  std::string request_id;
};

// A message of the registry as it came, for callers that pass it on.
using MetricMessage = std::shared_ptr<const registry::v1::Metric>;
using BackfillMessage = std::shared_ptr<const registry::v1::Backfill>;

// Takes the state of a job; an error ends the watch.
using BackfillSink = std::function<absl::Status(const registry::v1::Backfill&)>;

// Thread-safe. Every call ends: by its bounds, by the implementation's own time limit for unary
// calls, and by its stall limit for streams. All return, beside the codes named, UNAVAILABLE (the
// registry or its database is away), DEADLINE_EXCEEDED, CANCELLED (by the bounds), ABORTED
// (STREAM_STALLED, streams only), RESOURCE_EXHAUSTED and INTERNAL.
class RegistryClient {
 public:
  virtual ~RegistryClient() = default;

  // Leases up to `max_shards` shards for `worker`; none if nothing waits. A shard that this release
  // cannot read is given back as failed.
  virtual absl::StatusOr<std::vector<LeasedShard>> LeaseShards(std::string_view worker,
                                                               int max_shards, absl::Duration lease,
                                                               const CallBounds& bounds) = 0;
  // Extends leases and returns the ids of the shards that are still held; the others are lost.
  virtual absl::StatusOr<std::vector<int64_t>> RenewLeases(std::string_view worker,
                                                           std::span<const Lease> leases,
                                                           absl::Duration lease,
                                                           const CallBounds& bounds) = 0;
  // Gives a shard back. An empty error: the attempt does not count. ABORTED (LEASE_LOST).
  virtual absl::Status ReleaseShard(const Lease& lease, std::string_view error, bool permanent,
                                    const CallBounds& bounds) = 0;

  // The metric versions in the order asked; an id may be a bare name where only one category has
  // it. NOT_FOUND (METRIC_NOT_FOUND, METRIC_VERSION_NOT_FOUND, PROJECT_NOT_FOUND), INVALID_ARGUMENT
  // (METRIC_AMBIGUOUS, NOT_SUPPORTED, FIELD_INVALID).
  virtual absl::StatusOr<std::vector<std::shared_ptr<const MetricDefinition>>> GetMetrics(
      std::string_view project, std::span<const MetricRef> refs, const CallBounds& bounds) = 0;
  // One metric with all that the registry knows of it. Errors as GetMetrics, but NOT_SUPPORTED.
  virtual absl::StatusOr<MetricMessage> GetMetric(std::string_view project, const MetricRef& ref,
                                                  const CallBounds& bounds) = 0;
  // The dataset as it is now. NOT_FOUND (DATASET_NOT_FOUND, PROJECT_NOT_FOUND).
  virtual absl::StatusOr<std::shared_ptr<const Dataset>> GetDataset(std::string_view project,
                                                                    std::string_view name,
                                                                    const CallBounds& bounds) = 0;
  // One version of a calendar, the newest if 0. NOT_FOUND (CALENDAR_NOT_FOUND, PROJECT_NOT_FOUND),
  // INVALID_ARGUMENT (DEFINITION_INVALID).
  virtual absl::StatusOr<std::shared_ptr<const calendar::Calendar>> GetCalendar(
      std::string_view project, std::string_view name, int32_t version,
      const CallBounds& bounds) = 0;

  // Hands the rows of a window to `sink`, ordered by entity, then time, and returns the watermark
  // of the snapshot that they are of. Returns the sink's error if it gave one. NOT_FOUND
  // (DATASET_NOT_FOUND, PROJECT_NOT_FOUND), INVALID_ARGUMENT (FIELD_INVALID, BATCH_INVALID).
  virtual absl::StatusOr<int64_t> StreamWindow(const WindowRequest& request, const WindowSink& sink,
                                               const CallBounds& bounds) = 0;
  // Creates a job, or finds the one that is to be resumed. NOT_FOUND (METRIC_NOT_FOUND,
  // ENTITY_NOT_FOUND, PROJECT_NOT_FOUND), INVALID_ARGUMENT (FIELD_REQUIRED, FIELD_INVALID,
  // INTERVAL_REVERSED, BACKFILL_EMPTY, NOT_SUPPORTED), ALREADY_EXISTS (REQUEST_ID_REUSED).
  virtual absl::StatusOr<BackfillMessage> CreateBackfill(const BackfillRequest& request,
                                                         const CallBounds& bounds) = 0;
  // Hands the state of a job to `sink` whenever it changes, until it ends. Returns the sink's error
  // if it gave one. NOT_FOUND (BACKFILL_NOT_FOUND, PROJECT_NOT_FOUND).
  virtual absl::Status WatchBackfill(std::string_view project, int64_t id, const BackfillSink& sink,
                                     const CallBounds& bounds) = 0;

  // Commits a shard's results. After an error the outcome may be unknown: sending the same results
  // with the same lease again is safe. ABORTED (LEASE_LOST; READ_OUTDATED: rows that were read
  // later are stored already), INVALID_ARGUMENT (FIELD_INVALID, FIELD_REQUIRED), RESOURCE_EXHAUSTED
  // (TOO_LARGE).
  virtual absl::StatusOr<PersistOutcome> PersistShard(const Lease& lease,
                                                      const ShardResults& results,
                                                      const CallBounds& bounds) = 0;
};

}  // namespace metricstore::compute
