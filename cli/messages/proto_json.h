// Messages as JSON for programs: real numbers and booleans, the names of enums that the tables
// show.
#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json_fwd.hpp>

namespace metricstore::cli {

// The fields that are set, by the names of the .proto file and in the order of their numbers. Enums
// are their values' names without the prefix in lower case, times and spans are text, keys of maps
// are sorted. A metric's dataset is its `table`, as in YAML.
nlohmann::ordered_json JsonOf(const google::protobuf::Message& message);

}  // namespace metricstore::cli
