#include "registry_service/api/ingest_handler.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/columns/proto_conversion.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/request/content_hash.h"
#include "registry_service/api/struct_rows.h"

namespace metricstore::registry {
namespace {

constexpr int kMaxStructRows = 1000;

absl::Status CheckSize(size_t bytes) {
  if (bytes <= kMaxBatchBytes) return absl::OkStatus();
  return status::ErrorBuilder(absl::StatusCode::kResourceExhausted, "TOO_LARGE",
                              absl::StrCat("the batch has ", bytes, " bytes, more than ",
                                           kMaxBatchBytes, "; send smaller ones"))
      .Metadata("limit_bytes", absl::StrCat(kMaxBatchBytes))
      .Build();
}

void ToProto(const BatchResult& result, v1::BatchResult* proto) {
  proto->set_batch_id(result.batch_id);
  proto->set_already_stored(result.already_stored);
  proto->set_inserted_rows(result.inserted_rows);
  proto->set_updated_rows(result.updated_rows);
  proto->set_unchanged_rows(result.unchanged_rows);
  proto->set_rejected_rows(result.rejected_rows);
  for (const RowReject& reject : result.rejects) {
    v1::RowReject* added = proto->add_rejects();
    added->set_row(reject.row);
    added->set_column(reject.column);
    added->set_description(reject.description);
  }
}

}  // namespace

grpc::ServerBidiReactor<v1::StreamRowsRequest, v1::StreamRowsResponse>* IngestHandler::StreamRows(
    grpc::CallbackServerContext* context) {
  return rpc::HandleBidiStream<v1::StreamRowsRequest, v1::StreamRowsResponse>(
      runtime_, "IngestService/StreamRows", context,
      [this](const rpc::CallContext& call, rpc::StreamReader<v1::StreamRowsRequest>& reader,
             rpc::StreamWriter<v1::StreamRowsResponse>& writer) {
        return StoreStream(call, reader, writer);
      });
}

grpc::ServerUnaryReactor* IngestHandler::IngestRows(grpc::CallbackServerContext* context,
                                                    const v1::IngestRowsRequest* request,
                                                    v1::IngestRowsResponse* response) {
  return rpc::HandleUnary<v1::IngestRowsRequest, v1::IngestRowsResponse>(
      runtime_, "IngestService/IngestRows", context, request, response,
      [this](const rpc::CallContext& call, const v1::IngestRowsRequest& rows,
             v1::IngestRowsResponse& reply) {
        return StoreStructs(call, rows, reply.mutable_result());
      });
}

absl::Status IngestHandler::StoreStream(const rpc::CallContext& call,
                                        rpc::StreamReader<v1::StreamRowsRequest>& reader,
                                        rpc::StreamWriter<v1::StreamRowsResponse>& writer) {
  v1::StreamRowsRequest message;
  ASSIGN_OR_RETURN(const bool opened, reader.Read(&message));
  if (!opened || !message.has_open()) return status::FieldRequired("open");
  const v1::StreamRowsRequest::OpenStream open = message.open();
  if (open.dataset().empty()) return status::FieldRequired("open.dataset");
  ASSIGN_OR_RETURN(const int32_t project_id, projects_.Resolve(open.project(), call.bounds));
  RETURN_IF_ERROR(datasets_.Get(project_id, open.dataset(), call.bounds).status());
  while (true) {
    ASSIGN_OR_RETURN(const bool more, reader.Read(&message));
    if (!more) return absl::OkStatus();
    if (message.has_open()) {
      return status::FieldInvalid("open", open.dataset(), "only the first message opens");
    }
    if (!message.has_batch()) return status::FieldRequired("batch");
    v1::StreamRowsResponse response;
    const absl::Status stored =
        StoreBatch(call, project_id, open.dataset(), message.batch(), response.mutable_result());
    if (!stored.ok()) {
      return status::WithPrefix(stored,
                                absl::StrCat("batch \"", message.batch().batch_id(), "\": "));
    }
    RETURN_IF_ERROR(writer.Write(response));
  }
}

absl::Status IngestHandler::StoreBatch(const rpc::CallContext& call, int32_t project_id,
                                       const std::string& dataset_name,
                                       const v1::StreamRowsRequest::RowBatch& batch,
                                       v1::BatchResult* result) {
  if (!batch.has_rows()) return status::FieldRequired("batch.rows");
  RETURN_IF_ERROR(CheckSize(batch.rows().ByteSizeLong()));
  ASSIGN_OR_RETURN(const auto dataset, datasets_.Get(project_id, dataset_name, call.bounds));
  IncomingBatch incoming{.batch_id = batch.batch_id()};
  ASSIGN_OR_RETURN(incoming.rows, columns::FromProto(batch.rows()));
  api::ContentHash hash;
  hash.Add(batch.rows());
  incoming.content_sha256 = hash.Take();
  ASSIGN_OR_RETURN(const BatchResult stored,
                   writer_.Store(project_id, *dataset, incoming, call.bounds));
  ToProto(stored, result);
  return absl::OkStatus();
}

absl::Status IngestHandler::StoreStructs(const rpc::CallContext& call,
                                         const v1::IngestRowsRequest& request,
                                         v1::BatchResult* result) {
  if (request.dataset().empty()) return status::FieldRequired("dataset");
  if (request.rows().empty()) return status::FieldRequired("rows");
  if (request.rows_size() > kMaxStructRows) {
    return status::FieldInvalid("rows", absl::StrCat(request.rows_size()),
                                absl::StrCat("must be 1 to ", kMaxStructRows, " rows"));
  }
  RETURN_IF_ERROR(CheckSize(request.ByteSizeLong()));
  ASSIGN_OR_RETURN(const int32_t project_id, projects_.Resolve(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const auto dataset, datasets_.Get(project_id, request.dataset(), call.bounds));
  ASSIGN_OR_RETURN(api::StructRows rows, api::ToColumns(*dataset, request.rows()));
  api::ContentHash hash;
  for (const auto& row : request.rows()) hash.Add(row);
  const IncomingBatch incoming{.batch_id = request.batch_id(),
                               .content_sha256 = hash.Take(),
                               .rows = std::move(rows.rows),
                               .rejected = std::move(rows.rejected)};
  ASSIGN_OR_RETURN(const BatchResult stored,
                   writer_.Store(project_id, *dataset, incoming, call.bounds));
  ToProto(stored, result);
  return absl::OkStatus();
}

}  // namespace metricstore::registry
