// Windows out of requests.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/calendar/window.h"
#include "metricstore/registry/v1/metric.pb.h"

namespace metricstore::registry::api {

// The window as it is said; whether it makes sense is for calendar::CheckWindow. `field` is put
// before the names of its fields. INVALID_ARGUMENT (FIELD_INVALID) for an enum without meaning, a
// length that is no duration, a count below 1.
absl::StatusOr<calendar::Window> ReadWindow(const std::string& field, const v1::Window& proto);

}  // namespace metricstore::registry::api
