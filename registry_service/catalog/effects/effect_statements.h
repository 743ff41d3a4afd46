// SQL of what changes of calendars, datasets and served versions do to stored results.
#pragma once

#include "common/pg/statement.h"

namespace metricstore::registry {

// $1 project, $2 datasets: versions with stored points that read any of these or other metrics,
// each with its definition, the grain of the points, and the oldest and newest bucket.
inline constexpr pg::Statement kSelectStoredVersions{"select_stored_versions", R"sql(
WITH versions AS MATERIALIZED (
  SELECT metric_id, version, definition
    FROM metric_versions
   WHERE project_id = $1
     AND (definition ->> 'dataset' = ANY ($2::text[])
          OR jsonb_array_length(coalesce(definition -> 'depends_on', '[]')) > 0)),
stored AS (
  SELECT s.metric_id, s.version, s.grain, min(f.bucket) AS oldest, max(l.bucket) AS newest
    FROM versions v
    JOIN metric_series s
      ON s.project_id = $1 AND s.metric_id = v.metric_id AND s.version = v.version
   CROSS JOIN LATERAL (
         SELECT c.bucket_starts[1] AS bucket
           FROM metric_chunk c
          WHERE c.project_id = $1 AND c.series_id = s.series_id AND cardinality(c.bucket_starts) > 0
          ORDER BY c.span_start LIMIT 1) f
   CROSS JOIN LATERAL (
         SELECT c.bucket_starts[cardinality(c.bucket_starts)] AS bucket
           FROM metric_chunk c
          WHERE c.project_id = $1 AND c.series_id = s.series_id AND cardinality(c.bucket_starts) > 0
          ORDER BY c.span_start DESC LIMIT 1) l
   GROUP BY s.metric_id, s.version, s.grain)
SELECT p.metric_id, p.version, p.grain, p.oldest, p.newest, v.definition
  FROM stored p
  JOIN versions v USING (metric_id, version)
 ORDER BY p.metric_id COLLATE "C", p.version, p.grain)sql"};

// $1 project, $2 datasets: likewise versions that backfills have computed or are computing, over
// the calendars of their time, with the name of the grain, and the dates as starts and ends of
// ranges in order. Jobs of the same metrics are taken together before these are looked at.
inline constexpr pg::Statement kSelectComputedVersions{"select_computed_versions", R"sql(
WITH versions AS MATERIALIZED (
  SELECT metric_id, version, definition
    FROM metric_versions
   WHERE project_id = $1
     AND (definition ->> 'dataset' = ANY ($2::text[])
          OR jsonb_array_length(coalesce(definition -> 'depends_on', '[]')) > 0)),
jobs AS MATERIALIZED (
  SELECT min(backfill_id) AS backfill_id,
         range_agg(coalesce(requested_dates, daterange((spec -> 'dates' ->> 0)::date,
                                                       (spec -> 'dates' ->> 1)::date))) AS dates
    FROM backfills
   WHERE project_id = $1 AND state IN ('running', 'succeeded')
   GROUP BY coalesce(encode(metrics_sha256, 'hex'), backfill_id::text)),
computed AS (
  SELECT m.id, m.version, m.grain, range_agg(r.dates) AS dates
    FROM jobs j
    JOIN backfills b USING (backfill_id)
   CROSS JOIN LATERAL jsonb_to_recordset(b.spec -> 'metrics')
              AS m (id text, version integer, grain text)
    JOIN versions v ON v.metric_id = m.id AND v.version = m.version
   CROSS JOIN LATERAL unnest(j.dates) AS r (dates)
   GROUP BY m.id, m.version, m.grain)
SELECT c.id, c.version, c.grain, ARRAY(SELECT lower(r)::text FROM unnest(c.dates) AS r ORDER BY r),
       ARRAY(SELECT upper(r)::text FROM unnest(c.dates) AS r ORDER BY r), v.definition
  FROM computed c
  JOIN versions v ON v.metric_id = c.id AND v.version = c.version)sql"};

// $1 project, $2 ids: what is served of these metrics.
inline constexpr pg::Statement kSelectServedDefinitions{"select_served_definitions", R"sql(
SELECT id, definition
  FROM metric_definitions
 WHERE project_id = $1 AND id = ANY ($2::text[]))sql"};

// $1 project; $2 metrics, $3 versions, $4 grains, $5 instants beside them as multiranges: how many
// series have points whose buckets start then, how many points, the oldest and the newest bucket.
// Those without are left out.
inline constexpr pg::Statement kCountTouchedPoints{"count_touched_points", R"sql(
WITH touched AS MATERIALIZED (
  SELECT metric_id, version, grain, ranges::tstzmultirange AS ranges
    FROM unnest($2::text[], $3::integer[], $4::integer[], $5::text[])
         AS t (metric_id, version, grain, ranges))
SELECT t.metric_id, t.version, t.grain, count(DISTINCT s.series_id), sum(p.points)::bigint,
       min(p.oldest), max(p.newest)
  FROM touched t
  JOIN metric_series s
    ON s.project_id = $1 AND s.metric_id = t.metric_id AND s.version = t.version
   AND s.grain = t.grain
  JOIN metric_chunk c ON c.project_id = $1 AND c.series_id = s.series_id
 CROSS JOIN LATERAL (
       SELECT count(*) AS points, min(b) AS oldest, max(b) AS newest
         FROM unnest(c.bucket_starts) AS b
        WHERE b <@ t.ranges) p
 WHERE p.points > 0
 GROUP BY t.metric_id, t.version, t.grain)sql"};

// Marks that new ones make needless: those of the same results whose dates lie in the new one's. A
// backfill that meets the new one began after the old one. $1 project; $2 to $6: one element for
// each new mark.
inline constexpr pg::Statement kDeleteCoveredMarks{"delete_covered_marks", R"sql(
DELETE FROM dirty_ranges d
 USING unnest($2::text[], $3::integer[], $4::integer[], $5::date[], $6::date[])
       AS n (metric_id, version, grain, start_date, end_date)
 WHERE d.project_id = $1 AND d.metric_id = n.metric_id AND d.version = n.version
   AND d.grain = n.grain AND d.start_date >= n.start_date AND d.end_date <= n.end_date)sql"};

// Marks of which a succeeded backfill of all entities computed all dates and that it saw: it is
// told in the way in which freshness is. Jobs of the same metrics are looked at by one of them. $1
// project.
inline constexpr pg::Statement kDeleteMetMarks{"delete_met_marks", R"sql(
WITH jobs AS MATERIALIZED (
  SELECT backfill_id, metrics_sha256, created_at, created_snapshot, requested_dates
    FROM backfills
   WHERE project_id = $1 AND state = 'succeeded' AND metrics_sha256 IS NOT NULL
     AND created_snapshot IS NOT NULL AND requested_dates IS NOT NULL
     AND created_at >= (SELECT min(created_at) FROM dirty_ranges WHERE project_id = $1)),
computed AS MATERIALIZED (
  SELECT j.metrics_sha256, m.id, m.version,
         array_position(ARRAY['hour', 'day', 'week', 'month', 'quarter', 'year'], m.grain) AS grain
    FROM (SELECT metrics_sha256, min(backfill_id) AS backfill_id FROM jobs
           GROUP BY metrics_sha256) j
    JOIN backfills b USING (backfill_id)
   CROSS JOIN LATERAL jsonb_to_recordset(b.spec -> 'metrics')
              AS m (id text, version integer, grain text))
DELETE FROM dirty_ranges d
 WHERE d.project_id = $1
   AND EXISTS (SELECT
                 FROM computed c
                 JOIN jobs j USING (metrics_sha256)
                WHERE c.id = d.metric_id AND c.version = d.version AND c.grain = d.grain
                  AND j.requested_dates @> daterange(d.start_date, d.end_date)
                  AND j.created_at >= d.created_at
                  AND pg_visible_in_snapshot(d.created_xid, j.created_snapshot)))sql"};

// $1 project; $2 to $8: one element for each mark.
inline constexpr pg::Statement kInsertDirtyRanges{"insert_dirty_ranges", R"sql(
INSERT INTO dirty_ranges (project_id, metric_id, version, grain, start_date, end_date, cause, detail)
SELECT $1, d.metric_id, d.version, d.grain, d.start_date, d.end_date, d.cause, d.detail
  FROM unnest($2::text[], $3::integer[], $4::integer[], $5::date[], $6::date[], $7::text[],
              $8::text[])
       AS d (metric_id, version, grain, start_date, end_date, cause, detail))sql"};

// $1 project; $2 metrics, $3 versions beside them: marks at grain hour, with their dates.
inline constexpr pg::Statement kSelectMarksOfHours{"select_marks_of_hours", R"sql(
SELECT d.dirty_id, d.start_date, d.end_date
  FROM unnest($2::text[], $3::integer[]) AS t (metric_id, version)
  JOIN dirty_ranges d
    ON d.project_id = $1 AND d.metric_id = t.metric_id AND d.version = t.version AND d.grain = 1
 ORDER BY d.dirty_id)sql"};

// $1 project; $2 metrics, $3 versions beside them: the place of a version from 1 with each of the
// hashes that succeeded backfills share that compute it by the hour for all entities. Jobs of the
// same metrics are looked at by one of them.
inline constexpr pg::Statement kSelectHourJobNames{"select_hour_job_names", R"sql(
WITH jobs AS MATERIALIZED (
  SELECT metrics_sha256, min(backfill_id) AS backfill_id
    FROM backfills
   WHERE project_id = $1 AND state = 'succeeded' AND metrics_sha256 IS NOT NULL
     AND created_snapshot IS NOT NULL AND requested_dates IS NOT NULL
   GROUP BY metrics_sha256)
SELECT t.place, encode(j.metrics_sha256, 'hex') AS metrics
  FROM jobs j
  JOIN backfills b USING (backfill_id)
 CROSS JOIN LATERAL jsonb_to_recordset(b.spec -> 'metrics')
            AS m (id text, version integer, grain text)
  JOIN unnest($2::text[], $3::integer[]) WITH ORDINALITY AS t (id, version, place)
    ON t.id = m.id AND t.version = m.version
 WHERE m.grain = 'hour'
 ORDER BY t.place, metrics)sql"};

// $1 project; $2 hashes: the jobs of each, with their dates, when they were created, and the first
// transaction that ran then.
inline constexpr pg::Statement kSelectHourJobs{"select_hour_jobs", R"sql(
SELECT encode(metrics_sha256, 'hex'), lower(requested_dates), upper(requested_dates), created_at,
       pg_snapshot_xmin(created_snapshot)::text::bigint
  FROM backfills
 WHERE project_id = $1 AND state = 'succeeded' AND created_snapshot IS NOT NULL
   AND requested_dates IS NOT NULL AND NOT isempty(requested_dates)
   AND encode(metrics_sha256, 'hex') = ANY ($2::text[])
 ORDER BY created_at DESC, backfill_id DESC)sql"};

// Batches that changed rows, those of the same dates and day of acceptance together: first and last
// date (NULL: unknown), when the last was accepted, the greatest transaction (NULL: unknown). $1
// project, $2 datasets, $3 zone, $4 seconds from midnight at which dates are cut.
inline constexpr pg::Statement kSelectBatchDates{"select_batch_dates", R"sql(
SELECT dataset,
       ((first_row_at AT TIME ZONE $3) - make_interval(secs => $4::double precision))::date AS f,
       ((last_row_at AT TIME ZONE $3) - make_interval(secs => $4::double precision))::date AS l,
       max(created_at), max(created_xid::text::bigint)
  FROM ingest_batches
 WHERE project_id = $1 AND dataset = ANY ($2::text[]) AND inserted_rows + updated_rows > 0
 GROUP BY dataset, f, l, date_trunc('day', created_at), created_xid IS NULL)sql"};

// $1 project; $2 marks, $3 and $4 their dates from now on: no backfill of before meets them.
inline constexpr pg::Statement kRedateMarks{"redate_marks", R"sql(
UPDATE dirty_ranges d
   SET start_date = n.start_date, end_date = n.end_date, created_xid = pg_current_xact_id(),
       created_at = now()
  FROM unnest($2::bigint[], $3::date[], $4::date[]) AS n (dirty_id, start_date, end_date)
 WHERE d.project_id = $1 AND d.dirty_id = n.dirty_id)sql"};

// $1 project; $2 metrics, $3 versions, $4 grains beside them: series, each with its grain.
inline constexpr pg::Statement kSelectSeriesOfVersions{"select_series_of_versions", R"sql(
SELECT s.series_id, s.grain::integer
  FROM unnest($2::text[], $3::integer[], $4::integer[]) AS t (metric_id, version, grain)
  JOIN metric_series s
    ON s.project_id = $1 AND s.metric_id = t.metric_id AND s.version = t.version
   AND s.grain = t.grain
 ORDER BY s.series_id)sql"};

// $1 project, $2 series.
inline constexpr pg::Statement kDeleteChunksOfSeries{"delete_chunks_of_series", R"sql(
DELETE FROM metric_chunk WHERE project_id = $1 AND series_id = ANY ($2::bigint[]))sql"};

inline constexpr const pg::Statement* kEffectStatements[] = {
    &kSelectStoredVersions,   &kSelectComputedVersions, &kSelectServedDefinitions,
    &kCountTouchedPoints,     &kDeleteCoveredMarks,     &kDeleteMetMarks,
    &kInsertDirtyRanges,      &kSelectMarksOfHours,     &kSelectHourJobNames,
    &kSelectHourJobs,         &kSelectBatchDates,       &kRedateMarks,
    &kSelectSeriesOfVersions, &kDeleteChunksOfSeries};

}  // namespace metricstore::registry
