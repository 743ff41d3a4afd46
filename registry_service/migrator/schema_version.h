// The database schema that this build works with, and whether a database has it.
#pragma once

#include "absl/status/status.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"

namespace metricstore::registry {

// The highest number in migrations/ when this program was built.
int WantedSchemaVersion();

// OK if the database is at exactly that version. FAILED_PRECONDITION (SCHEMA_VERSION, metadata
// wanted, found) if not; errors of Pool::Run.
absl::Status CheckSchemaVersion(pg::Pool& pool, const CallBounds& bounds = {});

}  // namespace metricstore::registry
