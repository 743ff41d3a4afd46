#include "cli/proto_text.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>

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

void PrintJson(const google::protobuf::Message& message, std::ostream& out) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  // Fails only for Any messages of unknown type, which no resource holds.
  if (google::protobuf::util::MessageToJsonString(message, &json, options).ok()) out << json;
}

void PrintFields(const Fields& fields, std::ostream& out) {
  size_t width = 0;
  for (const auto& [name, value] : fields) width = std::max(width, name.size());
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    std::string line = value;
    std::replace(line.begin(), line.end(), '\n', ' ');
    out << name << std::string(width + 2 - name.size(), ' ') << line << '\n';
  }
}

}  // namespace metricstore::cli
