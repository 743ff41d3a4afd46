// Why a backfill found no rows: its dates may have no session.
#pragma once

#include <string>

#include "cli/core/connection.h"
#include "metricstore/registry/v1/backfill.pb.h"

namespace metricstore::cli {

// "calendar XNYS has no session on 2024-07-04", where no calendar of the job's datasets has any on
// its dates; else that the datasets have no rows there. Asks the registry.
std::string WhyNothingWasRead(Connection& connection, const registry::v1::Backfill& backfill);

}  // namespace metricstore::cli
