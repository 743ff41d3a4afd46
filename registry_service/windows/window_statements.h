// SQL of raw windows that does not depend on the dataset.
#pragma once

#include "common/pg/statement.h"

namespace metricstore::registry {

// How many transactions are over in the statement's snapshot. What snapshots see is ordered by
// inclusion, and each commit that comes to be seen makes this greater; a restored cluster counts
// anew.
inline constexpr pg::Statement kSelectReadWatermark{"select_read_watermark", R"sql(
SELECT pg_snapshot_xmax(s.snapshot)::text::bigint
       - (SELECT count(*) FROM pg_snapshot_xip(s.snapshot))
  FROM pg_current_snapshot() AS s (snapshot))sql"};

}  // namespace metricstore::registry
