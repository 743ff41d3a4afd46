// Instants and spans to their messages.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include "absl/time/time.h"

namespace metricstore::registry::messages {

void ToProto(absl::Time time, google::protobuf::Timestamp* proto);
void ToProto(absl::Duration duration, google::protobuf::Duration* proto);

}  // namespace metricstore::registry::messages
