// SQL of metrics, their versions and imports.
#pragma once

#include "common/pg/statement.h"

namespace metricstore::registry {

// $1 project: imports of one project take turns.
inline constexpr pg::Statement kLockImports{"lock_imports", R"sql(
SELECT pg_advisory_xact_lock(hashtextextended('import/' || $1::text, 0)))sql"};

// $1 project, $2 ids, $3 datasets: the latest versions of the named metrics and of all over the
// datasets.
inline constexpr pg::Statement kSelectMetricsForImport{"select_metrics_for_import", R"sql(
SELECT id, active_version, latest_version, definition
  FROM metric_definitions
 WHERE project_id = $1 AND (id = ANY ($2) OR definition ->> 'dataset' = ANY ($3)))sql"};

// $1 project; $2 to $8: one element for each metric.
inline constexpr pg::Statement kUpsertMetrics{"upsert_metrics", R"sql(
INSERT INTO metric_definitions AS d (project_id, id, name, category, active_version,
                                     latest_version, definition, etag)
SELECT $1, m.id, m.name, m.category, m.active_version, m.latest_version, m.definition::jsonb, m.etag
  FROM unnest($2::text[], $3::text[], $4::text[], $5::integer[], $6::integer[], $7::text[],
              $8::text[])
       AS m (id, name, category, active_version, latest_version, definition, etag)
    ON CONFLICT (project_id, id) DO UPDATE
   SET active_version = excluded.active_version, latest_version = excluded.latest_version,
       definition = excluded.definition, etag = excluded.etag, updated_at = now())sql"};

// $1 project; $2 to $4: one element for each metric. Words of the latest version change in place.
inline constexpr pg::Statement kUpsertMetricVersions{"upsert_metric_versions", R"sql(
INSERT INTO metric_versions (project_id, metric_id, version, definition)
SELECT $1, m.id, m.version, m.definition::jsonb
  FROM unnest($2::text[], $3::integer[], $4::text[]) AS m (id, version, definition)
    ON CONFLICT (project_id, metric_id, version) DO UPDATE
   SET definition = excluded.definition)sql"};

// $1 project, $2 names: ids, or bare names without a slash. Gives the ids that each name fits.
inline constexpr pg::Statement kResolveMetricNames{"resolve_metric_names", R"sql(
SELECT n.name, d.id
  FROM unnest($2::text[]) AS n (name)
  JOIN metric_definitions d
    ON d.project_id = $1
   AND CASE WHEN strpos(n.name, '/') > 0 THEN d.id = n.name ELSE d.name = n.name END
 ORDER BY n.name, d.id COLLATE "C")sql"};

// $1 project, $2 ids, $3 versions beside them (0: the active one).
inline constexpr pg::Statement kSelectMetricVersions{"select_metric_versions", R"sql(
SELECT d.id, v.version, d.active_version, d.created_at, d.updated_at, v.definition
  FROM unnest($2::text[], $3::integer[]) AS n (id, version)
  JOIN metric_definitions d ON d.project_id = $1 AND d.id = n.id
  JOIN metric_versions v
    ON v.project_id = $1 AND v.metric_id = d.id
   AND v.version = coalesce(nullif(n.version, 0), d.active_version))sql"};

// $1 project, $2 category or '', $3 id after which the page starts, $4 limit.
inline constexpr pg::Statement kSelectMetricPage{"select_metric_page", R"sql(
SELECT d.id, v.version, d.active_version, d.created_at, d.updated_at, v.definition
  FROM metric_definitions d
  JOIN metric_versions v
    ON v.project_id = d.project_id AND v.metric_id = d.id AND v.version = d.active_version
 WHERE d.project_id = $1 AND ($2::text = '' OR d.category = $2) AND d.id COLLATE "C" > $3
 ORDER BY d.id COLLATE "C"
 LIMIT $4)sql"};

// $1 project, $2 category or ''.
inline constexpr pg::Statement kCountMetrics{"count_metrics", R"sql(
SELECT count(*) FROM metric_definitions WHERE project_id = $1 AND ($2::text = '' OR category = $2))sql"};

// $1 project.
inline constexpr pg::Statement kSelectMetricNames{"select_metric_names", R"sql(
SELECT id, name FROM metric_definitions WHERE project_id = $1 ORDER BY id COLLATE "C")sql"};

inline constexpr const pg::Statement* kMetricStatements[] = {
    &kLockImports,          &kSelectMetricsForImport, &kUpsertMetrics,
    &kUpsertMetricVersions, &kResolveMetricNames,     &kSelectMetricVersions,
    &kSelectMetricPage,     &kCountMetrics,           &kSelectMetricNames,
};

}  // namespace metricstore::registry
