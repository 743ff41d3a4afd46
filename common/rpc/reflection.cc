#include "common/rpc/reflection.h"

#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/impl/server_initializer.h>

#include <memory>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "common/rpc/descriptor_source.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "rpc_descriptors.h"

namespace metricstore::rpc {
namespace {

namespace v1 = grpc::reflection::v1;
namespace v1alpha = grpc::reflection::v1alpha;

// What both versions of the service answer from.
struct Shown {
  explicit Shown(std::string_view descriptor_set) : source({descriptor_set, RpcDescriptors()}) {}
  const DescriptorSource source;
  std::vector<std::string> services;  // set before the first call
};

template <typename Response>
void SetError(const absl::Status& status, Response& response) {
  auto* error = response.mutable_error_response();
  error->set_error_code(static_cast<int>(status.code()));
  error->set_error_message(std::string(status.message()));
}

template <typename Response>
void SetFiles(const absl::StatusOr<DescriptorSource::Files>& files, Response& response) {
  if (!files.ok()) return SetError(files.status(), response);
  for (const std::string& file : *files) {
    response.mutable_file_descriptor_response()->add_file_descriptor_proto(file);
  }
}

template <typename Response>
void SetExtensionNumbers(const Shown& shown, const std::string& type, Response& response) {
  const auto numbers = shown.source.ExtensionNumbers(type);
  if (!numbers.ok()) return SetError(numbers.status(), response);
  auto* answer = response.mutable_all_extension_numbers_response();
  answer->set_base_type_name(type);
  answer->mutable_extension_number()->Add(numbers->begin(), numbers->end());
}

template <typename Request, typename Response>
void Answer(const Shown& shown, const Request& request, std::set<std::string>& sent,
            Response& response) {
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case Request::kFileByFilename:
      return SetFiles(shown.source.FileByName(request.file_by_filename(), sent), response);
    case Request::kFileContainingSymbol:
      return SetFiles(shown.source.FileWithSymbol(request.file_containing_symbol(), sent),
                      response);
    case Request::kFileContainingExtension: {
      const auto& extension = request.file_containing_extension();
      return SetFiles(shown.source.FileWithExtension(extension.containing_type(),
                                                     extension.extension_number(), sent),
                      response);
    }
    case Request::kAllExtensionNumbersOfType:
      return SetExtensionNumbers(shown, request.all_extension_numbers_of_type(), response);
    case Request::kListServices:
      for (const std::string& name : shown.services) {
        response.mutable_list_services_response()->add_service()->set_name(name);
      }
      return;
    case Request::MESSAGE_REQUEST_NOT_SET:
      break;
  }
  SetError(absl::InvalidArgumentError("the request is empty"), response);
}

// Answers on gRPC's own threads: it only searches memory.
template <typename Request, typename Response>
class ReflectionReactor final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  explicit ReflectionReactor(const Shown& shown) : shown_(shown) { this->StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (!ok) return this->Finish(grpc::Status::OK);
    response_.Clear();
    Answer(shown_, request_, sent_, response_);
    this->StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return this->Finish(grpc::Status::CANCELLED);
    this->StartRead(&request_);
  }
  void OnDone() override { delete this; }

 private:
  const Shown& shown_;
  Request request_;
  Response response_;
  std::set<std::string> sent_;  // files that this stream has seen
};

template <typename Service, typename Request, typename Response>
class ReflectionService final : public Service {
 public:
  explicit ReflectionService(std::shared_ptr<const Shown> shown) : shown_(std::move(shown)) {}
  grpc::ServerBidiReactor<Request, Response>* ServerReflectionInfo(
      grpc::CallbackServerContext*) override {
    return new ReflectionReactor<Request, Response>(*shown_);
  }

 private:
  const std::shared_ptr<const Shown> shown_;
};

using ReflectionV1 = ReflectionService<v1::ServerReflection::CallbackService,
                                       v1::ServerReflectionRequest, v1::ServerReflectionResponse>;
using ReflectionV1Alpha =
    ReflectionService<v1alpha::ServerReflection::CallbackService, v1alpha::ServerReflectionRequest,
                      v1alpha::ServerReflectionResponse>;

// A plugin, because only plugins are told the names of the server's services.
class ReflectionPlugin final : public grpc::ServerBuilderPlugin {
 public:
  ReflectionPlugin(std::string_view descriptor_set, std::vector<std::string>* service_names)
      : shown_(std::make_shared<Shown>(descriptor_set)), service_names_(service_names) {}

  std::string name() override { return "metricstore_reflection"; }
  void InitServer(grpc::ServerInitializer* server) override {
    server->RegisterService(std::make_shared<ReflectionV1>(shown_));
    server->RegisterService(std::make_shared<ReflectionV1Alpha>(shown_));
  }
  void Finish(grpc::ServerInitializer* server) override {
    shown_->services = *server->GetServiceList();
    for (const std::string& name : shown_->services) {
      if (!absl::StartsWith(name, "grpc.")) service_names_->push_back(name);
    }
  }
  void ChangeArguments(const std::string&, void*) override {}

 private:
  const std::shared_ptr<Shown> shown_;
  std::vector<std::string>* const service_names_;
};

class ReflectionOption final : public grpc::ServerBuilderOption {
 public:
  ReflectionOption(std::string_view descriptor_set, std::vector<std::string>* service_names)
      : descriptor_set_(descriptor_set), service_names_(service_names) {}

  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->push_back(std::make_unique<ReflectionPlugin>(descriptor_set_, service_names_));
  }

 private:
  const std::string_view descriptor_set_;
  std::vector<std::string>* const service_names_;
};

}  // namespace

void AddReflection(grpc::ServerBuilder& builder, std::string_view descriptor_set,
                   std::vector<std::string>* service_names) {
  builder.SetOption(std::make_unique<ReflectionOption>(descriptor_set, service_names));
}

}  // namespace metricstore::rpc
