#include "cli/messages/proto_text.h"

#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "cli/messages/proto_json.h"
#include "common/time/iso8601.h"

namespace metricstore::cli {

std::string EnumText(const std::string& name, std::string_view prefix) {
  return absl::AsciiStrToLower(name.starts_with(prefix) ? name.substr(prefix.size()) : name);
}

absl::Time InstantOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

std::string TimeText(bool present, const google::protobuf::Timestamp& time) {
  return present ? FormatInstant(InstantOf(time)) : "";
}

std::string LocalText(absl::Time time, absl::TimeZone zone) {
  const bool minutes = time == absl::FromUnixSeconds(absl::ToUnixSeconds(time) / 60 * 60);
  return absl::FormatTime(minutes ? "%a %Y-%m-%d %H:%M %Z" : "%a %Y-%m-%d %H:%M:%E*S %Z", time,
                          zone);
}

absl::Duration SpanOf(const google::protobuf::Duration& span) {
  return absl::Seconds(span.seconds()) + absl::Nanoseconds(span.nanos());
}

std::string JsonText(const google::protobuf::Message& message) {
  constexpr int kIndent = 2;
  return JsonOf(message).dump(kIndent, ' ', false,
                              nlohmann::ordered_json::error_handler_t::replace);
}

void PrintJson(const google::protobuf::Message& message, std::ostream& out) {
  out << JsonText(message) << '\n';
}

void PrintJsonArray(const std::vector<const google::protobuf::Message*>& messages,
                    std::ostream& out) {
  out << '[';
  for (const auto* message : messages) {
    out << (message == messages.front() ? "\n" : ",\n") << JsonText(*message);
  }
  out << (messages.empty() ? "]\n" : "\n]\n");
}

}  // namespace metricstore::cli
