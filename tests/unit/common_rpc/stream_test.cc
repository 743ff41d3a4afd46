// Streams: order, half-close, backpressure, stalls, clients that break off.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "tests/unit/common_rpc/probe_server.h"

namespace metricstore::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::Duration kShortStall = absl::Milliseconds(100);

ProbeRequest Number(int64_t number) {
  ProbeRequest request;
  request.set_number(number);
  return request;
}

absl::Status SumNumbers(const CallContext&, StreamReader<ProbeRequest>& reader,
                        ProbeResponse& response) {
  ProbeRequest request;
  while (true) {
    const auto more = reader.Read(&request);
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    response.set_number(response.number() * 10 + request.number());
  }
}

TEST(ServerStream, SendsEveryMessageInOrder) {
  ProbeServer server;
  server.handlers().download = [](const CallContext&, const ProbeRequest& request,
                                  StreamWriter<ProbeResponse>& writer) {
    ProbeResponse response;
    for (int i = 0; i < request.number(); ++i) {
      response.set_number(i);
      if (auto status = writer.Write(response); !status.ok()) return status;
    }
    return absl::OkStatus();
  };
  grpc::ClientContext context;
  const auto reader = server.stub().Download(&context, Number(1000));
  ProbeResponse response;
  int received = 0;
  while (reader->Read(&response)) EXPECT_EQ(response.number(), received++);
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(received, 1000);
}

TEST(ServerStream, DeliversAnErrorWithDetailsAfterItsMessages) {
  ProbeServer server;
  server.handlers().download = [](const CallContext&, const ProbeRequest&,
                                  StreamWriter<ProbeResponse>& writer) {
    EXPECT_TRUE(writer.Write(ProbeResponse()).ok());
    return status::FieldInvalid("number", "7", "is odd");
  };
  grpc::ClientContext context;
  const auto reader = server.stub().Download(&context, {});
  ProbeResponse response;
  EXPECT_TRUE(reader->Read(&response));
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_THAT(FromGrpc(reader->Finish()),
              FailsWith(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

// A body that writes until it may not any more.
struct FloodingBody {
  absl::Notification written;  // once
  absl::Notification ended;
  absl::Status seen;

  ServerStreamBody<ProbeRequest, ProbeResponse> body() {
    return [this](const CallContext&, const ProbeRequest&, StreamWriter<ProbeResponse>& writer) {
      ProbeResponse response;
      response.set_text(std::string(512 << 10, 'x'));
      seen = writer.Write(response);
      written.Notify();
      while (seen.ok()) seen = writer.Write(response);
      ended.Notify();
      return seen;
    };
  }
};

TEST(ServerStream, IsEndedWhenTheClientStopsReading) {
  ProbeServer server({.stall_limit = kShortStall});
  FloodingBody flood;
  server.handlers().download = flood.body();
  grpc::ClientContext context;
  const auto reader = server.stub().Download(&context, {});
  flood.ended.WaitForNotification();
  EXPECT_THAT(flood.seen, FailsWith(absl::StatusCode::kAborted, "STREAM_STALLED"));
  ProbeResponse response;
  while (reader->Read(&response)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  server.Stop();
  EXPECT_THAT(server.instruments().Render(), HasSubstr("metricstore_rpc_stalled_total 1"));
}

TEST(ServerStream, StopsWritingWhenTheClientGoesAway) {
  ProbeServer server;
  FloodingBody flood;
  server.handlers().download = flood.body();
  grpc::ClientContext context;
  const auto reader = server.stub().Download(&context, {});
  ProbeResponse response;
  ASSERT_TRUE(reader->Read(&response));
  flood.written.WaitForNotification();
  context.TryCancel();
  reader->Finish();
  server.Stop();
  EXPECT_THAT(flood.seen, FailsWith(absl::StatusCode::kCancelled, "CANCELLED"));
}

TEST(ServerStream, StopsWritingAtTheClientsDeadline) {
  ProbeServer server;
  FloodingBody flood;
  server.handlers().download = flood.body();
  BoundedContext context({.deadline = absl::Now() + absl::Milliseconds(200)});
  const auto reader = server.stub().Download(context.get(), {});
  EXPECT_EQ(FromGrpc(reader->Finish()).code(), absl::StatusCode::kDeadlineExceeded);
  server.Stop();
  EXPECT_THAT(flood.seen, FailsWith(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
}

TEST(ServerStream, RefusesBeyondItsThreadsAndQueue) {
  ProbeServer server({.stream_threads = 1, .stream_queue = 0});
  absl::Notification entered, release;
  server.handlers().download = [&](const CallContext&, const ProbeRequest&,
                                   StreamWriter<ProbeResponse>&) {
    entered.Notify();
    release.WaitForNotification();
    return absl::OkStatus();
  };
  grpc::ClientContext first_context, second_context;
  const auto first = server.stub().Download(&first_context, {});
  entered.WaitForNotification();
  const auto second = server.stub().Download(&second_context, {});
  EXPECT_THAT(FromGrpc(second->Finish()),
              FailsWith(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  release.Notify();
  EXPECT_TRUE(first->Finish().ok());
}

TEST(ClientStream, ReadsEveryMessageInOrderUntilTheHalfClose) {
  ProbeServer server;
  server.handlers().upload = SumNumbers;
  grpc::ClientContext context;
  ProbeResponse response;
  const auto writer = server.stub().Upload(&context, &response);
  for (int i = 1; i <= 9; ++i) ASSERT_TRUE(writer->Write(Number(i)));
  writer->WritesDone();
  EXPECT_TRUE(writer->Finish().ok());
  EXPECT_EQ(response.number(), 123456789);
}

TEST(ClientStream, MayBeAnsweredBeforeTheClientHasSentAll) {
  ProbeServer server;
  server.handlers().upload = [](const CallContext&, StreamReader<ProbeRequest>& reader,
                                ProbeResponse&) {
    ProbeRequest request;
    EXPECT_TRUE(reader.Read(&request).ok());
    return status::FieldInvalid("number", "1", "is enough");
  };
  grpc::ClientContext context;
  ProbeResponse response;
  const auto writer = server.stub().Upload(&context, &response);
  while (writer->Write(Number(1))) {
  }
  EXPECT_THAT(FromGrpc(writer->Finish()),
              FailsWith(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"));
}

TEST(ClientStream, IsEndedWithAReasonWhenTheClientSendsNothing) {
  ProbeServer server({.stall_limit = kShortStall});
  server.handlers().upload = SumNumbers;
  grpc::ClientContext context;
  ProbeResponse response;
  const auto writer = server.stub().Upload(&context, &response);
  ASSERT_TRUE(writer->Write(Number(1)));
  EXPECT_THAT(FromGrpc(writer->Finish()), FailsWith(absl::StatusCode::kAborted, "STREAM_STALLED"));
}

TEST(ClientStream, TellsABrokenStreamFromAHalfClose) {
  ProbeServer server;
  absl::Notification first_read;
  absl::StatusOr<bool> seen;
  server.handlers().upload = [&](const CallContext& call, StreamReader<ProbeRequest>& reader,
                                 ProbeResponse&) {
    absl::Notification cancelled;
    const auto registration = call.bounds.cancel.OnCancel([&] { cancelled.Notify(); });
    ProbeRequest request;
    EXPECT_TRUE(reader.Read(&request).ok());
    first_read.Notify();
    cancelled.WaitForNotification();
    seen = reader.Read(&request);
    return seen.status();
  };
  grpc::ClientContext context;
  ProbeResponse response;
  const auto writer = server.stub().Upload(&context, &response);
  ASSERT_TRUE(writer->Write(Number(1)));
  first_read.WaitForNotification();
  context.TryCancel();
  writer->Finish();
  server.Stop();
  EXPECT_THAT(seen.status(), FailsWith(absl::StatusCode::kCancelled, "CANCELLED"));
}

TEST(BidiStream, AcknowledgesEachMessage) {
  ProbeServer server;
  server.handlers().chat = [](const CallContext&, StreamReader<ProbeRequest>& reader,
                              StreamWriter<ProbeResponse>& writer) -> absl::Status {
    ProbeRequest request;
    ProbeResponse response;
    while (true) {
      const auto more = reader.Read(&request);
      if (!more.ok()) return more.status();
      if (!*more) return absl::OkStatus();
      response.set_number(request.number() * 2);
      if (auto status = writer.Write(response); !status.ok()) return status;
    }
  };
  grpc::ClientContext context;
  const auto stream = server.stub().Chat(&context);
  std::vector<int64_t> doubled;
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(stream->Write(Number(i)));
    ProbeResponse response;
    ASSERT_TRUE(stream->Read(&response));
    doubled.push_back(response.number());
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(doubled, ElementsAre(2, 4, 6));
}

TEST(BidiStream, IsEndedWithAReasonWhenTheClientFallsSilent) {
  ProbeServer server({.stall_limit = kShortStall});
  server.handlers().chat = [](const CallContext&, StreamReader<ProbeRequest>& reader,
                              StreamWriter<ProbeResponse>& writer) {
    ProbeRequest request;
    EXPECT_TRUE(reader.Read(&request).ok());
    EXPECT_TRUE(writer.Write(ProbeResponse()).ok());
    return reader.Read(&request).status();
  };
  grpc::ClientContext context;
  const auto stream = server.stub().Chat(&context);
  ASSERT_TRUE(stream->Write(Number(1)));
  ProbeResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(FromGrpc(stream->Finish()), FailsWith(absl::StatusCode::kAborted, "STREAM_STALLED"));
}

}  // namespace
}  // namespace metricstore::rpc
