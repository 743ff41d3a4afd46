// SQL of how new stored points are.
#pragma once

#include "common/pg/statement.h"

namespace metricstore::registry {

// The newest bucket of each metric version at each grain that has any, out of the last chunk of
// each of its series. $1 project; $2 metrics, $3 versions: one element for each.
inline constexpr pg::Statement kSelectNewestBuckets{"select_newest_buckets", R"sql(
SELECT m.id, m.version, s.grain, max(c.newest)
  FROM unnest($2::text[], $3::integer[]) AS m (id, version)
  JOIN metric_series s
    ON s.project_id = $1 AND s.metric_id = m.id AND s.version = m.version
 CROSS JOIN LATERAL (
       SELECT bucket_starts[cardinality(bucket_starts)] AS newest
         FROM metric_chunk
        WHERE project_id = s.project_id AND series_id = s.series_id
          AND cardinality(bucket_starts) > 0
        ORDER BY span_start DESC LIMIT 1) c
 GROUP BY m.id, m.version, s.grain)sql"};

// Likewise the oldest bucket, at given grains: $4, one element for each.
inline constexpr pg::Statement kSelectOldestBuckets{"select_oldest_buckets", R"sql(
SELECT m.id, m.version, m.grain, min(c.oldest)
  FROM unnest($2::text[], $3::integer[], $4::smallint[]) AS m (id, version, grain)
  JOIN metric_series s
    ON s.project_id = $1 AND s.metric_id = m.id AND s.version = m.version AND s.grain = m.grain
 CROSS JOIN LATERAL (
       SELECT bucket_starts[1] AS oldest
         FROM metric_chunk
        WHERE project_id = s.project_id AND series_id = s.series_id
          AND cardinality(bucket_starts) > 0
        ORDER BY span_start LIMIT 1) c
 GROUP BY m.id, m.version, m.grain)sql"};

// The versions and grains at which the given metrics have marks, from the first date to behind the
// last. $1 project, $2 metrics.
inline constexpr pg::Statement kSelectMarkedGrains{"select_marked_grains", R"sql(
SELECT metric_id, version, grain, min(start_date), max(end_date)
  FROM dirty_ranges
 WHERE project_id = $1 AND metric_id = ANY ($2::text[])
 GROUP BY metric_id, version, grain)sql"};

// Succeeded backfills of all entities, newest first, with their requested dates and what those that
// compute the same metrics share ("": from before this was kept). Jobs of before requested dates
// were kept have only those of the coarsest grain, which are told where there is no other. $1
// project; $2 not created before; $3 and $4 creation and id of the job to go on behind (NULL: from
// the newest), $5 at most so many.
inline constexpr pg::Statement kSelectFinishedJobs{"select_finished_jobs", R"sql(
SELECT backfill_id, created_at, created_snapshot::text,
       CASE WHEN requested_dates IS NOT NULL THEN lower(requested_dates)
            WHEN d.grains = 1 THEN (spec -> 'dates' ->> 0)::date END,
       CASE WHEN requested_dates IS NOT NULL THEN upper(requested_dates)
            WHEN d.grains = 1 THEN (spec -> 'dates' ->> 1)::date END,
       coalesce(encode(metrics_sha256, 'hex'), '')
  FROM (SELECT * FROM backfills
         WHERE project_id = $1 AND state = 'succeeded' AND created_at >= $2
           AND ($3::timestamptz IS NULL OR (created_at, backfill_id) < ($3, $4::bigint))
           AND (metrics_sha256 IS NOT NULL
                OR (requested_dates IS NULL AND spec -> 'entities' = '[]'))
         ORDER BY created_at DESC, backfill_id DESC LIMIT $5) b
 CROSS JOIN LATERAL (
       SELECT CASE WHEN requested_dates IS NULL
                   THEN (SELECT count(DISTINCT m ->> 'grain')
                           FROM jsonb_array_elements(spec -> 'metrics') AS m) END AS grains) d
 ORDER BY created_at DESC, backfill_id DESC)sql"};

// The places of those of the given metrics that jobs compute, separated by commas (NULL: none). $1
// project, $2 jobs; $3 a JSON object, "id version grain" to place.
inline constexpr pg::Statement kSelectJobMetrics{"select_job_metrics", R"sql(
SELECT backfill_id,
       (SELECT string_agg($3::jsonb ->> ((m ->> 'id') || ' ' || (m ->> 'version') || ' '
                                         || (m ->> 'grain')), ',')
          FROM jsonb_array_elements(spec -> 'metrics') AS m)
  FROM backfills WHERE project_id = $1 AND backfill_id = ANY ($2::bigint[]))sql"};

// Batches that changed rows, those of the same dates (of a trade date's clock) and day of
// acceptance together: first and last date (NULL: unknown), when the last of them was accepted, the
// greatest transaction (NULL: unknown), and a multirange of the minutes since the epoch from the
// first row to the last of each. Those whose transaction is among $6 stand alone. $1 project, $2
// dataset, $3 accepted at or after (NULL: all), $4 zone, $5 seconds from midnight at which dates
// are cut; without those that were accepted before $7 (NULL: none) by transactions before $8 and
// not among $6.
inline constexpr pg::Statement kSelectAcceptedRows{"select_accepted_rows", R"sql(
SELECT first_date, last_date, max(accepted_at), max(transaction),
       range_agg(int8range(first_minute, last_minute + 1))::text
  FROM (SELECT ((first_row_at AT TIME ZONE $4) - make_interval(secs => $5::double precision))::date
                 AS first_date,
               ((last_row_at AT TIME ZONE $4) - make_interval(secs => $5::double precision))::date
                 AS last_date,
               floor(date_part('epoch', first_row_at) / 60)::bigint AS first_minute,
               floor(date_part('epoch', last_row_at) / 60)::bigint AS last_minute,
               date_trunc('day', created_at) AS accepted_on, transaction IS NULL AS is_old,
               CASE WHEN transaction = ANY ($6::bigint[]) THEN transaction END AS alone,
               max(created_at) AS accepted_at, max(transaction) AS transaction
          FROM (SELECT first_row_at, last_row_at, created_at,
                       created_xid::text::bigint AS transaction
                  FROM ingest_batches
                 WHERE project_id = $1 AND dataset = $2 AND inserted_rows + updated_rows > 0
                   AND ($3::timestamptz IS NULL OR created_at >= $3)) b
         WHERE $7::timestamptz IS NULL OR created_at >= $7
            OR transaction >= $8 OR transaction = ANY ($6::bigint[])
         GROUP BY 1, 2, 3, 4, 5, 6, 7) m
 GROUP BY first_date, last_date, accepted_on, is_old, alone)sql"};

// Marks of the given metrics, with the metric's place from 1. $1 project; $2 metrics, $3 versions,
// $4 grains: one element for each; $5 written at or after (NULL: all).
inline constexpr pg::Statement kSelectMarks{"select_marks", R"sql(
SELECT m.place, d.start_date, d.end_date, d.detail, d.created_at, d.created_xid::text::bigint,
       d.cause
  FROM unnest($2::text[], $3::integer[], $4::smallint[])
       WITH ORDINALITY AS m (id, version, grain, place)
  JOIN dirty_ranges d ON d.project_id = $1 AND d.metric_id = m.id AND d.version = m.version
                     AND d.grain = m.grain
 WHERE $5::timestamptz IS NULL OR d.created_at >= $5
 ORDER BY m.place, d.dirty_id)sql"};

}  // namespace metricstore::registry
