#include "compute_service/telemetry/compute_instruments.h"

namespace metricstore::compute {
namespace {

constexpr const char* kStageNames[] = {"plan", "read", "evaluate", "persist"};
constexpr const char* kEndNames[] = {"done", "failed", "lost", "released"};

}  // namespace

ComputeInstruments::ComputeInstruments(telemetry::Instruments& instruments)
    : rows_(instruments.GetCounter("metricstore_shard_rows_total",
                                   "Raw rows read by the shards whose results are stored.")),
      points_(instruments.GetCounter("metricstore_shard_points_total",
                                     "Points of the shards whose results are stored.")),
      active_shards_(instruments.GetGauge("metricstore_shards_active",
                                          "Shards that this worker works on now.")),
      slots_(instruments.GetGauge("metricstore_worker_slots",
                                  "Shards that this worker can work on at once.")),
      registry_reachable_(instruments.GetGauge("metricstore_registry_reachable",
                                               "1 while the registry answers, else 0.")) {
  for (int i = 0; i < 4; ++i) {
    stage_seconds_[i] = &instruments.GetCounter(
        "metricstore_shard_stage_seconds_total",
        "Seconds that shards spent planning, waiting for rows, evaluating, storing results.",
        {{"stage", kStageNames[i]}});
    shards_[i] = &instruments.GetCounter(
        "metricstore_shards_total",
        "Shards by how they left this worker: done, failed, lost or released.",
        {{"outcome", kEndNames[i]}});
  }
}

}  // namespace metricstore::compute
