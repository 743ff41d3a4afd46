// SQL of trends that is not composed at run time.
#pragma once

#include "common/pg/statement.h"

namespace metricstore::registry {

// The first entity of which nothing is stored. $1 project, $2 dataset, $3 metric, $4 entities.
inline constexpr pg::Statement kSelectUnknownEntity{"select_unknown_entity", R"sql(
SELECT e.entity FROM unnest($4::text[]) WITH ORDINALITY AS e (entity, place)
 WHERE NOT EXISTS (SELECT FROM dataset_entities d
                    WHERE d.project_id = $1 AND d.dataset = $2 AND d.entity = e.entity)
   AND NOT EXISTS (SELECT FROM metric_series s
                    WHERE s.project_id = $1 AND s.metric_id = $3 AND s.entity = e.entity)
 ORDER BY e.place LIMIT 1)sql"};

}  // namespace metricstore::registry
