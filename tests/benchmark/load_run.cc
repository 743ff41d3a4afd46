#include "tests/benchmark/load_run.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <random>

#include "absl/status/status.h"
#include "common/status/macros.h"
#include "tests/benchmark/load_meter.h"

namespace metricstore::bench {
namespace {

struct Client {
  std::unique_ptr<grpc::GenericStub> stub;
  std::minstd_rand random;
  absl::Time started;
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> call;
  grpc::ByteBuffer reply;
  grpc::Status status;
};

class Load {
 public:
  explicit Load(const LoadPlan& plan) : plan_(plan), meter_(plan) {
    for (const std::string& request : plan.requests) {
      const grpc::Slice slice(request);
      requests_.emplace_back(&slice, 1);
    }
  }

  absl::StatusOr<LoadResult> Run() {
    for (int i = 0; i < plan_.clients; ++i) Add(i);
    void* tag = nullptr;
    bool ok = false;
    absl::Status failure;
    while (running_ > 0 && queue_.Next(&tag, &ok)) {
      Client& client = *static_cast<Client*>(tag);
      const absl::Time now = absl::Now();
      if (!client.status.ok()) failure = absl::UnknownError(client.status.error_message());
      if (meter_.Done(client.started, now, client.reply.Length()) && failure.ok()) {
        StartCall(client, now);
      } else {
        --running_;
      }
    }
    RETURN_IF_ERROR(failure);
    return meter_.Result();
  }

 private:
  void Add(int index) {
    grpc::ChannelArguments args;
    args.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
    args.SetMaxReceiveMessageSize(-1);
    auto client = std::make_unique<Client>();
    client->random.seed(static_cast<unsigned>(index) + 1);
    client->stub = std::make_unique<grpc::GenericStub>(
        grpc::CreateCustomChannel(plan_.address, grpc::InsecureChannelCredentials(), args));
    clients_.push_back(std::move(client));
    ++running_;
    StartCall(*clients_.back(), absl::Now());
  }

  void StartCall(Client& client, absl::Time now) {
    client.started = now;
    client.context = std::make_unique<grpc::ClientContext>();
    client.call = client.stub->PrepareUnaryCall(
        client.context.get(), plan_.path, requests_[client.random() % requests_.size()], &queue_);
    client.call->StartCall();
    client.call->Finish(&client.reply, &client.status, &client);
  }

  const LoadPlan& plan_;
  LoadMeter meter_;
  std::vector<grpc::ByteBuffer> requests_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Client>> clients_;
  int running_ = 0;
};

}  // namespace

absl::StatusOr<LoadResult> RunLoad(const LoadPlan& plan) { return Load(plan).Run(); }

}  // namespace metricstore::bench
