// SQL of plans: which stored results a change makes outdated, and what a recompute would read.
#pragma once

#include "common/pg/statement.h"

namespace metricstore::registry {

// $1 project, $2 ids of metrics: of each with stored points of its active version how many series
// and points there are, the oldest and newest bucket, and their grain where it is one.
inline constexpr pg::Statement kSelectStaleResults{"select_stale_results", R"sql(
SELECT m.id, m.active_version, count(DISTINCT s.series_id), sum(cardinality(c.bucket_starts))::bigint,
       min(c.bucket_starts[1]), max(c.bucket_starts[cardinality(c.bucket_starts)]),
       CASE WHEN min(s.grain) = max(s.grain) THEN min(s.grain)::integer END
  FROM metric_definitions m
  JOIN metric_series s
    ON s.project_id = m.project_id AND s.metric_id = m.id AND s.version = m.active_version
  JOIN metric_chunk c ON c.project_id = s.project_id AND c.series_id = s.series_id
 WHERE m.project_id = $1 AND m.id = ANY ($2::text[]) AND cardinality(c.bucket_starts) > 0
 GROUP BY m.id, m.active_version
 ORDER BY m.id COLLATE "C")sql"};

// $1 project, $2 ids of metrics, $3 beside each the dataset that it will read, or '' for the one
// that it reads: the rows of all entities of these datasets that have stored points of the metrics.
inline constexpr pg::Statement kCountRowsOfResults{"count_rows_of_results", R"sql(
SELECT coalesce(sum(e.row_count), 0)::bigint
  FROM dataset_entities e
 WHERE e.project_id = $1
   AND (e.dataset, e.entity) IN (
       SELECT coalesce(nullif(n.dataset, ''), m.definition ->> 'dataset'), s.entity
         FROM unnest($2::text[], $3::text[]) AS n (id, dataset)
         JOIN metric_definitions m ON m.project_id = $1 AND m.id = n.id
         JOIN metric_series s
           ON s.project_id = $1 AND s.metric_id = m.id AND s.version = m.active_version
        WHERE EXISTS (SELECT FROM metric_chunk c
                       WHERE c.project_id = $1 AND c.series_id = s.series_id
                         AND cardinality(c.bucket_starts) > 0)))sql"};

inline constexpr const pg::Statement* kPlanStatements[] = {&kSelectStaleResults,
                                                           &kCountRowsOfResults};

}  // namespace metricstore::registry
