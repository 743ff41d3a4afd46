// WindowService: raw rows out, in canonical order.
#pragma once

#include "common/rpc/handler.h"
#include "common/rpc/server.h"
#include "metricstore/registry/v1/window_service.grpc.pb.h"
#include "registry_service/datasets/dataset_store.h"
#include "registry_service/projects/projects.h"
#include "registry_service/telemetry/window_instruments.h"
#include "registry_service/windows/window_reader.h"

namespace metricstore::registry {

// Thread-safe. What it is made of must outlive it.
class WindowHandler final : public v1::WindowService::CallbackService {
 public:
  WindowHandler(rpc::ServerRuntime& runtime, Projects& projects, DatasetStore& datasets,
                WindowReader& reader)
      : runtime_(runtime),
        projects_(projects),
        datasets_(datasets),
        reader_(reader),
        instruments_(runtime.instruments()) {}

  grpc::ServerWriteReactor<v1::StreamWindowResponse>* StreamWindow(
      grpc::CallbackServerContext* context, const v1::StreamWindowRequest* request) override;

 private:
  absl::Status Stream(const rpc::CallContext& call, const v1::StreamWindowRequest& request,
                      rpc::StreamWriter<v1::StreamWindowResponse>& writer);

  rpc::ServerRuntime& runtime_;
  Projects& projects_;
  DatasetStore& datasets_;
  WindowReader& reader_;
  WindowInstruments instruments_;
};

}  // namespace metricstore::registry
