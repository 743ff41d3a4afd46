#include "registry_service/proto_conversion/window_conversion.h"

#include "registry_service/proto_conversion/time_conversion.h"

namespace metricstore::registry::messages {

void ToProto(const calendar::Window& window, v1::Window* proto) {
  proto->set_kind(static_cast<v1::Window::Kind>(window.kind));
  proto->set_session(window.session);
  const bool has_length =
      window.kind == calendar::WindowKind::kFirst || window.kind == calendar::WindowKind::kLast;
  if (has_length) ToProto(window.length, proto->mutable_length());
  proto->set_from_second(window.from_second);
  proto->set_to_second(window.to_second);
  switch (window.reach) {
    case calendar::WindowReach::kBucket:
      break;
    case calendar::WindowReach::kRolling:
      proto->mutable_rolling()->set_count(window.count);
      proto->mutable_rolling()->set_unit(static_cast<v1::Window::RollingUnit>(window.unit));
      break;
    case calendar::WindowReach::kToDate:
      proto->set_to_date(static_cast<v1::Grain>(window.period));
      break;
    case calendar::WindowReach::kPrevious:
      proto->set_previous(window.count);
      break;
  }
}

}  // namespace metricstore::registry::messages
