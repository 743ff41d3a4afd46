// Messages and their enums, times and spans as text for tables.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/generated_enum_reflection.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "metricstore/registry/v1/metric.pb.h"

namespace metricstore::cli {

// Value `name` of an enum without `prefix`, in lower case: DATASET_LAYER_FACT is "fact".
std::string EnumText(const std::string& name, std::string_view prefix);
template <typename Enum>
std::string EnumText(Enum value, std::string_view prefix) {
  const auto* found =
      google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(static_cast<int>(value));
  return found == nullptr ? std::to_string(static_cast<int>(value))
                          : EnumText(found->name(), prefix);
}

absl::Time InstantOf(const google::protobuf::Timestamp& time);
absl::Duration SpanOf(const google::protobuf::Duration& span);

// "full_day", "rth", "first 30m of rth", "10:00-11:30 of rth".
std::string WindowText(const registry::v1::Window& window);

// The message as indented JSON with the names of the .proto file.
void PrintJson(const google::protobuf::Message& message, std::ostream& out);

// Aligned "name  value" lines; fields with an empty value are left out.
using Fields = std::vector<std::pair<std::string, std::string>>;
void PrintFields(const Fields& fields, std::ostream& out);

}  // namespace metricstore::cli
