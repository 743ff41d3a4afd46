#include "registry_service/api/request/window_request.h"

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/request/time_converter.h"

namespace metricstore::registry::api {
namespace {

absl::Status EnumInvalid(const std::string& field, int value) {
  return status::FieldInvalid(field, absl::StrCat(value), "is not a value of the enum");
}

absl::Status ReadCount(const std::string& field, int32_t count, calendar::Window& window) {
  if (count < 1) return status::FieldInvalid(field, absl::StrCat(count), "must be from 1");
  window.count = count;
  return absl::OkStatus();
}

absl::Status ReadReach(const std::string& field, const v1::Window& proto,
                       calendar::Window& window) {
  switch (proto.reach_case()) {
    case v1::Window::kRolling:
      if (!v1::Window::RollingUnit_IsValid(proto.rolling().unit()) ||
          proto.rolling().unit() == v1::Window::ROLLING_UNIT_UNSPECIFIED) {
        return EnumInvalid(field + ".rolling.unit", proto.rolling().unit());
      }
      window.reach = calendar::WindowReach::kRolling;
      window.unit = static_cast<calendar::RollingUnit>(proto.rolling().unit());
      return ReadCount(field + ".rolling.count", proto.rolling().count(), window);
    case v1::Window::kToDate:
      if (!v1::Grain_IsValid(proto.to_date()) || proto.to_date() == v1::GRAIN_UNSPECIFIED) {
        return EnumInvalid(field + ".to_date", proto.to_date());
      }
      window.reach = calendar::WindowReach::kToDate;
      window.period = static_cast<Grain>(proto.to_date());
      return absl::OkStatus();
    case v1::Window::kPrevious:
      window.reach = calendar::WindowReach::kPrevious;
      return ReadCount(field + ".previous", proto.previous(), window);
    case v1::Window::REACH_NOT_SET:
      break;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<calendar::Window> ReadWindow(const std::string& field, const v1::Window& proto) {
  calendar::Window window;
  if (!v1::Window::Kind_IsValid(proto.kind())) {
    return EnumInvalid(field + ".kind", proto.kind());
  }
  if (proto.kind() != v1::Window::KIND_UNSPECIFIED) {
    window.kind = static_cast<calendar::WindowKind>(proto.kind());
  }
  window.session = proto.session();
  if (proto.has_length()) {
    ASSIGN_OR_RETURN(window.length, FromProto(field + ".length", proto.length()));
  }
  window.from_second = proto.from_second();
  window.to_second = proto.to_second();
  RETURN_IF_ERROR(ReadReach(field, proto, window));
  return window;
}

}  // namespace metricstore::registry::api
