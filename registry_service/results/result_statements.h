// SQL of stored series and chunks.
#pragma once

#include "common/pg/statement.h"

namespace metricstore::registry {

// The fence: a worker whose lease was lost, or whose job ended, changes no row. $1 shard, $2 fence,
// $3 rows read, $4 points.
inline constexpr pg::Statement kFinishShard{"finish_shard", R"sql(
UPDATE backfill_shards
   SET state = 'done', rows_read = $3, points = $4, error = '', lease_until = NULL,
       updated_at = clock_timestamp()
 WHERE shard_id = $1 AND fence = $2 AND state = 'leased'
RETURNING backfill_id, spec,
          (SELECT b.project_id FROM backfills b
            WHERE b.backfill_id = backfill_shards.backfill_id))sql"};

// $1 shard, $2 fence.
inline constexpr pg::Statement kSelectFinishedShard{"select_finished_shard", R"sql(
SELECT points FROM backfill_shards WHERE shard_id = $1 AND fence = $2 AND state = 'done')sql"};

// Creates what is missing, in order, so that concurrent commits wait but cannot deadlock. $1
// project; $2 to $5: one element for each series.
inline constexpr pg::Statement kInsertSeries{"insert_series", R"sql(
INSERT INTO metric_series (project_id, metric_id, version, grain, entity)
SELECT $1, n.metric_id, n.version, n.grain, n.entity
  FROM unnest($2::text[], $3::integer[], $4::integer[], $5::text[])
       AS n (metric_id, version, grain, entity)
 WHERE NOT EXISTS (SELECT FROM metric_series s
                    WHERE s.project_id = $1 AND s.metric_id = n.metric_id
                      AND s.version = n.version AND s.grain = n.grain AND s.entity = n.entity
                      AND s.dimensions = '{}')
 ORDER BY n.metric_id, n.version, n.grain, n.entity
    ON CONFLICT DO NOTHING)sql"};

// The places, from 1, of the series that are stored, and their ids. Locks them until the end of the
// transaction: whoever changes chunks of a series holds its lock, so that what was read stays true.
// Parameters as above.
inline constexpr pg::Statement kLockSeries{"lock_series", R"sql(
WITH held AS (
  SELECT s.series_id, n.place
    FROM unnest($2::text[], $3::integer[], $4::integer[], $5::text[])
         WITH ORDINALITY AS n (metric_id, version, grain, entity, place)
    JOIN metric_series s ON s.project_id = $1 AND s.metric_id = n.metric_id
     AND s.version = n.version AND s.grain = n.grain AND s.entity = n.entity
     AND s.dimensions = '{}'
   ORDER BY s.series_id FOR NO KEY UPDATE OF s)
SELECT place, series_id FROM held)sql"};

// $1 project; $2 and $3: one element for each chunk.
inline constexpr pg::Statement kDeleteChunks{"delete_chunks", R"sql(
DELETE FROM metric_chunk c
 USING unnest($2::bigint[], $3::date[]) AS d (series_id, span_start)
 WHERE c.project_id = $1 AND c.series_id = d.series_id AND c.span_start = d.span_start)sql"};

}  // namespace metricstore::registry
