#include "registry_service/api/datasets/calendar_calls.h"

#include <optional>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/window.h"
#include "common/rpc/page_token.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/request/page_request.h"
#include "registry_service/api/request/request_text.h"
#include "registry_service/api/request/time_converter.h"
#include "registry_service/api/request/window_request.h"
#include "registry_service/calendars/listed_sessions.h"
#include "registry_service/calendars/resolved_windows.h"
#include "registry_service/catalog/definition/excerpt.h"

namespace metricstore::registry {
namespace {

constexpr int32_t kUsualItems = 5'000;
constexpr int32_t kMostItems = 20'000;
// No window that makes sense has a longer text.
constexpr size_t kMaxWindowBytes = 200;

// A page token is bound to all of its request but the size of the page.
template <typename Request>
std::string TokenScope(std::string_view method, const Request& request) {
  Request filters = request;
  filters.clear_page_size();
  filters.clear_page_token();
  return absl::StrCat(std::string(method), "/", filters.SerializeAsString());
}

// What all page tokens of these methods carry: the version that the first page was of, where the
// next one starts, and which of the date's sessions or buckets comes first.
struct PageStart {
  int32_t version = 0;
  absl::CivilDay date;
  int64_t place = 0;
};

std::string EncodeToken(const std::string& scope, const PageStart& start) {
  return rpc::EncodePageToken(
      scope, {absl::StrCat(start.version), FormatDate(start.date), absl::StrCat(start.place)});
}

absl::StatusOr<std::optional<PageStart>> DecodeToken(const std::string& scope,
                                                     const std::string& token) {
  if (token.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(const std::vector<std::string> keys, rpc::DecodePageToken(scope, token));
  PageStart start;
  if (keys.size() != 3 || !absl::SimpleAtoi(keys[0], &start.version) ||
      !absl::SimpleAtoi(keys[2], &start.place) || start.version < 1) {
    return ForeignPageToken();
  }
  const auto date = ParseDate("page_token", keys[1]);
  if (!date.ok()) return ForeignPageToken();
  start.date = *date;
  return start;
}

template <typename Request>
absl::Status CheckCalendar(const Request& request) {
  RETURN_IF_ERROR(api::CheckName("project", request.project()));
  RETURN_IF_ERROR(api::CheckRequiredName("calendar", request.calendar()));
  if (request.calendar_version() >= 0) return absl::OkStatus();
  return status::FieldInvalid("calendar_version", absl::StrCat(request.calendar_version()),
                              "must be from 1, or 0 for the newest");
}

absl::StatusOr<size_t> PageSizeOf(int32_t page_size) {
  if (page_size == 0) return kUsualItems;
  if (page_size > 0 && page_size <= kMostItems) return static_cast<size_t>(page_size);
  return status::FieldInvalid("page_size", absl::StrCat(page_size),
                              absl::StrCat("must be 1 to ", kMostItems, ", or 0"));
}

absl::StatusOr<calendar::Window> WindowOf(const v1::ResolveWindowRequest& request) {
  switch (request.form_case()) {
    case v1::ResolveWindowRequest::kWindowText:
      RETURN_IF_ERROR(api::CheckRequiredText("window_text", request.window_text()));
      if (request.window_text().size() > kMaxWindowBytes) {
        return status::FieldInvalid("window_text", Excerpt(request.window_text()),
                                    absl::StrCat("must be at most ", kMaxWindowBytes, " bytes"));
      }
      return calendar::ParseWindow(request.window_text());
    case v1::ResolveWindowRequest::kWindow:
      RETURN_IF_ERROR(api::CheckName("window.session", request.window().session()));
      return api::ReadWindow("window", request.window());
    case v1::ResolveWindowRequest::FORM_NOT_SET:
      break;
  }
  return calendar::Window();
}

absl::StatusOr<Grain> GrainOf(const v1::ResolveWindowRequest& request) {
  if (request.grain() == v1::GRAIN_UNSPECIFIED) return Grain::kDay;
  if (v1::Grain_IsValid(request.grain())) return static_cast<Grain>(request.grain());
  return status::FieldInvalid("grain", absl::StrCat(static_cast<int>(request.grain())),
                              "is not a known grain");
}

void ToProto(const SessionOnDate& session, v1::SessionOnDate* proto) {
  proto->set_trade_date(FormatDate(session.position.date));
  proto->set_session(std::string(session.session.name));
  api::ToProto(session.session.range.start, proto->mutable_open_time());
  api::ToProto(session.session.range.end, proto->mutable_close_time());
  for (const TimeRange& pause : session.breaks) {
    common::v1::Interval* added = proto->add_breaks();
    api::ToProto(pause.start, added->mutable_start_time());
    api::ToProto(pause.end, added->mutable_end_time());
  }
  for (const std::string_view note : session.notes) proto->add_notes(std::string(note));
}

void AddPieces(const ResolvedBucket& resolved, v1::ResolveWindowResponse& response) {
  const std::string date = FormatDate(resolved.first_date);
  for (const TimeRange& slice : resolved.bucket.slices) {
    v1::WindowPiece* piece = response.add_pieces();
    piece->set_trade_date(date);
    api::ToProto(resolved.bucket.start, piece->mutable_bucket_start_time());
    api::ToProto(slice.start, piece->mutable_start_time());
    api::ToProto(slice.end, piece->mutable_end_time());
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<const calendar::Calendar>> CalendarCalls::Find(
    const rpc::CallContext& call, const std::string& project, const std::string& name,
    int32_t version) const {
  ASSIGN_OR_RETURN(const int32_t project_id, projects_.Resolve(project, call.bounds));
  return calendars_.Get(project_id, name, version, call.bounds);
}

absl::Status CalendarCalls::ListSessions(const rpc::CallContext& call,
                                         const v1::ListSessionsRequest& request,
                                         v1::ListSessionsResponse& response) const {
  RETURN_IF_ERROR(CheckCalendar(request));
  RETURN_IF_ERROR(api::CheckName("session", request.session()));
  ASSIGN_OR_RETURN(const DateRange dates, api::FromProto("dates", request.dates()));
  ASSIGN_OR_RETURN(const size_t limit, PageSizeOf(request.page_size()));
  const std::string scope = TokenScope("ListSessions", request);
  ASSIGN_OR_RETURN(const auto start, DecodeToken(scope, request.page_token()));
  ASSIGN_OR_RETURN(const auto calendar, Find(call, request.project(), request.calendar(),
                                             start ? start->version : request.calendar_version()));
  std::optional<SessionPosition> from;
  if (start.has_value()) from = {start->date, static_cast<size_t>(start->place)};
  ASSIGN_OR_RETURN(SessionPage page,
                   registry::ListSessions(*calendar, dates, request.session(), from, limit));
  response.set_calendar_version(calendar->version());
  size_t bytes = 0;
  for (const SessionOnDate& session : page.sessions) {
    if (bytes > api::kPageBytes) {
      page.next = session.position;
      break;
    }
    v1::SessionOnDate* added = response.add_sessions();
    ToProto(session, added);
    bytes += added->ByteSizeLong();
  }
  if (page.next.has_value()) {
    response.set_next_page_token(EncodeToken(
        scope, {calendar->version(), page.next->date, static_cast<int64_t>(page.next->before)}));
  }
  return absl::OkStatus();
}

absl::Status CalendarCalls::ResolveWindow(const rpc::CallContext& call,
                                          const v1::ResolveWindowRequest& request,
                                          v1::ResolveWindowResponse& response) const {
  RETURN_IF_ERROR(CheckCalendar(request));
  ASSIGN_OR_RETURN(const calendar::Window window, WindowOf(request));
  ASSIGN_OR_RETURN(const Grain grain, GrainOf(request));
  ASSIGN_OR_RETURN(const DateRange dates, api::FromProto("dates", request.dates()));
  ASSIGN_OR_RETURN(const size_t max_pieces, PageSizeOf(request.page_size()));
  const std::string scope = TokenScope("ResolveWindow", request);
  ASSIGN_OR_RETURN(const auto start, DecodeToken(scope, request.page_token()));
  ASSIGN_OR_RETURN(const auto calendar, Find(call, request.project(), request.calendar(),
                                             start ? start->version : request.calendar_version()));
  std::optional<BucketPosition> from;
  if (start.has_value()) from = {start->date, absl::FromUnixSeconds(start->place)};
  ASSIGN_OR_RETURN(const ResolvedPage page,
                   ResolveWindowPage(*calendar, window, grain, dates, from, max_pieces));
  response.set_calendar_version(calendar->version());
  response.set_time_zone(calendar->spec().time_zone);
  response.set_window_text(calendar::WindowText(window));
  for (const ResolvedBucket& bucket : page.buckets) AddPieces(bucket, response);
  if (page.next.has_value()) {
    response.set_next_page_token(EncodeToken(
        scope,
        {calendar->version(), page.next->date, absl::ToUnixSeconds(page.next->bucket_start)}));
  }
  return absl::OkStatus();
}

}  // namespace metricstore::registry
