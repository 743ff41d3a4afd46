// BackfillService: jobs for people, leases for compute.
#pragma once

#include "common/rpc/handler.h"
#include "common/rpc/server.h"
#include "metricstore/registry/v1/backfill_service.grpc.pb.h"
#include "registry_service/backfills/backfill_store.h"
#include "registry_service/projects/projects.h"

namespace metricstore::registry {

// Thread-safe. What it is made of must outlive it.
class BackfillHandler final : public v1::BackfillService::CallbackService {
 public:
  BackfillHandler(rpc::ServerRuntime& runtime, Projects& projects, BackfillStore& backfills)
      : runtime_(runtime), projects_(projects), backfills_(backfills) {}

  grpc::ServerUnaryReactor* CreateBackfill(grpc::CallbackServerContext* context,
                                           const v1::CreateBackfillRequest* request,
                                           v1::CreateBackfillResponse* response) override;
  grpc::ServerUnaryReactor* GetBackfill(grpc::CallbackServerContext* context,
                                        const v1::GetBackfillRequest* request,
                                        v1::GetBackfillResponse* response) override;
  grpc::ServerUnaryReactor* ListBackfills(grpc::CallbackServerContext* context,
                                          const v1::ListBackfillsRequest* request,
                                          v1::ListBackfillsResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchBackfillResponse>* WatchBackfill(
      grpc::CallbackServerContext* context, const v1::WatchBackfillRequest* request) override;
  grpc::ServerUnaryReactor* CancelBackfill(grpc::CallbackServerContext* context,
                                           const v1::CancelBackfillRequest* request,
                                           v1::CancelBackfillResponse* response) override;
  grpc::ServerUnaryReactor* LeaseShards(grpc::CallbackServerContext* context,
                                        const v1::LeaseShardsRequest* request,
                                        v1::LeaseShardsResponse* response) override;
  grpc::ServerUnaryReactor* RenewLeases(grpc::CallbackServerContext* context,
                                        const v1::RenewLeasesRequest* request,
                                        v1::RenewLeasesResponse* response) override;
  grpc::ServerUnaryReactor* ReleaseShard(grpc::CallbackServerContext* context,
                                         const v1::ReleaseShardRequest* request,
                                         v1::ReleaseShardResponse* response) override;

 private:
  absl::Status Create(const CallBounds& bounds, const v1::CreateBackfillRequest& request,
                      v1::CreateBackfillResponse& response);
  absl::Status List(const CallBounds& bounds, const v1::ListBackfillsRequest& request,
                    v1::ListBackfillsResponse& response);
  absl::Status Lease(const CallBounds& bounds, const v1::LeaseShardsRequest& request,
                     v1::LeaseShardsResponse& response);
  absl::Status Renew(const CallBounds& bounds, const v1::RenewLeasesRequest& request,
                     v1::RenewLeasesResponse& response);
  absl::Status Release(const CallBounds& bounds, const v1::ReleaseShardRequest& request,
                       v1::ReleaseShardResponse& response);
  absl::StatusOr<Backfill> Find(const CallBounds& bounds, const std::string& project, int64_t id);

  rpc::ServerRuntime& runtime_;
  Projects& projects_;
  BackfillStore& backfills_;
};

}  // namespace metricstore::registry
