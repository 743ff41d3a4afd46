// ResultService: what compute evaluated, in.
#pragma once

#include "common/rpc/handler.h"
#include "common/rpc/server.h"
#include "metricstore/registry/v1/result_service.grpc.pb.h"
#include "registry_service/results/shard_committer.h"

namespace metricstore::registry {

// Results of a shard, serialised, may be this large.
inline constexpr size_t kMaxShardBytes = 64 << 20;

// Thread-safe. What it is made of must outlive it.
class ResultHandler final : public v1::ResultService::CallbackService {
 public:
  ResultHandler(rpc::ServerRuntime& runtime, ShardCommitter& committer)
      : runtime_(runtime), committer_(committer) {}

  grpc::ServerReadReactor<v1::PersistShardRequest>* PersistShard(
      grpc::CallbackServerContext* context, v1::PersistShardResponse* response) override;

 private:
  absl::Status Persist(const rpc::CallContext& call,
                       rpc::StreamReader<v1::PersistShardRequest>& reader,
                       v1::PersistShardResponse& response);

  rpc::ServerRuntime& runtime_;
  ShardCommitter& committer_;
};

}  // namespace metricstore::registry
