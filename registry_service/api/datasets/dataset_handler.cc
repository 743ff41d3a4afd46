#include "registry_service/api/datasets/dataset_handler.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/handler.h"
#include "common/rpc/page_token.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/datasets/calendar_conversion.h"
#include "registry_service/api/datasets/dataset_conversion.h"
#include "registry_service/api/request/page_request.h"
#include "registry_service/api/request/request_text.h"

namespace metricstore::registry {
namespace {

using api::CheckName;
using api::CheckRequiredName;
using api::kPageBytes;
using api::PageRequest;
using api::ReadPageRequest;
using api::ToProto;

constexpr int kUsualDatasets = 100;
constexpr int kMostDatasets = 1000;
constexpr int kUsualCalendars = 20;
constexpr int kMostCalendars = 100;

}  // namespace

absl::Status DatasetHandler::Get(const rpc::CallContext& call, const v1::GetDatasetRequest& request,
                                 v1::GetDatasetResponse& response) {
  RETURN_IF_ERROR(CheckRequiredName("name", request.name()));
  RETURN_IF_ERROR(CheckName("project", request.project()));
  ASSIGN_OR_RETURN(const int32_t project, projects_.Resolve(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const auto dataset, datasets_.Get(project, request.name(), call.bounds));
  ASSIGN_OR_RETURN(const auto statistics,
                   datasets_.Statistics(project, {dataset->name}, call.bounds));
  ToProto(*dataset, response.mutable_dataset());
  ToProto(statistics.front(), response.mutable_dataset());
  return absl::OkStatus();
}

absl::Status DatasetHandler::List(const rpc::CallContext& call,
                                  const v1::ListDatasetsRequest& request,
                                  v1::ListDatasetsResponse& response) {
  const std::string scope = absl::StrCat("ListDatasets/", request.project());
  ASSIGN_OR_RETURN(const PageRequest page,
                   ReadPageRequest(scope, request.page_size(), request.page_token(), kUsualDatasets,
                                   kMostDatasets));
  RETURN_IF_ERROR(CheckName("project", request.project()));
  ASSIGN_OR_RETURN(const int32_t project, projects_.Resolve(request.project(), call.bounds));
  // One more than asked for tells whether there is another page.
  ASSIGN_OR_RETURN(const auto datasets,
                   datasets_.List(project, page.after, page.size + 1, call.bounds));
  std::vector<std::string> names;
  for (const auto& dataset : datasets) names.push_back(dataset->name);
  ASSIGN_OR_RETURN(const auto statistics, datasets_.Statistics(project, names, call.bounds));
  size_t bytes = 0;
  for (size_t i = 0; i < datasets.size(); ++i) {
    if (static_cast<int64_t>(i) == page.size || bytes > kPageBytes) {
      response.set_next_page_token(rpc::EncodePageToken(scope, {names[i - 1]}));
      break;
    }
    v1::Dataset* added = response.add_datasets();
    ToProto(*datasets[i], added);
    ToProto(statistics[i], added);
    bytes += added->ByteSizeLong();
  }
  return absl::OkStatus();
}

absl::Status DatasetHandler::Get(const rpc::CallContext& call,
                                 const v1::GetCalendarRequest& request,
                                 v1::GetCalendarResponse& response) {
  RETURN_IF_ERROR(CheckRequiredName("name", request.name()));
  if (request.version() < 0) {
    return status::FieldInvalid("version", absl::StrCat(request.version()),
                                "must be from 1, or 0 for the newest");
  }
  RETURN_IF_ERROR(CheckName("project", request.project()));
  ASSIGN_OR_RETURN(const int32_t project, projects_.Resolve(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const StoredCalendar calendar,
                   calendars_.GetStored(project, request.name(), request.version(), call.bounds));
  ToProto(calendar, response.mutable_calendar());
  return absl::OkStatus();
}

absl::Status DatasetHandler::List(const rpc::CallContext& call,
                                  const v1::ListCalendarsRequest& request,
                                  v1::ListCalendarsResponse& response) {
  const std::string scope = absl::StrCat("ListCalendars/", request.project());
  ASSIGN_OR_RETURN(const PageRequest page,
                   ReadPageRequest(scope, request.page_size(), request.page_token(),
                                   kUsualCalendars, kMostCalendars));
  RETURN_IF_ERROR(CheckName("project", request.project()));
  ASSIGN_OR_RETURN(const int32_t project, projects_.Resolve(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const auto calendars,
                   calendars_.List(project, page.after, page.size + 1, call.bounds));
  size_t bytes = 0;
  for (size_t i = 0; i < calendars.size(); ++i) {
    if (static_cast<int64_t>(i) == page.size || bytes > kPageBytes) {
      const std::string& last = calendars[i - 1].calendar->spec().name;
      response.set_next_page_token(rpc::EncodePageToken(scope, {last}));
      break;
    }
    v1::Calendar* added = response.add_calendars();
    ToProto(calendars[i], added);
    bytes += added->ByteSizeLong();
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* DatasetHandler::GetDataset(grpc::CallbackServerContext* context,
                                                     const v1::GetDatasetRequest* request,
                                                     v1::GetDatasetResponse* response) {
  return rpc::HandleUnary<v1::GetDatasetRequest, v1::GetDatasetResponse>(
      runtime_, "DatasetService/GetDataset", context, request, response,
      [this](const auto& call, const auto& in, auto& out) { return Get(call, in, out); });
}

grpc::ServerUnaryReactor* DatasetHandler::ListDatasets(grpc::CallbackServerContext* context,
                                                       const v1::ListDatasetsRequest* request,
                                                       v1::ListDatasetsResponse* response) {
  return rpc::HandleUnary<v1::ListDatasetsRequest, v1::ListDatasetsResponse>(
      runtime_, "DatasetService/ListDatasets", context, request, response,
      [this](const auto& call, const auto& in, auto& out) { return List(call, in, out); });
}

grpc::ServerUnaryReactor* DatasetHandler::GetCalendar(grpc::CallbackServerContext* context,
                                                      const v1::GetCalendarRequest* request,
                                                      v1::GetCalendarResponse* response) {
  return rpc::HandleUnary<v1::GetCalendarRequest, v1::GetCalendarResponse>(
      runtime_, "DatasetService/GetCalendar", context, request, response,
      [this](const auto& call, const auto& in, auto& out) { return Get(call, in, out); });
}

grpc::ServerUnaryReactor* DatasetHandler::ListCalendars(grpc::CallbackServerContext* context,
                                                        const v1::ListCalendarsRequest* request,
                                                        v1::ListCalendarsResponse* response) {
  return rpc::HandleUnary<v1::ListCalendarsRequest, v1::ListCalendarsResponse>(
      runtime_, "DatasetService/ListCalendars", context, request, response,
      [this](const auto& call, const auto& in, auto& out) { return List(call, in, out); });
}

grpc::ServerUnaryReactor* DatasetHandler::ListSessions(grpc::CallbackServerContext* context,
                                                       const v1::ListSessionsRequest* request,
                                                       v1::ListSessionsResponse* response) {
  return rpc::HandleUnary<v1::ListSessionsRequest, v1::ListSessionsResponse>(
      runtime_, "DatasetService/ListSessions", context, request, response,
      [this](const auto& call, const auto& in, auto& out) {
        return dates_.ListSessions(call, in, out);
      });
}

grpc::ServerUnaryReactor* DatasetHandler::ResolveWindow(grpc::CallbackServerContext* context,
                                                        const v1::ResolveWindowRequest* request,
                                                        v1::ResolveWindowResponse* response) {
  return rpc::HandleUnary<v1::ResolveWindowRequest, v1::ResolveWindowResponse>(
      runtime_, "DatasetService/ResolveWindow", context, request, response,
      [this](const auto& call, const auto& in, auto& out) {
        return dates_.ResolveWindow(call, in, out);
      });
}

grpc::ServerUnaryReactor* DatasetHandler::GetColumnMetadata(
    grpc::CallbackServerContext* context, const v1::GetColumnMetadataRequest* request,
    v1::GetColumnMetadataResponse* response) {
  return rpc::HandleUnary<v1::GetColumnMetadataRequest, v1::GetColumnMetadataResponse>(
      runtime_, "DatasetService/GetColumnMetadata", context, request, response,
      [this](const auto& call, const auto& in, auto& out) { return columns_.Get(call, in, out); });
}

grpc::ServerUnaryReactor* DatasetHandler::ListColumnMetadata(
    grpc::CallbackServerContext* context, const v1::ListColumnMetadataRequest* request,
    v1::ListColumnMetadataResponse* response) {
  return rpc::HandleUnary<v1::ListColumnMetadataRequest, v1::ListColumnMetadataResponse>(
      runtime_, "DatasetService/ListColumnMetadata", context, request, response,
      [this](const auto& call, const auto& in, auto& out) { return columns_.List(call, in, out); });
}

grpc::ServerUnaryReactor* DatasetHandler::UpdateColumnMetadata(
    grpc::CallbackServerContext* context, const v1::UpdateColumnMetadataRequest* request,
    v1::UpdateColumnMetadataResponse* response) {
  return rpc::HandleUnary<v1::UpdateColumnMetadataRequest, v1::UpdateColumnMetadataResponse>(
      runtime_, "DatasetService/UpdateColumnMetadata", context, request, response,
      [this](const auto& call, const auto& in, auto& out) {
        return columns_.Update(call, in, out);
      });
}

grpc::ServerUnaryReactor* DatasetHandler::PushColumnDescriptions(
    grpc::CallbackServerContext* context, const v1::PushColumnDescriptionsRequest* request,
    v1::PushColumnDescriptionsResponse* response) {
  return rpc::HandleUnary<v1::PushColumnDescriptionsRequest, v1::PushColumnDescriptionsResponse>(
      runtime_, "DatasetService/PushColumnDescriptions", context, request, response,
      [this](const auto& call, const auto& in, auto& out) { return columns_.Push(call, in, out); });
}

}  // namespace metricstore::registry
