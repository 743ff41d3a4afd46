// SQL of how new stored points are.
#pragma once

#include "common/pg/statement.h"

namespace metricstore::registry {

// The newest bucket of each metric version, out of the last chunk of each of its series. $1
// project; $2 metrics, $3 versions, $4 grains: one element for each. Versions without points are
// left out.
inline constexpr pg::Statement kSelectNewestBuckets{"select_newest_buckets", R"sql(
SELECT m.id, m.version, max(c.newest)
  FROM unnest($2::text[], $3::integer[], $4::smallint[]) AS m (id, version, grain)
  JOIN metric_series s
    ON s.project_id = $1 AND s.metric_id = m.id AND s.version = m.version AND s.grain = m.grain
 CROSS JOIN LATERAL (
       SELECT bucket_starts[cardinality(bucket_starts)] AS newest
         FROM metric_chunk
        WHERE project_id = s.project_id AND series_id = s.series_id
          AND cardinality(bucket_starts) > 0
        ORDER BY span_start DESC LIMIT 1) c
 GROUP BY m.id, m.version)sql"};

}  // namespace metricstore::registry
