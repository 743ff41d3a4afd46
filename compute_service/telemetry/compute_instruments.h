// Every instrument that compute exports, beside those of its gRPC server.
#pragma once

#include "common/telemetry/instruments.h"

namespace metricstore::compute {

// Where the time of shards goes. A shard is in one stage at a time.
enum class Stage { kPlan, kRead, kEvaluate, kPersist };

// How a shard left this worker.
enum class ShardEnd {
  kDone,      // its results are stored
  kFailed,    // given back with an error
  kLost,      // the lease went to another worker, or the backfill ended
  kReleased,  // given back unfinished at shutdown
};

// Thread-safe.
class ComputeInstruments {
 public:
  // `instruments` must outlive this.
  explicit ComputeInstruments(telemetry::Instruments& instruments);

  telemetry::Counter& stage_seconds(Stage stage) const {
    return *stage_seconds_[static_cast<int>(stage)];
  }
  telemetry::Counter& shards(ShardEnd end) const { return *shards_[static_cast<int>(end)]; }
  telemetry::Counter& rows() const { return rows_; }
  telemetry::Counter& points() const { return points_; }
  telemetry::Gauge& active_shards() const { return active_shards_; }
  telemetry::Gauge& slots() const { return slots_; }
  telemetry::Gauge& registry_reachable() const { return registry_reachable_; }

 private:
  telemetry::Counter* stage_seconds_[4];
  telemetry::Counter* shards_[4];
  telemetry::Counter& rows_;
  telemetry::Counter& points_;
  telemetry::Gauge& active_shards_;
  telemetry::Gauge& slots_;
  telemetry::Gauge& registry_reachable_;
};

}  // namespace metricstore::compute
