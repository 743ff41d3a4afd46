// The stubs of a registry client and how their calls end.
#pragma once

#include <memory>

#include "absl/strings/str_cat.h"
#include "common/rpc/client.h"
#include "common/status/error.h"
#include "compute_service/registry_client/grpc_calls.h"
#include "compute_service/registry_client/grpc_registry_client.h"
#include "compute_service/registry_client/stall_watchdog.h"
#include "metricstore/registry/v1/backfill_service.grpc.pb.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"
#include "metricstore/registry/v1/result_service.grpc.pb.h"
#include "metricstore/registry/v1/window_service.grpc.pb.h"

namespace metricstore::compute {

namespace pb = ::metricstore::registry::v1;

// Thread-safe. Refers to `contact`.
struct GrpcRegistryClient::Transport {
  Transport(const RegistryClientOptions& client_options, RegistryContact& registry_contact)
      : options(client_options),
        contact(registry_contact),
        channel(rpc::MakeChannel(
            client_options.target,
            {.user_agent = client_options.user_agent,
             .client_stream_methods = {"metricstore.registry.v1.ResultService/PersistShard"}})),
        backfills(pb::BackfillService::NewStub(channel)),
        catalog(pb::CatalogService::NewStub(channel)),
        datasets(pb::DatasetService::NewStub(channel)),
        windows(pb::WindowService::NewStub(channel)),
        results(pb::ResultService::NewStub(channel)),
        watchdog(client_options.stall_limit) {}

  // The error of a stream that has finished.
  absl::Status FinishedStream(const grpc::Status& finished, const CallBounds& bounds,
                              const StallWatchdog::Watch& watch) {
    if (!finished.ok() && watch.stalled() && !bounds.cancel.cancelled()) {
      absl::Status stalled =
          status::ErrorBuilder(absl::StatusCode::kAborted, "STREAM_STALLED",
                               absl::StrCat("the registry neither read nor wrote for ",
                                            absl::FormatDuration(options.stall_limit)))
              .Build();
      contact.Record(stalled);
      return stalled;
    }
    return FinishedStatus(finished, bounds, contact);
  }

  template <typename Stub, typename Request, typename Response>
  absl::Status Call(Stub& stub,
                    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response, const CallBounds& bounds) {
    return CallUnary(stub, method, request, response, bounds, options.unary_timeout, contact);
  }

  const RegistryClientOptions options;
  RegistryContact& contact;
  const std::shared_ptr<grpc::Channel> channel;
  const std::unique_ptr<pb::BackfillService::StubInterface> backfills;
  const std::unique_ptr<pb::CatalogService::StubInterface> catalog;
  const std::unique_ptr<pb::DatasetService::StubInterface> datasets;
  const std::unique_ptr<pb::WindowService::StubInterface> windows;
  const std::unique_ptr<pb::ResultService::StubInterface> results;
  StallWatchdog watchdog;
};

}  // namespace metricstore::compute
