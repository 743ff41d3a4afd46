#include "registry_service/api/window_handler.h"

#include "common/columns/proto_conversion.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/request/request_text.h"
#include "registry_service/api/request/time_converter.h"

namespace metricstore::registry {

grpc::ServerWriteReactor<v1::StreamWindowResponse>* WindowHandler::StreamWindow(
    grpc::CallbackServerContext* context, const v1::StreamWindowRequest* request) {
  return rpc::HandleServerStream<v1::StreamWindowRequest, v1::StreamWindowResponse>(
      runtime_, "WindowService/StreamWindow", context, request,
      [this](const rpc::CallContext& call, const v1::StreamWindowRequest& window,
             rpc::StreamWriter<v1::StreamWindowResponse>& writer) {
        return Stream(call, window, writer);
      });
}

absl::Status WindowHandler::Stream(const rpc::CallContext& call,
                                   const v1::StreamWindowRequest& request,
                                   rpc::StreamWriter<v1::StreamWindowResponse>& writer) {
  if (request.dataset().empty()) return status::FieldRequired("dataset");
  for (const std::string& entity : request.entities()) {
    RETURN_IF_ERROR(api::CheckText("entities", entity));
  }
  ASSIGN_OR_RETURN(const TimeRange range, api::FromProto("interval", request.interval()));
  ASSIGN_OR_RETURN(const int32_t project_id, projects_.Resolve(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const auto dataset, datasets_.Get(project_id, request.dataset(), call.bounds));
  const WindowQuery query{.entities = {request.entities().begin(), request.entities().end()},
                          .range = range,
                          .columns = {request.columns().begin(), request.columns().end()}};
  v1::StreamWindowResponse response;  // one for all batches: its buffers are used again
  WindowReading reading;
  bool sent = false;
  const auto send = [&](columns::ColumnBatch batch) {
    sent = true;
    response.Clear();
    response.set_read_watermark(reading.watermark);
    columns::ToProto(batch, response.mutable_rows());
    return writer.Write(response);
  };
  const absl::Status status = reader_.Read(project_id, *dataset, query, call.bounds, send, reading);
  instruments_.WindowServed(reading.read, reading.send);
  if (!status.ok() || sent) return status;
  response.set_read_watermark(reading.watermark);
  return writer.Write(response);
}

}  // namespace metricstore::registry
