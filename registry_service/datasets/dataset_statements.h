// SQL of datasets, their columns and the catalogue of raw tables.
#pragma once

#include "common/pg/statement.h"

namespace metricstore::registry {

// $1 project, $2 names.
inline constexpr pg::Statement kSelectDatasets{"select_datasets", R"sql(
SELECT name, layer, description, grain, coalesce(time_column, ''), coalesce(entity_column, ''),
       coalesce(calendar, ''), extract(epoch FROM timeframe)::bigint,
       extract(epoch FROM retention)::bigint, partitioning, created_at, updated_at
  FROM datasets
 WHERE project_id = $1 AND name = ANY ($2)
 ORDER BY name COLLATE "C")sql"};

// $1 project, $2 name after which the page starts, $3 limit.
inline constexpr pg::Statement kSelectDatasetPage{"select_dataset_page", R"sql(
SELECT name
  FROM datasets
 WHERE project_id = $1 AND name COLLATE "C" > $2
 ORDER BY name COLLATE "C"
 LIMIT $3)sql"};

// $1 project, $2 names of datasets.
inline constexpr pg::Statement kSelectColumns{"select_columns", R"sql(
SELECT table_name, column_name, basetype, nullable, unit, rollup, description
  FROM column_metadata
 WHERE project_id = $1 AND table_name = ANY ($2)
 ORDER BY table_name, position)sql"};

// $1 project, $2 names of datasets.
inline constexpr pg::Statement kSelectDatasetStatistics{"select_dataset_statistics", R"sql(
SELECT dataset, sum(row_count)::bigint, count(*) FILTER (WHERE entity <> '' AND row_count > 0),
       min(oldest_at), max(newest_at)
  FROM dataset_entities
 WHERE project_id = $1 AND dataset = ANY ($2)
 GROUP BY dataset)sql"};

// $1 project, $2 name, $3 layer, $4 description, $5 grain, $6 time column, $7 entity column,
// $8 calendar, $9 and $10 timeframe and retention in seconds or NULL, $11 partitioning.
inline constexpr pg::Statement kUpsertDataset{"upsert_dataset", R"sql(
INSERT INTO datasets AS d (project_id, name, layer, description, grain, time_column, entity_column,
                           calendar, timeframe, retention, partitioning)
VALUES ($1, $2, $3, $4, $5, nullif($6, ''), nullif($7, ''), nullif($8, ''),
        make_interval(secs => $9::bigint), make_interval(secs => $10::bigint), $11)
    ON CONFLICT (project_id, name) DO UPDATE
   SET layer = excluded.layer, description = excluded.description, grain = excluded.grain,
       time_column = excluded.time_column, entity_column = excluded.entity_column,
       calendar = excluded.calendar, timeframe = excluded.timeframe,
       retention = excluded.retention, partitioning = excluded.partitioning,
       updated_at = greatest(now(), d.updated_at + interval '1 microsecond'))sql"};

// $1 project, $2 dataset, $3 names of the columns that it still has.
inline constexpr pg::Statement kDeleteColumns{"delete_columns", R"sql(
DELETE FROM column_metadata
 WHERE project_id = $1 AND table_name = $2 AND column_name <> ALL ($3::text[]))sql"};

// $1 project, $2 dataset; $3 to $8: one element for each column. What someone said of a column
// outlives what its dataset declares.
inline constexpr pg::Statement kUpsertColumns{"upsert_columns", R"sql(
INSERT INTO column_metadata AS m (project_id, table_name, column_name, position, basetype, nullable,
                                  unit, rollup, description)
SELECT $1, $2, c.name, c.position, c.basetype, c.nullable = 1, c.unit, c.rollup, c.description
  FROM unnest($3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[])
       WITH ORDINALITY AS c (name, basetype, nullable, unit, rollup, description, position)
    ON CONFLICT (project_id, table_name, column_name) DO UPDATE
   SET position = excluded.position, basetype = excluded.basetype, nullable = excluded.nullable,
       unit = excluded.unit, rollup = excluded.rollup,
       description = CASE m.source WHEN 'definition' THEN excluded.description
                                   ELSE m.description END,
       updated_at = now()
 WHERE (m.position, m.basetype, m.nullable, m.unit, m.rollup) IS DISTINCT FROM
       (excluded.position, excluded.basetype, excluded.nullable, excluded.unit, excluded.rollup)
    OR m.source = 'definition' AND m.description <> excluded.description)sql"};

// $1 project, $2 dataset.
inline constexpr pg::Statement kDeleteDatasetEntities{
    "delete_dataset_entities",
    "DELETE FROM dataset_entities WHERE project_id = $1 AND dataset = $2"};

// $1 name of the raw table. No row if there is none.
inline constexpr pg::Statement kSelectRawTable{"select_raw_table", R"sql(
SELECT coalesce(pg_get_partkeydef(t.oid), ''),
       ARRAY(SELECT a.attname::text
               FROM pg_index i
              CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (attnum, place)
               JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
              WHERE i.indrelid = t.oid AND i.indisprimary
              ORDER BY k.place)
  FROM pg_class t
 WHERE t.relnamespace = 'public'::regnamespace AND t.relname = $1 AND t.relkind IN ('r', 'p'))sql"};

// $1 name of the raw table.
inline constexpr pg::Statement kSelectRawColumns{"select_raw_columns", R"sql(
SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull
  FROM pg_attribute a
  JOIN pg_class t ON t.oid = a.attrelid
 WHERE t.relnamespace = 'public'::regnamespace AND t.relname = $1 AND a.attnum > 0
   AND NOT a.attisdropped
 ORDER BY a.attnum)sql"};

// $1 name of a dataset, $2 a project: how the other projects partition the shared table.
inline constexpr pg::Statement kSelectOtherPartitionings{"select_other_partitionings", R"sql(
SELECT DISTINCT partitioning FROM datasets WHERE name = $1 AND project_id <> $2)sql"};

// $1 names of tables; gives those that exist.
inline constexpr pg::Statement kSelectExistingTables{"select_existing_tables", R"sql(
SELECT relname::text
  FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relname = ANY ($1::text[]) AND relispartition)sql"};

// $1 name of the raw table.
inline constexpr pg::Statement kLockRawTable{"lock_raw_table", R"sql(
SELECT pg_advisory_xact_lock(hashtextextended('raw_table/' || $1::text, 0)))sql"};

inline constexpr const pg::Statement* kDatasetStatements[] = {
    &kSelectDatasets,
    &kSelectDatasetPage,
    &kSelectColumns,
    &kSelectDatasetStatistics,
    &kUpsertDataset,
    &kDeleteColumns,
    &kUpsertColumns,
    &kDeleteDatasetEntities,
    &kSelectRawTable,
    &kSelectRawColumns,
    &kSelectOtherPartitionings,
    &kSelectExistingTables,
    &kLockRawTable,
};

}  // namespace metricstore::registry
