// Reflection: services, files with comments, and polite refusals, in both versions.
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <map>

#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "probe_descriptors.h"
#include "tests/unit/common_rpc/probe_server.h"

namespace metricstore::rpc {
namespace {

using google::protobuf::FileDescriptorProto;
using grpc::reflection::v1::ServerReflection;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;

constexpr char kProbeFile[] = "metricstore/probe/v1/probe_service.proto";

ServerReflectionResponse Ask(ProbeServer& server, const ServerReflectionRequest& request) {
  const auto stub = ServerReflection::NewStub(server.channel());
  grpc::ClientContext context;
  const auto stream = stub->ServerReflectionInfo(&context);
  ServerReflectionResponse response;
  EXPECT_TRUE(stream->Write(request));
  EXPECT_TRUE(stream->Read(&response));
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  return response;
}

ServerReflectionRequest ForSymbol(const std::string& symbol) {
  ServerReflectionRequest request;
  request.set_file_containing_symbol(symbol);
  return request;
}

std::map<std::string, FileDescriptorProto> FilesOf(const ServerReflectionResponse& response) {
  std::map<std::string, FileDescriptorProto> files;
  for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
    FileDescriptorProto file;
    EXPECT_TRUE(file.ParseFromString(bytes));
    files[file.name()] = file;
  }
  return files;
}

std::vector<std::string> CommentsOf(const FileDescriptorProto& file) {
  std::vector<std::string> comments;
  for (const auto& location : file.source_code_info().location()) {
    if (location.has_leading_comments()) comments.push_back(location.leading_comments());
  }
  return comments;
}

TEST(Reflection, ListsTheServices) {
  ProbeServer server;
  ServerReflectionRequest request;
  request.set_list_services("");
  std::vector<std::string> names;
  const ServerReflectionResponse response = Ask(server, request);
  for (const auto& service : response.list_services_response().service()) {
    names.push_back(service.name());
  }
  EXPECT_THAT(names, Contains("metricstore.probe.v1.ProbeService"));
  EXPECT_THAT(names, Contains("grpc.health.v1.Health"));
  EXPECT_THAT(names, Contains("grpc.reflection.v1.ServerReflection"));
}

TEST(Reflection, ShowsTheCommentsOfAMethod) {
  ProbeServer server({.descriptor_set = ProbeDescriptors()});
  for (const char* symbol :
       {"metricstore.probe.v1.ProbeService.Ask", "metricstore.probe.v1.ProbeRequest.number"}) {
    const auto files = FilesOf(Ask(server, ForSymbol(symbol)));
    ASSERT_THAT(files, Contains(Key(kProbeFile))) << symbol;
    EXPECT_THAT(CommentsOf(files.at(kProbeFile)),
                Contains(HasSubstr("the comment that reflection shows")));
  }
}

TEST(Reflection, KnowsWhatTheProgramHasWithoutADescriptorSet) {
  ProbeServer server;
  EXPECT_THAT(FilesOf(Ask(server, ForSymbol("metricstore.probe.v1.ProbeService"))),
              Contains(Key(kProbeFile)));
}

TEST(Reflection, SendsImportsAlongSoThatErrorDetailsCanBeDecoded) {
  ProbeServer server;
  const auto files = FilesOf(Ask(server, ForSymbol("google.rpc.ErrorInfo")));
  EXPECT_THAT(files, Contains(Key("google/rpc/error_details.proto")));
  EXPECT_THAT(files, Contains(Key("google/protobuf/duration.proto")));
}

TEST(Reflection, ShowsHealthAndItself) {
  ProbeServer server;
  EXPECT_THAT(FilesOf(Ask(server, ForSymbol("grpc.health.v1.Health"))),
              Contains(Key("grpc/health/v1/health.proto")));
  EXPECT_THAT(FilesOf(Ask(server, ForSymbol("grpc.reflection.v1.ServerReflection"))),
              Contains(Key("grpc/reflection/v1/reflection.proto")));
}

TEST(Reflection, FindsAFileByName) {
  ProbeServer server({.descriptor_set = ProbeDescriptors()});
  ServerReflectionRequest request;
  request.set_file_by_filename(kProbeFile);
  EXPECT_THAT(FilesOf(Ask(server, request)), Contains(Key(kProbeFile)));
}

TEST(Reflection, SaysWhatItDoesNotKnow) {
  ProbeServer server({.descriptor_set = ProbeDescriptors()});
  ServerReflectionRequest by_name, by_extension, numbers;
  by_name.set_file_by_filename("no/such.proto");
  by_extension.mutable_file_containing_extension()->set_containing_type("no.Such");
  numbers.set_all_extension_numbers_of_type("no.Such");
  for (const auto& request : {ForSymbol("no.such.Symbol"), by_name, by_extension, numbers}) {
    EXPECT_EQ(Ask(server, request).error_response().error_code(), grpc::StatusCode::NOT_FOUND)
        << request.DebugString();
  }
  EXPECT_EQ(Ask(server, {}).error_response().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(Reflection, AnswersTheOlderVersionToo) {
  namespace v1alpha = grpc::reflection::v1alpha;
  ProbeServer server;
  const auto stub = v1alpha::ServerReflection::NewStub(server.channel());
  grpc::ClientContext context;
  const auto stream = stub->ServerReflectionInfo(&context);
  v1alpha::ServerReflectionRequest request;
  v1alpha::ServerReflectionResponse response;
  request.set_file_containing_symbol("google.protobuf.FileOptions");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.file_descriptor_response().file_descriptor_proto_size(), 1);
  request.set_all_extension_numbers_of_type("google.protobuf.FileOptions");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.all_extension_numbers_response().base_type_name(),
            "google.protobuf.FileOptions");
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace metricstore::rpc
