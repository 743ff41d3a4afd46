#include "registry_service/api/result_handler.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::registry {
namespace {

// A shard's results as they arrive, message by message.
struct IncomingShard {
  Lease lease;
  ShardResults results;
  size_t bytes = 0;
  ShardReading reading;
  bool opened = false;
  bool complete = false;
};

absl::Status Open(const v1::PersistShardRequest& message, IncomingShard& shard) {
  if (message.shard_id() == 0) return status::FieldRequired("shard_id");
  if (message.fence() == 0) return status::FieldRequired("fence");
  shard.lease = {message.shard_id(), message.fence()};
  shard.opened = true;
  return absl::OkStatus();
}

absl::Status AddPoints(const v1::SeriesPoints& series, ShardResults& results) {
  SeriesKey key{.metric = {.id = series.metric().id(),
                           .version = series.metric().version(),
                           .grain = static_cast<Grain>(series.grain())},
                .entity = series.entity()};
  Points points;
  points.bucket_starts.assign(series.bucket_start_micros().begin(),
                              series.bucket_start_micros().end());
  points.values.assign(series.values().begin(), series.values().end());
  points.statuses.assign(series.statuses().begin(), series.statuses().end());
  points.texts.assign(series.texts().begin(), series.texts().end());
  return AddSeries(std::move(key), points, results);
}

absl::Status Add(const v1::PersistShardRequest& message, IncomingShard& shard) {
  if (shard.complete) {
    return status::FieldInvalid("last", "true", "no message may follow the last one");
  }
  if (!shard.opened) RETURN_IF_ERROR(Open(message, shard));
  shard.bytes += message.ByteSizeLong();
  if (shard.bytes > kMaxShardBytes) {
    return status::ErrorBuilder(absl::StatusCode::kResourceExhausted, "TOO_LARGE",
                                "the shard's results are larger than the limit")
        .Metadata("limit_bytes", absl::StrCat(kMaxShardBytes))
        .Build();
  }
  for (const v1::SeriesPoints& series : message.series()) {
    RETURN_IF_ERROR(AddPoints(series, shard.results));
  }
  if (!message.last()) return absl::OkStatus();
  if (message.rows_read() < 0) {
    return status::FieldInvalid("rows_read", absl::StrCat(message.rows_read()),
                                "must not be negative");
  }
  shard.reading = {message.rows_read(), message.read_watermark()};
  shard.complete = true;
  return absl::OkStatus();
}

}  // namespace

grpc::ServerReadReactor<v1::PersistShardRequest>* ResultHandler::PersistShard(
    grpc::CallbackServerContext* context, v1::PersistShardResponse* response) {
  return rpc::HandleClientStream<v1::PersistShardRequest, v1::PersistShardResponse>(
      runtime_, "ResultService/PersistShard", context, response,
      [this](const rpc::CallContext& call, rpc::StreamReader<v1::PersistShardRequest>& reader,
             v1::PersistShardResponse& reply) { return Persist(call, reader, reply); });
}

absl::Status ResultHandler::Persist(const rpc::CallContext& call,
                                    rpc::StreamReader<v1::PersistShardRequest>& reader,
                                    v1::PersistShardResponse& response) {
  IncomingShard shard;
  v1::PersistShardRequest message;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, reader.Read(&message));
    if (!more) break;
    RETURN_IF_ERROR(Add(message, shard));
  }
  if (!shard.complete) return status::FieldRequired("last");
  ASSIGN_OR_RETURN(const CommittedShard committed,
                   committer_.Commit(shard.lease, shard.results, shard.reading, call.bounds));
  response.set_already_committed(committed.already_committed);
  response.set_points(committed.points);
  response.set_chunks_written(committed.chunks_written);
  return absl::OkStatus();
}

}  // namespace metricstore::registry
