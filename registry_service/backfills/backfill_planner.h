// Resolves a request for a backfill against what is defined and stored, into shards.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"
#include "registry_service/backfills/grain_choice.h"
#include "registry_service/backfills/metric_choice.h"
#include "registry_service/backfills/shard_cutter.h"
#include "registry_service/backfills/shard_spec.h"
#include "registry_service/calendars/calendar_store.h"
#include "registry_service/catalog/store/metric_store.h"
#include "registry_service/datasets/dataset_store.h"

namespace metricstore::registry {

// See proto metricstore.registry.v1.CreateBackfillRequest.
struct BackfillRequest {
  std::vector<std::string> metrics;   // ids or globs
  std::vector<std::string> entities;  // empty: all
  DateRange dates;
  std::vector<Grain> grains;  // empty: each metric's own
  std::string request_id;     // "": none
  bool validate_only = false;
  bool latest_versions = false;  // the newest versions instead of the active ones
};

// The version of a calendar that a plan takes datasets to follow.
struct PlannedCalendar {
  std::vector<std::string> datasets;  // each once
  std::string calendar;
  int32_t version = 0;
};

// A job with its shards, not yet stored.
struct BackfillPlan {
  BackfillSpec spec;
  DateRange requested_dates;  // as they came; those of `spec` are widened for the coarsest grain
  std::vector<ShardSpec> shards;
  std::vector<SkippedMetric> skipped;  // no part of what tells jobs apart
  // Versions of other metrics that these read as they are served: sorted.
  std::vector<std::pair<std::string, int>> reads;
  // Of metrics without shards: nobody looks at these calendars again.
  std::vector<PlannedCalendar> unchecked_calendars;
  // Of PostgreSQL, taken before anything that the plan is made of was read: every row, definition
  // and calendar that it sees is part of the job.
  std::string snapshot;
};

// Thread-safe; keeps nothing. What it is made of must outlive it.
class BackfillPlanner {
 public:
  BackfillPlanner(pg::Pool& pool, MetricStore& metrics, DatasetStore& datasets,
                  CalendarStore& calendars)
      : pool_(pool), metrics_(metrics), datasets_(datasets), calendars_(calendars) {}

  // NOT_FOUND (METRIC_NOT_FOUND, ENTITY_NOT_FOUND), INVALID_ARGUMENT (FIELD_REQUIRED,
  // FIELD_INVALID, INTERVAL_REVERSED, BACKFILL_EMPTY, NOT_SUPPORTED), or the errors of
  // pg::Pool::Run.
  absl::StatusOr<BackfillPlan> Plan(int32_t project_id, const BackfillRequest& request,
                                    const CallBounds& bounds);

 private:
  absl::StatusOr<std::string> TakeSnapshot(const CallBounds& bounds);
  absl::StatusOr<Calendars> ReadCalendars(int32_t project_id,
                                          const std::vector<MetricDefinition>& metrics,
                                          SourceFinder& finder, const CallBounds& bounds);
  absl::Status ReadEntities(int32_t project_id, const std::vector<std::string>& wanted,
                            std::vector<CutGroup>& groups, const CallBounds& bounds);

  pg::Pool& pool_;
  MetricStore& metrics_;
  DatasetStore& datasets_;
  CalendarStore& calendars_;
};

}  // namespace metricstore::registry
