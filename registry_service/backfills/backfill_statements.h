// SQL of jobs, shards and leases. All times are the database's: clocks of clients do not matter.
#pragma once

#include "common/pg/statement.h"

namespace metricstore::registry {

// What a job that is planned now sees at least.
inline constexpr pg::Statement kSelectSnapshot{"select_snapshot", R"sql(
SELECT pg_current_snapshot()::text)sql"};

// $1 project, $2 dataset, $3 entities (none: all).
inline constexpr pg::Statement kSelectEntityRows{"select_entity_rows", R"sql(
SELECT entity, row_count, oldest_at, newest_at
  FROM dataset_entities
 WHERE project_id = $1 AND dataset = $2 AND ($3::text[] = '{}' OR entity = ANY ($3::text[]))
 ORDER BY entity COLLATE "C")sql"};

// Where entities have points outside of the instants of their rows: the oldest and the newest
// bucket, of metrics with marks among the dates. Others have none there: points come to lie where
// no rows are by changes that leave marks. $1 project; $2 metrics, $3 versions, $4 grains: one
// element for each; $5 entities, $6 and $7 the instants of their rows (none: equal): one element
// for each; $8 and $9 the dates, $10 and $11 their instants.
inline constexpr pg::Statement kSelectLeftPoints{"select_left_points", R"sql(
WITH marked AS MATERIALIZED (
  SELECT DISTINCT m.id, m.version, m.grain
    FROM unnest($2::text[], $3::integer[], $4::integer[]) AS m (id, version, grain)
    JOIN dirty_ranges d
      ON d.project_id = $1 AND d.metric_id = m.id AND d.version = m.version AND d.grain = m.grain
     AND d.start_date < $9::date AND d.end_date > $8::date)
SELECT e.entity, min(p.oldest), max(p.newest)
  FROM marked m
 CROSS JOIN unnest($5::text[], $6::timestamptz[], $7::timestamptz[])
         AS e (entity, rows_start, rows_end)
  JOIN metric_series s
    ON s.project_id = $1 AND s.metric_id = m.id AND s.version = m.version AND s.grain = m.grain
   AND s.entity = e.entity
  JOIN metric_chunk c
    ON c.project_id = $1 AND c.series_id = s.series_id AND c.bucket_starts[1] < $11
   AND c.bucket_starts[cardinality(c.bucket_starts)] >= $10
 CROSS JOIN LATERAL (
       SELECT min(b) AS oldest, max(b) AS newest
         FROM unnest(c.bucket_starts) AS b
        WHERE b >= $10 AND b < $11 AND NOT (b >= e.rows_start AND b < e.rows_end)) p
 WHERE p.oldest IS NOT NULL
 GROUP BY e.entity)sql"};

// Callers with the same request id wait for each other until their transaction ends. $1 project, $2
// request id.
inline constexpr pg::Statement kLockRequestId{"lock_backfill_request_id", R"sql(
SELECT pg_advisory_xact_lock(
         hashtextextended('backfill_request/' || $1::text || '/' || $2::text, 0)))sql"};

// Whether the id stands for the same request, for which job, and which metrics that leaves out. $1
// project, $2 request id, $3 request.
inline constexpr pg::Statement kSelectRequest{"select_backfill_request", R"sql(
SELECT r.request_sha256 = sha256(convert_to($3, 'UTF8')), backfill_id,
       coalesce(b.spec -> 'skipped', '[]')
  FROM backfill_requests r JOIN backfills b USING (backfill_id)
 WHERE r.project_id = $1 AND r.request_id = $2)sql"};

// $1 project, $2 request id, $3 request, $4 backfill.
inline constexpr pg::Statement kInsertRequest{"insert_backfill_request", R"sql(
INSERT INTO backfill_requests (project_id, request_id, request_sha256, backfill_id)
VALUES ($1, $2, sha256(convert_to($3, 'UTF8')), $4))sql"};

// Batches that changed no row, or that the job need not see, do not count. $1 project, $2 what is
// planned, $3 datasets, sorted, $4 the plan's snapshot.
inline constexpr pg::Statement kJobIdentity{"job_identity", R"sql(
SELECT encode(sha256(convert_to($2::text || E'\n' || coalesce(string_agg(
         d.name || ' ' || (SELECT count(*) FROM ingest_batches b
                            WHERE b.project_id = $1 AND b.dataset = d.name
                              AND b.inserted_rows + b.updated_rows > 0
                              AND coalesce(pg_visible_in_snapshot(b.created_xid, $4::pg_snapshot),
                                           true))::text,
         ' ' ORDER BY d.place), ''), 'UTF8')), 'hex')
  FROM unnest($3::text[]) WITH ORDINALITY AS d (name, place))sql"};

// The lock that writes to the catalogue hold (LockCatalog, by the same key), shared: once it is
// held, a version that comes to be served later finds the job. $1 project.
inline constexpr pg::Statement kHoldCatalog{"hold_catalog", R"sql(
SELECT pg_advisory_xact_lock_shared(hashtextextended('import/' || $1::text, 0)))sql"};

// Whether readers are still served these versions. $1 project, $2 metrics, $3 versions beside them.
inline constexpr pg::Statement kReadsStand{"reads_stand", R"sql(
SELECT NOT EXISTS (SELECT FROM unnest($2::text[], $3::integer[]) AS r (id, version)
                    WHERE NOT EXISTS (SELECT FROM metric_definitions d
                                       WHERE d.project_id = $1 AND d.id = r.id
                                         AND d.active_version = r.version)))sql"};

// Whether all of the datasets still follow this version of this calendar, or one that differs from
// it by descriptions and names of days alone. $1 project, $2 datasets, each once, $3 calendar, $4
// version.
inline constexpr pg::Statement kCalendarStands{"calendar_stands", R"sql(
WITH meanings AS (
  SELECT version,
         (SELECT jsonb_object_agg(
                   key, CASE WHEN key IN ('holidays', 'special_hours', 'special_sessions')
                             THEN (SELECT jsonb_agg(day - 'name' ORDER BY place)
                                     FROM jsonb_array_elements(value)
                                          WITH ORDINALITY AS d (day, place))
                             ELSE value END)
            FROM jsonb_each(definition - 'description')) AS meaning
    FROM calendars
   WHERE project_id = $1 AND name = $3 AND version >= $4)
SELECT (SELECT count(*) FROM datasets
         WHERE project_id = $1 AND name = ANY ($2::text[]) AND calendar = $3)
       = cardinality($2::text[])
   AND (SELECT count(DISTINCT meaning) FROM meanings) <= 1)sql"};

// Waits for a concurrent insert of the same job. $1 project, $2 identity, $3 specification, $4
// shards, $5 skipped metrics: kept with the specification, though no part of the identity; $6 and
// $7 the requested dates, $8 the plan's snapshot.
inline constexpr pg::Statement kInsertBackfill{"insert_backfill", R"sql(
INSERT INTO backfills (project_id, request_sha256, spec, state, shards_total, requested_dates,
                       metrics_sha256, created_snapshot)
VALUES ($1, decode($2::text, 'hex'),
        $3::text::jsonb || jsonb_build_object('skipped', $5::text::jsonb), 'running', $4,
        daterange($6::date, $7::date),
        CASE WHEN $3::text::jsonb -> 'entities' = '[]'
             THEN sha256(convert_to(($3::text::jsonb -> 'metrics')::text, 'UTF8')) END,
        $8::pg_snapshot)
ON CONFLICT (project_id, request_sha256) WHERE state = 'running' DO NOTHING
RETURNING backfill_id)sql"};

// $1 project, $2 identity.
inline constexpr pg::Statement kSelectUnfinished{"select_unfinished_backfill", R"sql(
SELECT backfill_id FROM backfills
 WHERE project_id = $1 AND request_sha256 = decode($2::text, 'hex')
   AND state = 'running')sql"};

// Shard ids grow in the order of the specifications. $1 backfill, $2 specifications.
inline constexpr pg::Statement kInsertShards{"insert_backfill_shards", R"sql(
INSERT INTO backfill_shards (backfill_id, spec)
SELECT $1, spec::jsonb
  FROM unnest($2::text[]) WITH ORDINALITY AS s (spec, place) ORDER BY place)sql"};

// Jobs with their progress, newest first: $1 project, $2 only this id (NULL: all), $3 ids below
// this, $4 at most so many.
inline constexpr pg::Statement kSelectBackfills{"select_backfills", R"sql(
SELECT b.backfill_id, b.spec, b.state, b.shards_total, s.done, s.failed, s.leased, s.rows_read,
       s.points, b.error, b.created_at, greatest(b.updated_at, s.updated_at), b.ended_at,
       extract(epoch FROM clock_timestamp()
                          - greatest(b.created_at, s.updated_at, s.renewed_at))::double precision
  FROM (SELECT * FROM backfills
         WHERE project_id = $1 AND ($2::bigint IS NULL OR backfill_id = $2) AND backfill_id < $3
         ORDER BY backfill_id DESC LIMIT $4) b
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE state = 'done') AS done,
              count(*) FILTER (WHERE state = 'failed') AS failed,
              count(*) FILTER (WHERE state = 'leased') AS leased,
              coalesce(sum(rows_read) FILTER (WHERE state = 'done'), 0)::bigint AS rows_read,
              coalesce(sum(points) FILTER (WHERE state = 'done'), 0)::bigint AS points,
              max(updated_at) AS updated_at, max(renewed_at) AS renewed_at
         FROM backfill_shards WHERE backfill_id = b.backfill_id) s
 ORDER BY b.backfill_id DESC)sql"};

// Shards in order, as everywhere where several are locked: leases, renewals and cancellations
// cannot deadlock. A commit that holds a shard is waited for. $1 project, $2 backfill.
inline constexpr pg::Statement kCancelShards{"cancel_backfill_shards", R"sql(
WITH waiting AS (
  SELECT shard_id FROM backfill_shards
   WHERE backfill_id = (SELECT backfill_id FROM backfills
                         WHERE project_id = $1 AND backfill_id = $2)
     AND state IN ('queued', 'leased')
   ORDER BY shard_id FOR UPDATE)
UPDATE backfill_shards s SET state = 'cancelled', lease_until = NULL, updated_at = clock_timestamp()
  FROM waiting w WHERE s.shard_id = w.shard_id)sql"};

// $1 project, $2 backfill.
inline constexpr pg::Statement kCancelBackfill{"cancel_backfill", R"sql(
UPDATE backfills
   SET state = 'cancelled', updated_at = clock_timestamp(), ended_at = clock_timestamp()
 WHERE project_id = $1 AND backfill_id = $2 AND state = 'running')sql"};

// A shard whose workers died too often would take the next one down as well. $1 leases that may run
// out.
inline constexpr pg::Statement kFailAbandonedShards{"fail_abandoned_shards", R"sql(
WITH abandoned AS (
  SELECT shard_id FROM backfill_shards
   WHERE state = 'leased' AND lease_until < clock_timestamp() AND attempts - failures >= $1
   ORDER BY shard_id FOR UPDATE SKIP LOCKED)
UPDATE backfill_shards s
   SET state = 'failed', lease_until = NULL, updated_at = clock_timestamp(),
       error = format('lease expired %s times: its workers died or stopped',
                      s.attempts - s.failures)
  FROM abandoned a WHERE s.shard_id = a.shard_id
RETURNING s.backfill_id, s.error)sql"};

// Oldest first; fewer than asked for if their specifications would not fit into a reply. $1 worker,
// $2 at most so many, $3 seconds of the lease, $4 bytes of specifications.
inline constexpr pg::Statement kLeaseShards{"lease_shards", R"sql(
WITH waiting AS (
  SELECT shard_id, octet_length(spec::text) AS bytes FROM backfill_shards
   WHERE state = 'queued' OR (state = 'leased' AND lease_until < clock_timestamp())
   ORDER BY shard_id LIMIT $2 FOR UPDATE SKIP LOCKED),
picked AS (
  SELECT shard_id
    FROM (SELECT shard_id, sum(bytes) OVER (ORDER BY shard_id) AS bytes,
                 row_number() OVER (ORDER BY shard_id) AS place FROM waiting) w
   WHERE place = 1 OR bytes <= $4),
leased AS (
  UPDATE backfill_shards s
     SET state = 'leased', fence = s.fence + 1, attempts = s.attempts + 1, worker = $1,
         lease_until = clock_timestamp() + make_interval(secs => $3::double precision),
         renewed_at = clock_timestamp(), updated_at = clock_timestamp()
    FROM picked p WHERE s.shard_id = p.shard_id
  RETURNING s.shard_id, s.backfill_id, s.fence, s.lease_until, s.spec, s.attempts)
SELECT l.shard_id, l.backfill_id, l.fence, l.lease_until, p.name, l.spec, l.attempts
  FROM leased l JOIN backfills b USING (backfill_id) JOIN projects p USING (project_id)
 ORDER BY l.shard_id)sql"};

// Of shards that were just leased those whose datasets no longer follow their calendar's version
// (told as by kCalendarStands), and with them what waits in the same job for the same: they fail.
// Commits check again, under a lock: this only saves work. $1 shards, $2 the beginning of the
// error, $3 its end.
inline constexpr pg::Statement kFailOutdatedShards{"fail_outdated_shards", R"sql(
WITH leased AS (
  SELECT s.backfill_id, b.project_id, s.spec -> 'dataset' AS dataset,
         coalesce(s.spec -> 'also_reads', '[]') AS also_reads, s.spec ->> 'calendar' AS calendar,
         (s.spec ->> 'calendar_version')::integer AS version
    FROM backfill_shards s JOIN backfills b USING (backfill_id)
   WHERE s.shard_id = ANY ($1::bigint[])),
meanings AS (
  SELECT c.project_id, c.name, c.version,
         (SELECT jsonb_object_agg(
                   key, CASE WHEN key IN ('holidays', 'special_hours', 'special_sessions')
                             THEN (SELECT jsonb_agg(day - 'name' ORDER BY place)
                                     FROM jsonb_array_elements(value)
                                          WITH ORDINALITY AS d (day, place))
                             ELSE value END)
            FROM jsonb_each(c.definition - 'description')) AS meaning
    FROM calendars c
    JOIN (SELECT project_id, calendar, min(version) AS version FROM leased GROUP BY 1, 2) l
      ON l.project_id = c.project_id AND l.calendar = c.name AND l.version <= c.version),
outdated AS (
  SELECT DISTINCT backfill_id, dataset, also_reads, calendar, version
    FROM leased l
   WHERE (SELECT count(DISTINCT m.meaning) FROM meanings m
           WHERE m.project_id = l.project_id AND m.name = l.calendar
             AND m.version >= l.version) > 1
      OR EXISTS (SELECT FROM jsonb_array_elements_text(l.also_reads || l.dataset) AS r (name)
                  WHERE NOT EXISTS (SELECT FROM datasets d
                                     WHERE d.project_id = l.project_id AND d.name = r.name
                                       AND d.calendar = l.calendar))),
waiting AS (
  SELECT s.shard_id, o.dataset, o.calendar, o.version
    FROM outdated o
    JOIN backfill_shards s
      ON s.backfill_id = o.backfill_id AND s.spec -> 'dataset' = o.dataset
     AND coalesce(s.spec -> 'also_reads', '[]') = o.also_reads
     AND s.spec ->> 'calendar' = o.calendar
     AND (s.spec ->> 'calendar_version')::integer = o.version
   WHERE s.state = 'queued' OR s.shard_id = ANY ($1::bigint[])
   ORDER BY s.shard_id FOR UPDATE OF s SKIP LOCKED)
UPDATE backfill_shards s
   SET state = 'failed', lease_until = NULL, updated_at = clock_timestamp(),
       error = $2::text || format('shard %s was planned with calendar %s version %s', s.shard_id,
                                  w.calendar, w.version) || $3::text
  FROM waiting w WHERE s.shard_id = w.shard_id
RETURNING s.shard_id, s.backfill_id, s.error)sql"};

// A shard whose row is locked is in the middle of its commit, of an earlier renewal or of its end:
// nobody waits for that, and until it shows it counts as held, for as long as it was. $1 worker, $2
// shards, $3 their fences, $4 seconds of the lease.
inline constexpr pg::Statement kRenewLeases{"renew_leases", R"sql(
WITH asked AS (
  SELECT * FROM unnest($2::bigint[], $3::bigint[]) AS l (shard_id, fence)),
held AS (
  SELECT s.shard_id, s.lease_until FROM backfill_shards s JOIN asked USING (shard_id, fence)
   WHERE s.state = 'leased' AND s.worker = $1),
unlocked AS (
  SELECT s.shard_id FROM backfill_shards s JOIN asked USING (shard_id, fence)
   WHERE s.state = 'leased' AND s.worker = $1
   ORDER BY s.shard_id FOR UPDATE OF s SKIP LOCKED),
renewed AS (
  UPDATE backfill_shards s
     SET lease_until = clock_timestamp() + make_interval(secs => $4::double precision),
         renewed_at = clock_timestamp()
    FROM unlocked u WHERE s.shard_id = u.shard_id
  RETURNING s.shard_id, s.lease_until)
SELECT shard_id, coalesce(r.lease_until, h.lease_until)
  FROM held h LEFT JOIN renewed r USING (shard_id))sql"};

// Given back without an error, the attempt does not count. $1 shard, $2 fence, $3 error, $4
// permanent, $5 errors that are one too many.
inline constexpr pg::Statement kReleaseShard{"release_shard", R"sql(
UPDATE backfill_shards
   SET state = CASE WHEN $3::text <> '' AND ($4::boolean OR failures + 1 >= $5)
                    THEN 'failed' ELSE 'queued' END,
       attempts = attempts - CASE WHEN $3::text = '' THEN 1 ELSE 0 END,
       failures = failures + CASE WHEN $3::text = '' THEN 0 ELSE 1 END,
       error = $3::text, lease_until = NULL, updated_at = clock_timestamp()
 WHERE shard_id = $1 AND fence = $2 AND state = 'leased'
RETURNING backfill_id, state)sql"};

// Keeps the first error. $1 backfill, $2 error.
inline constexpr pg::Statement kNoteError{"note_backfill_error", R"sql(
UPDATE backfills SET error = $2, updated_at = clock_timestamp()
 WHERE backfill_id = $1 AND error = '')sql"};

// Of several shards that end at once the last sees the others. $1 backfill.
inline constexpr pg::Statement kLockBackfill{"lock_backfill", R"sql(
SELECT backfill_id FROM backfills
 WHERE backfill_id = $1 AND state = 'running' FOR NO KEY UPDATE)sql"};

// $1 backfill.
inline constexpr pg::Statement kConcludeBackfill{"conclude_backfill", R"sql(
UPDATE backfills b
   SET state = CASE WHEN EXISTS (SELECT FROM backfill_shards
                                  WHERE backfill_id = $1 AND state = 'failed')
                    THEN 'failed' ELSE 'succeeded' END,
       updated_at = clock_timestamp(), ended_at = clock_timestamp()
 WHERE b.backfill_id = $1 AND b.state = 'running'
   AND NOT EXISTS (SELECT FROM backfill_shards
                    WHERE backfill_id = $1 AND state IN ('queued', 'leased')))sql"};

}  // namespace metricstore::registry
