#include "registry_service/api/backfill_handler.h"

#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/page_token.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/backfill_converter.h"
#include "registry_service/api/request/page_request.h"
#include "registry_service/api/request/time_converter.h"

namespace metricstore::registry {
namespace {

constexpr int32_t kDefaultPageSize = 50;
constexpr int32_t kMaxPageSize = 1000;
constexpr size_t kMaxPageBytes = 2 << 20;  // a job may name many entities
constexpr int32_t kMaxLeases = 100;
constexpr size_t kMaxWorkerBytes = 200;
constexpr size_t kMaxErrorBytes = 1024;

absl::Status CheckWorker(const std::string& worker) {
  if (worker.empty()) return status::FieldRequired("worker");
  if (worker.size() > kMaxWorkerBytes) {
    return status::FieldInvalid("worker", worker.substr(0, kMaxWorkerBytes),
                                absl::StrCat("must be at most ", kMaxWorkerBytes, " bytes"));
  }
  return absl::OkStatus();
}

// At most kMaxErrorBytes of it, cut between characters.
std::string_view Capped(std::string_view error) {
  if (error.size() <= kMaxErrorBytes) return error;
  size_t end = kMaxErrorBytes;
  while (end > 0 && (static_cast<unsigned char>(error[end]) & 0xC0) == 0x80) --end;
  return error.substr(0, end);
}

// The id that a page of jobs ends before; 0 for the first page.
absl::StatusOr<int64_t> IdBefore(const api::PageRequest& page) {
  int64_t id = 0;
  if (page.after.empty() || (absl::SimpleAtoi(page.after, &id) && id > 0)) return id;
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID",
                              "the page token is not one of this method")
      .Build();
}

}  // namespace

grpc::ServerUnaryReactor* BackfillHandler::CreateBackfill(grpc::CallbackServerContext* context,
                                                          const v1::CreateBackfillRequest* request,
                                                          v1::CreateBackfillResponse* response) {
  return rpc::HandleUnary<v1::CreateBackfillRequest, v1::CreateBackfillResponse>(
      runtime_, "BackfillService/CreateBackfill", context, request, response,
      [this](const rpc::CallContext& call, const v1::CreateBackfillRequest& wanted,
             v1::CreateBackfillResponse& reply) { return Create(call.bounds, wanted, reply); });
}

grpc::ServerUnaryReactor* BackfillHandler::GetBackfill(grpc::CallbackServerContext* context,
                                                       const v1::GetBackfillRequest* request,
                                                       v1::GetBackfillResponse* response) {
  return rpc::HandleUnary<v1::GetBackfillRequest, v1::GetBackfillResponse>(
      runtime_, "BackfillService/GetBackfill", context, request, response,
      [this](const rpc::CallContext& call, const v1::GetBackfillRequest& wanted,
             v1::GetBackfillResponse& reply) -> absl::Status {
        ASSIGN_OR_RETURN(const Backfill found, Find(call.bounds, wanted.project(), wanted.id()));
        api::ToProto(found, reply.mutable_backfill());
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* BackfillHandler::ListBackfills(grpc::CallbackServerContext* context,
                                                         const v1::ListBackfillsRequest* request,
                                                         v1::ListBackfillsResponse* response) {
  return rpc::HandleUnary<v1::ListBackfillsRequest, v1::ListBackfillsResponse>(
      runtime_, "BackfillService/ListBackfills", context, request, response,
      [this](const rpc::CallContext& call, const v1::ListBackfillsRequest& wanted,
             v1::ListBackfillsResponse& reply) { return List(call.bounds, wanted, reply); });
}

grpc::ServerWriteReactor<v1::WatchBackfillResponse>* BackfillHandler::WatchBackfill(
    grpc::CallbackServerContext* context, const v1::WatchBackfillRequest* request) {
  return rpc::HandleWatch<v1::WatchBackfillRequest, v1::WatchBackfillResponse>(
      runtime_, "BackfillService/WatchBackfill", context, request,
      [this, last = std::string()](
          const rpc::CallContext& call, const v1::WatchBackfillRequest& wanted,
          v1::WatchBackfillResponse& reply) mutable -> absl::StatusOr<rpc::PollOutcome> {
        ASSIGN_OR_RETURN(const Backfill found, Find(call.bounds, wanted.project(), wanted.id()));
        reply.Clear();
        api::ToProto(found, reply.mutable_backfill());
        api::ToProto(found.idle, reply.mutable_idle());
        std::string now = reply.backfill().SerializeAsString();
        const bool changed = now != last;
        last = std::move(now);
        if (found.state != BackfillState::kRunning) return rpc::PollOutcome::kEnded;
        return changed ? rpc::PollOutcome::kChanged : rpc::PollOutcome::kUnchanged;
      });
}

grpc::ServerUnaryReactor* BackfillHandler::CancelBackfill(grpc::CallbackServerContext* context,
                                                          const v1::CancelBackfillRequest* request,
                                                          v1::CancelBackfillResponse* response) {
  return rpc::HandleUnary<v1::CancelBackfillRequest, v1::CancelBackfillResponse>(
      runtime_, "BackfillService/CancelBackfill", context, request, response,
      [this](const rpc::CallContext& call, const v1::CancelBackfillRequest& wanted,
             v1::CancelBackfillResponse& reply) -> absl::Status {
        ASSIGN_OR_RETURN(const int32_t project_id,
                         projects_.Resolve(wanted.project(), call.bounds));
        ASSIGN_OR_RETURN(const Backfill ended,
                         backfills_.Cancel(project_id, wanted.id(), call.bounds));
        api::ToProto(ended, reply.mutable_backfill());
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* BackfillHandler::LeaseShards(grpc::CallbackServerContext* context,
                                                       const v1::LeaseShardsRequest* request,
                                                       v1::LeaseShardsResponse* response) {
  return rpc::HandleUnary<v1::LeaseShardsRequest, v1::LeaseShardsResponse>(
      runtime_, "BackfillService/LeaseShards", context, request, response,
      [this](const rpc::CallContext& call, const v1::LeaseShardsRequest& wanted,
             v1::LeaseShardsResponse& reply) {
        absl::Status status = Lease(call.bounds, wanted, reply);
        call.routine = reply.shards().empty();  // idle workers ask all the time
        return status;
      });
}

grpc::ServerUnaryReactor* BackfillHandler::RenewLeases(grpc::CallbackServerContext* context,
                                                       const v1::RenewLeasesRequest* request,
                                                       v1::RenewLeasesResponse* response) {
  return rpc::HandleUnary<v1::RenewLeasesRequest, v1::RenewLeasesResponse>(
      runtime_, "BackfillService/RenewLeases", context, request, response,
      [this](const rpc::CallContext& call, const v1::RenewLeasesRequest& wanted,
             v1::RenewLeasesResponse& reply) {
        absl::Status status = Renew(call.bounds, wanted, reply);
        call.routine = reply.renewed_size() == wanted.leases_size();  // none was lost
        return status;
      });
}

grpc::ServerUnaryReactor* BackfillHandler::ReleaseShard(grpc::CallbackServerContext* context,
                                                        const v1::ReleaseShardRequest* request,
                                                        v1::ReleaseShardResponse* response) {
  return rpc::HandleUnary<v1::ReleaseShardRequest, v1::ReleaseShardResponse>(
      runtime_, "BackfillService/ReleaseShard", context, request, response,
      [this](const rpc::CallContext& call, const v1::ReleaseShardRequest& wanted,
             v1::ReleaseShardResponse& reply) { return Release(call.bounds, wanted, reply); });
}

absl::StatusOr<Backfill> BackfillHandler::Find(const CallBounds& bounds, const std::string& project,
                                               int64_t id) {
  ASSIGN_OR_RETURN(const int32_t project_id, projects_.Resolve(project, bounds));
  return backfills_.Get(project_id, id, bounds);
}

absl::Status BackfillHandler::Create(const CallBounds& bounds,
                                     const v1::CreateBackfillRequest& request,
                                     v1::CreateBackfillResponse& response) {
  ASSIGN_OR_RETURN(const BackfillRequest wanted, api::FromProto(request));
  ASSIGN_OR_RETURN(const int32_t project_id, projects_.Resolve(request.project(), bounds));
  ASSIGN_OR_RETURN(const CreatedBackfill created, backfills_.Create(project_id, wanted, bounds));
  api::ToProto(created.backfill, response.mutable_backfill());
  response.set_existing(created.existing);
  for (const SkippedMetric& skipped : created.skipped) {
    v1::SkippedMetric* added = response.add_skipped();
    added->set_metric(skipped.id);
    added->set_reason(skipped.reason);
  }
  return absl::OkStatus();
}

absl::Status BackfillHandler::List(const CallBounds& bounds,
                                   const v1::ListBackfillsRequest& request,
                                   v1::ListBackfillsResponse& response) {
  const std::string scope = "ListBackfills/" + request.project();
  ASSIGN_OR_RETURN(const api::PageRequest wanted,
                   api::ReadPageRequest(scope, request.page_size(), request.page_token(),
                                        kDefaultPageSize, kMaxPageSize));
  ASSIGN_OR_RETURN(const int64_t before, IdBefore(wanted));
  const auto page_size = static_cast<int32_t>(wanted.size);
  ASSIGN_OR_RETURN(const int32_t project_id, projects_.Resolve(request.project(), bounds));
  ASSIGN_OR_RETURN(const std::vector<Backfill> page,
                   backfills_.List(project_id, before, page_size + 1, bounds));
  size_t bytes = 0;
  for (size_t i = 0; i < page.size(); ++i) {
    if (i == static_cast<size_t>(page_size) || bytes > kMaxPageBytes) {
      response.set_next_page_token(rpc::EncodePageToken(scope, {absl::StrCat(page[i - 1].id)}));
      break;
    }
    api::ToProto(page[i], response.add_backfills());
    bytes += response.backfills().rbegin()->ByteSizeLong();
  }
  return absl::OkStatus();
}

absl::Status BackfillHandler::Lease(const CallBounds& bounds, const v1::LeaseShardsRequest& request,
                                    v1::LeaseShardsResponse& response) {
  RETURN_IF_ERROR(CheckWorker(request.worker()));
  if (request.max_shards() == 0) return status::FieldRequired("max_shards");
  if (request.max_shards() < 0 || request.max_shards() > kMaxLeases) {
    return status::FieldInvalid("max_shards", absl::StrCat(request.max_shards()),
                                absl::StrCat("must be 1 to ", kMaxLeases));
  }
  ASSIGN_OR_RETURN(const absl::Duration length,
                   api::LeaseLength(request.has_lease(), request.lease()));
  ASSIGN_OR_RETURN(const auto shards,
                   backfills_.LeaseShards(request.worker(), request.max_shards(), length, bounds));
  for (const LeasedShard& shard : shards) api::ToProto(shard, response.add_shards());
  return absl::OkStatus();
}

absl::Status BackfillHandler::Renew(const CallBounds& bounds, const v1::RenewLeasesRequest& request,
                                    v1::RenewLeasesResponse& response) {
  RETURN_IF_ERROR(CheckWorker(request.worker()));
  if (request.leases().empty()) return status::FieldRequired("leases");
  if (request.leases_size() > kMaxLeases) {
    return status::FieldInvalid("leases", absl::StrCat(request.leases_size()),
                                absl::StrCat("must be 1 to ", kMaxLeases));
  }
  ASSIGN_OR_RETURN(const absl::Duration length,
                   api::LeaseLength(request.has_lease(), request.lease()));
  std::vector<registry::Lease> leases;
  for (const auto& lease : request.leases()) leases.push_back({lease.shard_id(), lease.fence()});
  ASSIGN_OR_RETURN(const RenewedLeases renewed,
                   backfills_.Renew(request.worker(), leases, length, bounds));
  response.mutable_renewed()->Assign(renewed.shard_ids.begin(), renewed.shard_ids.end());
  if (!renewed.shard_ids.empty()) {
    api::ToProto(renewed.expire_time, response.mutable_lease_expire_time());
  }
  return absl::OkStatus();
}

absl::Status BackfillHandler::Release(const CallBounds& bounds,
                                      const v1::ReleaseShardRequest& request,
                                      v1::ReleaseShardResponse& response) {
  ASSIGN_OR_RETURN(const bool failed,
                   backfills_.Release({request.shard_id(), request.fence()},
                                      Capped(request.error()), request.permanent(), bounds));
  response.set_failed(failed);
  return absl::OkStatus();
}

}  // namespace metricstore::registry
