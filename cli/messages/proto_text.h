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
#include <vector>

#include "absl/time/time.h"

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
// "2024-03-10T14:30:00Z", or "" where the field is unset.
std::string TimeText(bool present, const google::protobuf::Timestamp& time);
// "Mon 2024-03-04 09:30 EST": with the abbreviation of the zone, which tells the two hours of a
// clock set back apart.
std::string LocalText(absl::Time time, absl::TimeZone zone);
absl::Duration SpanOf(const google::protobuf::Duration& span);

// The message as indented JSON (see JsonOf), without a last line break.
std::string JsonText(const google::protobuf::Message& message);
void PrintJson(const google::protobuf::Message& message, std::ostream& out);

// The messages as a JSON array of such objects.
void PrintJsonArray(const std::vector<const google::protobuf::Message*>& messages,
                    std::ostream& out);

}  // namespace metricstore::cli
