#include "cli/messages/window_text.h"

#include "absl/time/time.h"
#include "cli/messages/proto_text.h"

namespace metricstore::cli {
namespace {

using calendar::WindowReach;

calendar::Window WindowOf(const registry::v1::Window& proto) {
  calendar::Window window;
  if (proto.kind() != registry::v1::Window::KIND_UNSPECIFIED) {
    window.kind = static_cast<calendar::WindowKind>(proto.kind());
  }
  window.session = proto.session();
  window.length = SpanOf(proto.length());
  window.from_second = proto.from_second();
  window.to_second = proto.to_second();
  switch (proto.reach_case()) {
    case registry::v1::Window::kRolling:
      window.reach = WindowReach::kRolling;
      window.count = proto.rolling().count();
      window.unit = static_cast<calendar::RollingUnit>(proto.rolling().unit());
      break;
    case registry::v1::Window::kToDate:
      window.reach = WindowReach::kToDate;
      window.period = static_cast<Grain>(proto.to_date());
      break;
    case registry::v1::Window::kPrevious:
      window.reach = WindowReach::kPrevious;
      window.count = proto.previous();
      break;
    case registry::v1::Window::REACH_NOT_SET:
      break;
  }
  return window;
}

}  // namespace

void ToProto(const calendar::Window& window, registry::v1::Window* proto) {
  proto->set_kind(static_cast<registry::v1::Window::Kind>(window.kind));
  proto->set_session(window.session);
  if (window.length != absl::ZeroDuration()) {
    proto->mutable_length()->set_seconds(absl::ToInt64Seconds(window.length));
  }
  proto->set_from_second(window.from_second);
  proto->set_to_second(window.to_second);
  switch (window.reach) {
    case WindowReach::kBucket:
      return;
    case WindowReach::kRolling:
      proto->mutable_rolling()->set_count(window.count);
      proto->mutable_rolling()->set_unit(
          static_cast<registry::v1::Window::RollingUnit>(window.unit));
      return;
    case WindowReach::kToDate:
      return proto->set_to_date(static_cast<registry::v1::Grain>(window.period));
    case WindowReach::kPrevious:
      return proto->set_previous(window.count);
  }
}

std::string WindowText(const registry::v1::Window& window) {
  return calendar::WindowText(WindowOf(window));
}

}  // namespace metricstore::cli
