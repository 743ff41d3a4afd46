#include "cli/core/proto_text.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "cli/output/concat.h"
#include "common/time/iso8601.h"

namespace metricstore::cli {
namespace {

using registry::v1::Window;

std::string ClockText(int second_of_day) {
  return absl::StrFormat("%02d:%02d", second_of_day / 3600, second_of_day / 60 % 60);
}

std::string OfSession(const Window& window) {
  return window.session().empty() ? "" : Concat(" of ", window.session());
}

}  // namespace

std::string EnumText(const std::string& name, std::string_view prefix) {
  return absl::AsciiStrToLower(name.starts_with(prefix) ? name.substr(prefix.size()) : name);
}

absl::Time InstantOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

std::string TimeText(bool present, const google::protobuf::Timestamp& time) {
  return present ? FormatInstant(InstantOf(time)) : "";
}

absl::Duration SpanOf(const google::protobuf::Duration& span) {
  return absl::Seconds(span.seconds()) + absl::Nanoseconds(span.nanos());
}

std::string WindowText(const Window& window) {
  switch (window.kind()) {
    case Window::KIND_SESSION:
      return window.session();
    case Window::KIND_FIRST:
      return Concat("first ", FormatSpan(SpanOf(window.length())), OfSession(window));
    case Window::KIND_LAST:
      return Concat("last ", FormatSpan(SpanOf(window.length())), OfSession(window));
    case Window::KIND_RANGE:
      return Concat(ClockText(window.from_second()), "-", ClockText(window.to_second()),
                    OfSession(window));
    default:
      return "full_day";
  }
}

std::string JsonText(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  // Fails only for Any messages of unknown type, which no resource holds.
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return "{}";
  while (json.ends_with('\n')) json.pop_back();
  return json;
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
