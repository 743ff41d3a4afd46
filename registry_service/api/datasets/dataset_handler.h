// DatasetService over the stores of datasets, calendars and what is known of columns.
#pragma once

#include "common/rpc/call.h"
#include "common/rpc/server.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"
#include "registry_service/api/datasets/calendar_calls.h"
#include "registry_service/api/datasets/column_metadata_calls.h"
#include "registry_service/calendars/calendar_store.h"
#include "registry_service/datasets/column_metadata.h"
#include "registry_service/datasets/dataset_store.h"
#include "registry_service/projects/projects.h"

namespace metricstore::registry {

// Thread-safe. What it is made of must outlive it.
class DatasetHandler final : public v1::DatasetService::CallbackService {
 public:
  DatasetHandler(rpc::ServerRuntime& runtime, Projects& projects, DatasetStore& datasets,
                 CalendarStore& calendars, ColumnMetadataStore& columns)
      : runtime_(runtime),
        projects_(projects),
        datasets_(datasets),
        calendars_(calendars),
        dates_(projects, calendars),
        columns_(projects, datasets, columns) {}

  grpc::ServerUnaryReactor* GetDataset(grpc::CallbackServerContext* context,
                                       const v1::GetDatasetRequest* request,
                                       v1::GetDatasetResponse* response) override;
  grpc::ServerUnaryReactor* ListDatasets(grpc::CallbackServerContext* context,
                                         const v1::ListDatasetsRequest* request,
                                         v1::ListDatasetsResponse* response) override;
  grpc::ServerUnaryReactor* GetCalendar(grpc::CallbackServerContext* context,
                                        const v1::GetCalendarRequest* request,
                                        v1::GetCalendarResponse* response) override;
  grpc::ServerUnaryReactor* ListCalendars(grpc::CallbackServerContext* context,
                                          const v1::ListCalendarsRequest* request,
                                          v1::ListCalendarsResponse* response) override;
  grpc::ServerUnaryReactor* ListSessions(grpc::CallbackServerContext* context,
                                         const v1::ListSessionsRequest* request,
                                         v1::ListSessionsResponse* response) override;
  grpc::ServerUnaryReactor* ResolveWindow(grpc::CallbackServerContext* context,
                                          const v1::ResolveWindowRequest* request,
                                          v1::ResolveWindowResponse* response) override;
  grpc::ServerUnaryReactor* GetColumnMetadata(grpc::CallbackServerContext* context,
                                              const v1::GetColumnMetadataRequest* request,
                                              v1::GetColumnMetadataResponse* response) override;
  grpc::ServerUnaryReactor* ListColumnMetadata(grpc::CallbackServerContext* context,
                                               const v1::ListColumnMetadataRequest* request,
                                               v1::ListColumnMetadataResponse* response) override;
  grpc::ServerUnaryReactor* UpdateColumnMetadata(
      grpc::CallbackServerContext* context, const v1::UpdateColumnMetadataRequest* request,
      v1::UpdateColumnMetadataResponse* response) override;
  grpc::ServerUnaryReactor* PushColumnDescriptions(
      grpc::CallbackServerContext* context, const v1::PushColumnDescriptionsRequest* request,
      v1::PushColumnDescriptionsResponse* response) override;

 private:
  absl::Status Get(const rpc::CallContext& call, const v1::GetDatasetRequest& request,
                   v1::GetDatasetResponse& response);
  absl::Status List(const rpc::CallContext& call, const v1::ListDatasetsRequest& request,
                    v1::ListDatasetsResponse& response);
  absl::Status Get(const rpc::CallContext& call, const v1::GetCalendarRequest& request,
                   v1::GetCalendarResponse& response);
  absl::Status List(const rpc::CallContext& call, const v1::ListCalendarsRequest& request,
                    v1::ListCalendarsResponse& response);

  rpc::ServerRuntime& runtime_;
  Projects& projects_;
  DatasetStore& datasets_;
  CalendarStore& calendars_;
  const CalendarCalls dates_;
  const ColumnMetadataCalls columns_;
};

}  // namespace metricstore::registry
