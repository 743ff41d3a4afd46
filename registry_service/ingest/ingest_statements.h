// SQL of batches and of what is stored of each entity. SQL over raw tables is composed in raw_rows.
#pragma once

#include "common/pg/statement.h"

namespace metricstore::registry {

// First statement of a batch's transaction: waits for a concurrent one with the same id. $1
// project, $2 dataset, $3 batch id, $4 content hash.
inline constexpr pg::Statement kInsertBatch{"insert_batch", R"sql(
INSERT INTO ingest_batches (project_id, dataset, batch_id, content_sha256, inserted_rows,
                            updated_rows, unchanged_rows, rejected_rows)
VALUES ($1, $2, $3, $4, 0, 0, 0, 0)
    ON CONFLICT DO NOTHING)sql"};

// $1 project, $2 dataset, $3 batch id, $4 content hash.
inline constexpr pg::Statement kSelectBatch{"select_batch", R"sql(
SELECT content_sha256 = $4::bytea, inserted_rows, updated_rows, unchanged_rows, rejected_rows
  FROM ingest_batches WHERE project_id = $1 AND dataset = $2 AND batch_id = $3)sql"};

// $1 project, $2 dataset, $3 batch id; $4 to $7: rows inserted, updated, unchanged, rejected; $8
// and $9: times of the first and the last row that was inserted or updated (NULL: none, or no
// time).
inline constexpr pg::Statement kCountBatch{"count_batch", R"sql(
UPDATE ingest_batches
   SET inserted_rows = $4, updated_rows = $5, unchanged_rows = $6, rejected_rows = $7,
       first_row_at = $8, last_row_at = $9
 WHERE project_id = $1 AND dataset = $2 AND batch_id = $3)sql"};

// Where the entity is no part of the key, one batch at a time may change which rows it has. $1
// project, $2 dataset.
inline constexpr pg::Statement kLockDataset{"lock_dataset", R"sql(
SELECT name FROM datasets WHERE project_id = $1 AND name = $2 FOR NO KEY UPDATE)sql"};

// In order, as all locks on entities: batches wait for each other but cannot deadlock. $1 project,
// $2 dataset, $3 entities.
inline constexpr pg::Statement kInsertEntities{"insert_entities", R"sql(
INSERT INTO dataset_entities (project_id, dataset, entity, row_count)
SELECT $1, $2, entity, 0 FROM unnest($3::text[]) AS e (entity) ORDER BY entity COLLATE "C"
    ON CONFLICT DO NOTHING)sql"};

// The entities with the times they have rows at, in order. $1 project, $2 dataset, $3 entities.
inline constexpr pg::Statement kLockEntities{"lock_entities", R"sql(
SELECT entity, oldest_at, newest_at FROM dataset_entities
 WHERE project_id = $1 AND dataset = $2 AND entity = ANY ($3::text[])
 ORDER BY entity COLLATE "C" FOR UPDATE)sql"};

// $1 project, $2 dataset.
inline constexpr pg::Statement kSelectStoredTimes{"select_stored_times", R"sql(
SELECT min(oldest_at), max(newest_at) FROM dataset_entities
 WHERE project_id = $1 AND dataset = $2)sql"};

// $1 project, $2 dataset; $3 to $6, one element for each entity: name, rows more (or less), times
// of the batch's oldest and newest row (ignored if $7 is false).
inline constexpr pg::Statement kCountEntities{"count_entities", R"sql(
UPDATE dataset_entities e
   SET row_count = e.row_count + d.row_count,
       oldest_at = CASE WHEN $7::boolean THEN least(e.oldest_at, d.oldest_at) END,
       newest_at = CASE WHEN $7::boolean THEN greatest(e.newest_at, d.newest_at) END
  FROM unnest($3::text[], $4::bigint[], $5::timestamptz[], $6::timestamptz[])
       AS d (entity, row_count, oldest_at, newest_at)
 WHERE e.project_id = $1 AND e.dataset = $2 AND e.entity = d.entity
   AND (d.row_count <> 0 OR ($7::boolean AND (e.oldest_at IS NULL OR d.oldest_at < e.oldest_at
                                              OR d.newest_at > e.newest_at))))sql"};

// Rows that changed their entity: $1 project, $2 dataset; $3 and $4, one element for each entity
// they left: name, rows.
inline constexpr pg::Statement kMoveFromEntities{"move_from_entities", R"sql(
UPDATE dataset_entities e SET row_count = e.row_count - d.row_count
  FROM unnest($3::text[], $4::bigint[]) AS d (entity, row_count)
 WHERE e.project_id = $1 AND e.dataset = $2 AND e.entity = d.entity)sql"};

}  // namespace metricstore::registry
