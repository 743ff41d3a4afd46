// SQL of writes to the catalogue, and of the requests that asked for them.
#pragma once

#include "common/pg/statement.h"

namespace metricstore::registry {

// $1 project: writes to one project take turns. The key is that of earlier releases.
inline constexpr pg::Statement kLockCatalog{"lock_catalog", R"sql(
SELECT pg_advisory_xact_lock(hashtextextended('import/' || $1::text, 0)))sql"};

// $1 project.
inline constexpr pg::Statement kBumpRevision{"bump_catalog_revision", R"sql(
UPDATE projects
   SET catalog_revision = catalog_revision + 1
 WHERE project_id = $1
RETURNING catalog_revision)sql"};

// $1 project, $2 revision; $3 to $7: one element for each metric. The first version of a metric is
// active.
inline constexpr pg::Statement kInsertMetrics{"insert_metrics", R"sql(
INSERT INTO metric_definitions (project_id, revision, id, name, category, active_version,
                                latest_version, definition, latest_definition, etag)
SELECT $1, $2, m.id, m.name, m.category, 1, 1, m.definition::jsonb, m.definition::jsonb, m.etag
  FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
       AS m (id, name, category, definition, etag))sql"};

// $1 project, $2 revision; $3 to $8: one element for each metric. An active definition that stays
// is ''. What was deleted is there again.
inline constexpr pg::Statement kUpdateMetrics{"update_metrics", R"sql(
UPDATE metric_definitions AS d
   SET revision = $2, active_version = m.active_version, latest_version = m.latest_version,
       definition = coalesce(nullif(m.active, '')::jsonb, d.definition),
       latest_definition = m.latest::jsonb, etag = m.etag, deleted_at = NULL,
       updated_at = greatest(now(), d.updated_at + interval '1 microsecond')
  FROM unnest($3::text[], $4::integer[], $5::integer[], $6::text[], $7::text[], $8::text[])
       AS m (id, active_version, latest_version, active, latest, etag)
 WHERE d.project_id = $1 AND d.id = m.id)sql"};

// $1 project; $2 to $4: one element for each version.
inline constexpr pg::Statement kInsertMetricVersions{"insert_metric_versions", R"sql(
INSERT INTO metric_versions (project_id, metric_id, version, definition)
SELECT $1, m.id, m.version, m.definition::jsonb
  FROM unnest($2::text[], $3::integer[], $4::text[]) AS m (id, version, definition))sql"};

// $1 project, $2 revision, $3 id, $4 etag.
inline constexpr pg::Statement kDeleteMetric{"delete_metric", R"sql(
UPDATE metric_definitions
   SET revision = $2, deleted_at = now(), etag = $4,
       updated_at = greatest(now(), updated_at + interval '1 microsecond')
 WHERE project_id = $1 AND id = $3)sql"};

// $1 project, $2 revision, $3 id, $4 version, $5 its definition, $6 etag.
inline constexpr pg::Statement kPromoteVersion{"promote_metric_version", R"sql(
UPDATE metric_definitions
   SET revision = $2, active_version = $4, definition = $5, etag = $6,
       latest_definition = CASE latest_version WHEN $4 THEN $5 ELSE latest_definition END,
       updated_at = greatest(now(), updated_at + interval '1 microsecond')
 WHERE project_id = $1 AND id = $3)sql"};

// $1 project, $2 request id.
inline constexpr pg::Statement kSelectCatalogRequest{"select_catalog_request", R"sql(
SELECT method, request_sha256, answer
  FROM catalog_requests
 WHERE project_id = $1 AND request_id = $2)sql"};

// $1 project, $2 request id, $3 method, $4 hash of the request, $5 answer.
inline constexpr pg::Statement kInsertCatalogRequest{"insert_catalog_request", R"sql(
INSERT INTO catalog_requests (project_id, request_id, method, request_sha256, answer)
VALUES ($1, $2, $3, $4, $5))sql"};

// $1 project: what is older than a week is kept no longer.
inline constexpr pg::Statement kDeleteOldCatalogRequests{"delete_old_catalog_requests", R"sql(
DELETE FROM catalog_requests
 WHERE project_id = $1 AND created_at < now() - interval '7 days')sql"};

inline constexpr const pg::Statement* kCatalogWriteStatements[] = {
    &kLockCatalog,          &kBumpRevision,
    &kInsertMetrics,        &kUpdateMetrics,
    &kInsertMetricVersions, &kDeleteMetric,
    &kPromoteVersion,       &kSelectCatalogRequest,
    &kInsertCatalogRequest, &kDeleteOldCatalogRequests,
};

}  // namespace metricstore::registry
