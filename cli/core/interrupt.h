// Turns Ctrl-C into a raised cancel token.
#pragma once

#include "common/time/cancellation.h"

namespace metricstore::cli {

// Call it before any other thread starts. The first SIGINT or SIGTERM raises `token`; the second
// ends the process at once with status 130.
void RaiseOnInterrupt(const CancelToken& token);

}  // namespace metricstore::cli
