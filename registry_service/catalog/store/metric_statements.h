// SQL of metrics and their versions: reading for requests and for memory.
#pragma once

#include "common/pg/statement.h"

namespace metricstore::registry {

// $1 project, $2 names: ids, or bare names without a slash. Gives the ids that each name fits. What
// is deleted is found by its id only.
inline constexpr pg::Statement kResolveMetricNames{"resolve_metric_names", R"sql(
SELECT n.name, d.id
  FROM unnest($2::text[]) AS n (name)
  JOIN metric_definitions d
    ON d.project_id = $1
   AND CASE WHEN strpos(n.name, '/') > 0 THEN d.id = n.name
            ELSE d.name = n.name AND d.deleted_at IS NULL END
 ORDER BY n.name, d.id COLLATE "C")sql"};

// $1 project, $2 ids, $3 versions beside them (0: the active one, -1: the newest). The active and
// the newest version come with the words that they have now, others with those that they were made
// with; the definition of a version that is not there is NULL.
inline constexpr pg::Statement kSelectMetricVersions{"select_metric_versions", R"sql(
SELECT d.id, v.version, d.active_version, d.latest_version, d.etag, d.created_at, d.updated_at,
       d.deleted_at,
       CASE v.version WHEN d.active_version THEN d.definition
                      WHEN d.latest_version THEN d.latest_definition
                      ELSE (SELECT o.definition
                              FROM metric_versions o
                             WHERE o.project_id = d.project_id AND o.metric_id = d.id
                               AND o.version = v.version) END,
       n.version
  FROM unnest($2::text[], $3::integer[]) AS n (id, version)
  JOIN metric_definitions d ON d.project_id = $1 AND d.id = n.id
 CROSS JOIN LATERAL (SELECT CASE n.version WHEN 0 THEN d.active_version
                                           WHEN -1 THEN d.latest_version
                                           ELSE n.version END AS version) AS v)sql"};

// $1 project, $2 id, $3 version before which the page starts, $4 limit. Newest first, as they were
// made.
inline constexpr pg::Statement kSelectVersionPage{"select_version_page", R"sql(
SELECT d.id, v.version, d.active_version, d.latest_version, d.etag, d.created_at, d.updated_at,
       d.deleted_at, v.definition, v.created_at
  FROM metric_definitions d
  JOIN metric_versions v ON v.project_id = d.project_id AND v.metric_id = d.id
 WHERE d.project_id = $1 AND d.id = $2 AND v.version < $3
 ORDER BY v.version DESC
 LIMIT $4)sql"};

// $1 project. Of what is not deleted.
inline constexpr pg::Statement kSelectMetricNames{"select_metric_names", R"sql(
SELECT id, name
  FROM metric_definitions
 WHERE project_id = $1 AND deleted_at IS NULL
 ORDER BY id COLLATE "C")sql"};

// $1 projects.
inline constexpr pg::Statement kSelectRevisions{"select_catalog_revisions", R"sql(
SELECT project_id, catalog_revision FROM projects WHERE project_id = ANY ($1::integer[]))sql"};

// $1 project, $2 revision after which metrics changed. The newest definition is NULL where it is
// the active one.
inline constexpr pg::Statement kSelectChangedEntries{"select_changed_entries", R"sql(
SELECT id, active_version, latest_version, etag, created_at, updated_at, deleted_at, definition,
       CASE WHEN latest_version <> active_version THEN latest_definition END, revision
  FROM metric_definitions
 WHERE project_id = $1 AND revision > $2
 ORDER BY id COLLATE "C")sql"};

// $1 project, $2 ids. Columns as in kSelectChangedEntries.
inline constexpr pg::Statement kSelectEntries{"select_entries", R"sql(
SELECT id, active_version, latest_version, etag, created_at, updated_at, deleted_at, definition,
       CASE WHEN latest_version <> active_version THEN latest_definition END, revision
  FROM metric_definitions
 WHERE project_id = $1 AND id = ANY ($2::text[])
 ORDER BY id COLLATE "C")sql"};

// $1 project, $2 ids: the metrics that read any of these and are served so. Columns as in
// kSelectChangedEntries.
inline constexpr pg::Statement kSelectServedReaders{"select_served_readers", R"sql(
SELECT id, active_version, latest_version, etag, created_at, updated_at, deleted_at, definition,
       CASE WHEN latest_version <> active_version THEN latest_definition END, revision
  FROM metric_definitions
 WHERE project_id = $1 AND deleted_at IS NULL AND depends_on && $2::text[]
 ORDER BY id COLLATE "C")sql"};

// $1 project, $2 ids, $3 ids, $4 tables: the metrics of $2, those that read metrics of $3 or the
// tables in either version, and all if $5. Columns as in kSelectChangedEntries.
inline constexpr pg::Statement kSelectEntriesForCheck{"select_entries_for_check", R"sql(
SELECT id, active_version, latest_version, etag, created_at, updated_at, deleted_at, definition,
       CASE WHEN latest_version <> active_version THEN latest_definition END, revision
  FROM metric_definitions
 WHERE project_id = $1
   AND ($5::boolean OR id = ANY ($2::text[]) OR depends_on && $3::text[]
        OR table_name = ANY ($4::text[]) OR tables && $4::text[]
        OR latest_version <> active_version
           AND (latest_definition -> 'depends_on' ?| $3::text[]
                OR latest_definition ->> 'dataset' = ANY ($4::text[])
                OR latest_definition -> 'tables' ?| $4::text[]))
 ORDER BY id COLLATE "C")sql"};

// $1 project. Of the newest version of what is not deleted; the last column is
// MetricDefinition::likeness.
inline constexpr pg::Statement kSelectSummaries{"select_metric_summaries", R"sql(
SELECT id,
       CASE WHEN latest_version = active_version THEN depends_on
            ELSE depends_on || jsonb_texts(latest_definition -> 'depends_on') END,
       CASE WHEN latest_version = active_version THEN synonyms
            ELSE jsonb_texts(latest_definition -> 'synonyms') END,
       coalesce(CASE WHEN latest_definition ? 'expression'
                          AND latest_definition ?| '{sql,sql_variants}'
                     THEN latest_definition ->> 'meaning_without_sql'
                     ELSE latest_definition ->> 'meaning' END, '')
  FROM metric_definitions
 WHERE project_id = $1 AND deleted_at IS NULL
 ORDER BY id COLLATE "C")sql"};

// $1 project, $2 ids: these and all that they read, directly or through others, in either version.
// Columns as in kSelectSummaries.
inline constexpr pg::Statement kSelectReadSummaries{"select_read_summaries", R"sql(
WITH RECURSIVE read AS (
  SELECT unnest($2::text[]) AS id
   UNION
  SELECT r.id
    FROM read
    JOIN metric_definitions d
      ON d.project_id = $1 AND d.id = read.id AND d.deleted_at IS NULL
   CROSS JOIN LATERAL unnest(d.depends_on || jsonb_texts(d.latest_definition -> 'depends_on'))
              AS r (id))
SELECT id,
       CASE WHEN latest_version = active_version THEN depends_on
            ELSE depends_on || jsonb_texts(latest_definition -> 'depends_on') END,
       CASE WHEN latest_version = active_version THEN synonyms
            ELSE jsonb_texts(latest_definition -> 'synonyms') END,
       coalesce(CASE WHEN latest_definition ? 'expression'
                          AND latest_definition ?| '{sql,sql_variants}'
                     THEN latest_definition ->> 'meaning_without_sql'
                     ELSE latest_definition ->> 'meaning' END, '')
  FROM metric_definitions
 WHERE project_id = $1 AND deleted_at IS NULL AND id IN (SELECT id FROM read)
 ORDER BY id COLLATE "C")sql"};

// $1 project, $2 id: what is not deleted and reads that metric, in either version.
inline constexpr pg::Statement kSelectDependents{"select_dependents", R"sql(
SELECT id
  FROM metric_definitions
 WHERE project_id = $1 AND deleted_at IS NULL
   AND (depends_on @> ARRAY[$2::text] OR latest_definition -> 'depends_on' ? $2::text)
 ORDER BY id COLLATE "C")sql"};

inline constexpr const pg::Statement* kMetricStatements[] = {
    &kResolveMetricNames, &kSelectMetricVersions, &kSelectVersionPage, &kSelectMetricNames,
    &kSelectRevisions,    &kSelectChangedEntries, &kSelectEntries,     &kSelectEntriesForCheck,
    &kSelectSummaries,    &kSelectReadSummaries,  &kSelectDependents,  &kSelectServedReaders,
};

}  // namespace metricstore::registry
