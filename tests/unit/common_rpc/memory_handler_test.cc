// Calls that are answered from memory: on the receiving thread, or by the executor where memory
// cannot.
#include "common/rpc/memory_handler.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "tests/unit/common_rpc/probe_server.h"

namespace metricstore::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string ThreadName() {
  char name[32] = "";
  pthread_getname_np(pthread_self(), name, sizeof(name));
  return name;
}

// Knows "known"; other texts are for the executor.
class MemoryProbe final
    : public ProbeService::WithRawCallbackMethod_Ask<ProbeService::CallbackService> {
 public:
  explicit MemoryProbe(ServerRuntime& runtime) : ask_(runtime, "ProbeService/Ask") {}

  EncodedBody<ProbeRequest> from_elsewhere = [](const CallContext&, const ProbeRequest&,
                                                std::string&) { return absl::OkStatus(); };
  std::string answering_thread;

  grpc::ServerUnaryReactor* Ask(grpc::CallbackServerContext* context,
                                const grpc::ByteBuffer* request, grpc::ByteBuffer* reply) override {
    return HandleFromMemory<ProbeRequest>(
        ask_, context, request, reply,
        [this](const ProbeRequest& known, std::string& answer) {
          if (known.text() != "known") return false;
          answering_thread = ThreadName();
          ProbeResponse response;
          response.set_text("from memory");
          response.SerializeToString(&answer);
          return true;
        },
        from_elsewhere);
  }

 private:
  MemoryMethod ask_;
};

class MemoryHandlerTest : public ::testing::Test {
 protected:
  explicit MemoryHandlerTest(ServerOptions options = {})
      : runtime_(std::move(options), instruments_), handlers_(runtime_) {
    auto started = Server::Start(runtime_, {&handlers_});
    EXPECT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
    stub_ = ProbeService::NewStub(
        MakeChannel("127.0.0.1:" + std::to_string(server_->port()), {.user_agent = "probe"}));
  }

  absl::StatusOr<std::string> Ask(const std::string& text) {
    grpc::ClientContext context;
    ProbeRequest request;
    request.set_text(text);
    ProbeResponse response;
    const absl::Status status = FromGrpc(stub_->Ask(&context, request, &response));
    if (!status.ok()) return status;
    return response.text();
  }

  telemetry::Instruments instruments_;
  ServerRuntime runtime_;
  MemoryProbe handlers_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<ProbeService::Stub> stub_;
};

TEST_F(MemoryHandlerTest, AnswersOnTheReceivingThreadWithoutALogLine) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(*Ask("known"), "from memory");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(handlers_.answering_thread, Not(HasSubstr("rpc-unary")));
  EXPECT_THAT(instruments_.Render(), HasSubstr("metricstore_rpc_seconds_count{code=\"OK\","
                                               "method=\"ProbeService/Ask\"} 1"));
}

TEST_F(MemoryHandlerTest, LeavesTheRestToTheExecutor) {
  std::string thread;
  handlers_.from_elsewhere = [&](const CallContext& call, const ProbeRequest& request,
                                 std::string& reply) {
    EXPECT_EQ(call.method, "ProbeService/Ask");
    thread = ThreadName();
    ProbeResponse response;
    response.set_text("looked up " + request.text());
    response.SerializeToString(&reply);
    return absl::OkStatus();
  };
  EXPECT_EQ(*Ask("other"), "looked up other");
  EXPECT_THAT(thread, HasSubstr("rpc-unary"));
  handlers_.from_elsewhere = [](const CallContext&, const ProbeRequest&, std::string&) {
    return status::FieldRequired("text");
  };
  EXPECT_THAT(Ask("").status(), FailsWith(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED"));
}

class FullExecutorTest : public MemoryHandlerTest {
 protected:
  FullExecutorTest() : MemoryHandlerTest({.unary_threads = 1, .unary_queue = 0}) {}
};

TEST_F(FullExecutorTest, AnswersWhileTheExecutorIsFull) {
  absl::Notification entered, release;
  handlers_.from_elsewhere = [&](const CallContext&, const ProbeRequest&, std::string&) {
    entered.Notify();
    release.WaitForNotification();
    return absl::OkStatus();
  };
  std::thread held([&] { EXPECT_TRUE(Ask("slow").ok()); });
  entered.WaitForNotification();
  EXPECT_THAT(Ask("refused").status(),
              FailsWith(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  EXPECT_EQ(*Ask("known"), "from memory");
  release.Notify();
  held.join();
}

TEST_F(MemoryHandlerTest, RefusesWhileTheServerDrains) {
  runtime_.BeginDrain();
  EXPECT_THAT(Ask("known").status(), FailsWith(absl::StatusCode::kUnavailable, "DRAINING"));
}

TEST_F(MemoryHandlerTest, RefusesWhatIsNoMessage) {
  grpc::ByteBuffer request = ToBytes("\x0f\xff rubbish");
  ProbeRequest message;
  EXPECT_FALSE(ParseMessage(request, message));
  EXPECT_THAT(NoSuchMessage(), FailsWith(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

}  // namespace
}  // namespace metricstore::rpc
