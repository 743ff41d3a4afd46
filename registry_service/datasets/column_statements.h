// SQL of what is known of columns, and of the comments that tell it to other tools.
#pragma once

#include "common/pg/statement.h"

namespace metricstore::registry {

// $1 project, $2 table, $3 column.
inline constexpr pg::Statement kSelectColumnMetadata{"select_column_metadata", R"sql(
SELECT table_name, column_name, basetype, unit, description, confidence, source, updated_at
  FROM column_metadata
 WHERE project_id = $1 AND table_name = $2 AND column_name = $3)sql"};

// $1 project, $2 table, $3 column: whoever changes it waits.
inline constexpr pg::Statement kLockColumnMetadata{"lock_column_metadata", R"sql(
SELECT FROM column_metadata
 WHERE project_id = $1 AND table_name = $2 AND column_name = $3
   FOR NO KEY UPDATE)sql"};

// $1 project, $2 table or '' for all, $3 and $4 table and column after which the page starts,
// $5 limit. If that column is gone meanwhile, its table is told from the beginning.
inline constexpr pg::Statement kSelectColumnPage{"select_column_page", R"sql(
SELECT table_name, column_name, basetype, unit, description, confidence, source, updated_at
  FROM column_metadata
 WHERE project_id = $1 AND ($2::text = '' OR table_name = $2)
   AND (table_name COLLATE "C", position) >
       ($3, coalesce((SELECT position
                        FROM column_metadata
                       WHERE project_id = $1 AND table_name = $3 AND column_name = $4), 0))
 ORDER BY table_name COLLATE "C", position
 LIMIT $5)sql"};

// $1 project, $2 table.
inline constexpr pg::Statement kSelectColumnNames{"select_column_names", R"sql(
SELECT column_name
  FROM column_metadata
 WHERE project_id = $1 AND table_name = $2
 ORDER BY position)sql"};

// $1 project. What is known of columns beyond their declaration.
inline constexpr pg::Statement kSelectColumnNotes{"select_column_notes", R"sql(
SELECT table_name, column_name, description, confidence, source
  FROM column_metadata
 WHERE project_id = $1 AND (description <> '' OR confidence IS NOT NULL OR source <> 'definition')
 ORDER BY table_name COLLATE "C", position)sql"};

// $1 project, $2 table; $3 to $6: one element for each column. A confidence that nobody gave is ''.
inline constexpr pg::Statement kUpdateColumnNotes{"update_column_notes", R"sql(
UPDATE column_metadata AS m
   SET description = n.description, confidence = n.confidence, source = n.source,
       updated_at = greatest(now(), m.updated_at + interval '1 microsecond')
  FROM (SELECT c.name, c.description, nullif(c.confidence, '')::double precision AS confidence,
               c.source
          FROM unnest($3::text[], $4::text[], $5::text[], $6::text[])
               AS c (name, description, confidence, source)) AS n
 WHERE m.project_id = $1 AND m.table_name = $2 AND m.column_name = n.name
   AND (m.description, m.confidence, m.source) IS DISTINCT FROM
       (n.description, n.confidence, n.source))sql"};

// $1 project, $2 table or '' for all: the comments that differ from descriptions, as commands; of a
// table first, then of its columns. PostgreSQL quotes what it will read. A description that is
// empty takes nobody else's comment away.
inline constexpr pg::Statement kSelectCommentCommands{"select_comment_commands", R"sql(
SELECT name, position > 0, command
  FROM (SELECT d.name, 0 AS position,
               format('COMMENT ON TABLE public.%I IS %L', d.name, d.description) AS command
          FROM datasets d
          JOIN pg_class t ON t.relnamespace = 'public'::regnamespace AND t.relname = d.name
                         AND t.relkind IN ('r', 'p')
         WHERE d.project_id = $1 AND ($2::text = '' OR d.name = $2) AND d.description <> ''
           AND d.description IS DISTINCT FROM obj_description(t.oid, 'pg_class')
         UNION ALL
        SELECT m.table_name, m.position,
               format('COMMENT ON COLUMN public.%I.%I IS %L', m.table_name, m.column_name,
                      m.description)
          FROM column_metadata m
          JOIN pg_class t ON t.relnamespace = 'public'::regnamespace AND t.relname = m.table_name
                         AND t.relkind IN ('r', 'p')
          JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = m.column_name AND a.attnum > 0
                             AND NOT a.attisdropped
         WHERE m.project_id = $1 AND ($2::text = '' OR m.table_name = $2) AND m.description <> ''
           AND m.description IS DISTINCT FROM col_description(t.oid, a.attnum)) AS c
 ORDER BY name COLLATE "C", position)sql"};

inline constexpr const pg::Statement* kColumnStatements[] = {
    &kSelectColumnMetadata, &kLockColumnMetadata, &kSelectColumnPage,      &kSelectColumnNames,
    &kSelectColumnNotes,    &kUpdateColumnNotes,  &kSelectCommentCommands,
};

}  // namespace metricstore::registry
