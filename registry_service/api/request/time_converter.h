// Instants, spans and dates to and from their messages.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/time/iso8601.h"
#include "metricstore/common/v1/interval.pb.h"
#include "registry_service/proto_conversion/time_conversion.h"

namespace metricstore::registry::api {

using messages::ToProto;
void ToProto(const DateRange& dates, common::v1::DateInterval* proto);

// INVALID_ARGUMENT (FIELD_INVALID naming `field`) for parts out of range.
absl::StatusOr<absl::Duration> FromProto(std::string_view field,
                                         const google::protobuf::Duration& proto);

// INVALID_ARGUMENT (FIELD_REQUIRED, FIELD_INVALID, INTERVAL_REVERSED); `field` is the interval's.
absl::StatusOr<TimeRange> FromProto(std::string_view field, const common::v1::Interval& proto);
absl::StatusOr<DateRange> FromProto(std::string_view field, const common::v1::DateInterval& proto);

}  // namespace metricstore::registry::api
