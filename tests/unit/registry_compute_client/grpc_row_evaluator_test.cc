#include "registry_service/compute_client/grpc_row_evaluator.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <functional>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/rpc/status_conversion.h"
#include "common/status/error.h"
#include "compute_service/api/row_evaluation_call.h"
#include "metricstore/compute/v1/compute_service.grpc.pb.h"
#include "tests/testing/matchers.h"
#include "tests/unit/registry_compute_client/row_evaluation_fixture.h"

namespace metricstore::registry {
namespace {

namespace pb = ::metricstore::compute::v1;

using ::metricstore::testing::HasMetadata;
using ::metricstore::testing::IsOk;
using ::metricstore::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

// ComputeService in this process, on a free port. Its body is set before calls.
class FakeComputeServer : public pb::ComputeService::Service {
 public:
  using Body = std::function<absl::Status(grpc::ServerContext*, const pb::EvaluateRowsRequest&,
                                          pb::EvaluateRowsResponse*)>;

  FakeComputeServer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeComputeServer() override { Shutdown(); }

  std::string target() const { return absl::StrCat("127.0.0.1:", port_); }
  void Shutdown() { server_->Shutdown(std::chrono::system_clock::now()); }

  // What the real service does, without its server.
  Body body = [](grpc::ServerContext*, const pb::EvaluateRowsRequest& request,
                 pb::EvaluateRowsResponse* response) {
    return compute::EvaluateRows(request, CallBounds(), response);
  };

  int calls() const {
    std::lock_guard lock(mutex_);
    return calls_;
  }

  grpc::Status EvaluateRows(grpc::ServerContext* context, const pb::EvaluateRowsRequest* request,
                            pb::EvaluateRowsResponse* response) override {
    {
      std::lock_guard lock(mutex_);
      ++calls_;
    }
    return rpc::ToGrpc(body(context, *request, response));
  }

 private:
  mutable std::mutex mutex_;
  int calls_ = 0;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

class GrpcRowEvaluatorTest : public ::testing::Test {
 protected:
  RowEvaluation Of(const MetricDefinition& metric, const std::vector<Payment>& payments) {
    return {.metric = &metric,
            .dataset = &payments_,
            .calendar = calendar_.get(),
            .rows = PaymentRows(payments)};
  }

  absl::StatusOr<std::vector<EvaluatedRows>> EvaluateOne(const CallBounds& bounds = {}) {
    GrpcRowEvaluator evaluator({.target = server_.target(), .timeout = timeout_});
    return evaluator.Evaluate({Of(metric_, {{"u1", Utc(2024, 3, 4), 1}})}, bounds);
  }

  void AnswerWith(const absl::Status& status) {
    server_.body = [status](grpc::ServerContext*, const pb::EvaluateRowsRequest&,
                            pb::EvaluateRowsResponse*) { return status; };
  }
  // Says nothing until the client goes away.
  void Hang(const std::function<void()>& once_called = [] {}) {
    server_.body = [once_called](grpc::ServerContext* context, const pb::EvaluateRowsRequest&,
                                 pb::EvaluateRowsResponse*) {
      once_called();
      while (!context->IsCancelled()) std::this_thread::yield();
      return absl::CancelledError("gone");
    };
  }

  const MetricDefinition metric_ = PaymentsMetric("sum(amount)");
  const Dataset payments_ = Payments();
  const std::shared_ptr<const calendar::Calendar> calendar_ = AlwaysOpen();
  absl::Duration timeout_ = absl::Seconds(30);
  FakeComputeServer server_;
};

TEST_F(GrpcRowEvaluatorTest, GivesWhatComputeServiceEvaluates) {
  MetricDefinition distinct = PaymentsMetric("count(DISTINCT user_id)");
  distinct.grain = Grain::kMonth;
  MetricDefinition median = PaymentsMetric("median(amount) / (count(*) - 1)");
  median.filters = {"amount > 1"};
  median.window = {.kind = calendar::WindowKind::kSession, .session = "office"};
  MetricDefinition infinite = PaymentsMetric("exp(max(amount) * 1000)");
  const MetricDefinition broken = PaymentsMetric("sum(amuont)");
  MetricDefinition split = PaymentsMetric("sum(amount)");
  split.dimensions = {"user_id"};
  // On 2024-03-08 the office closes at noon.
  const std::vector<Payment> payments = {{"u1", Utc(2024, 3, 7, 10), 2},
                                         {"u1", Utc(2024, 3, 7, 11), 8},
                                         {"u1", Utc(2024, 3, 8, 11), 3},
                                         {"u1", Utc(2024, 3, 8, 12), 5},
                                         {"u2", Utc(2024, 3, 8, 9), 1}};
  GrpcRowEvaluator evaluator({.target = server_.target(), .timeout = timeout_});
  const auto results =
      evaluator.Evaluate({Of(distinct, payments), Of(median, payments), Of(infinite, payments),
                          Of(broken, payments), Of(split, payments), Of(metric_, {})},
                         {});
  ASSERT_THAT(results, IsOk());
  ASSERT_THAT(*results, SizeIs(6));

  ASSERT_THAT((*results)[0].points, SizeIs(2));
  EXPECT_EQ((*results)[0].points[1].entity, "u2");
  EXPECT_EQ((*results)[0].points[1].bucket_start, Utc(2024, 3, 1));
  EXPECT_EQ((*results)[0].points[1].value, 1);

  ASSERT_THAT((*results)[1].points, SizeIs(2)) << "u2's only payment does not pass";
  EXPECT_EQ((*results)[1].points[0].bucket_start, Utc(2024, 3, 7));
  EXPECT_EQ((*results)[1].points[0].value, 5);
  EXPECT_EQ((*results)[1].points[1].value, std::nullopt) << "by zero: the noon payment is outside";
  EXPECT_TRUE((*results)[1].points[1].finite);

  EXPECT_EQ((*results)[2].points.at(0).value, std::nullopt);
  EXPECT_FALSE((*results)[2].points.at(0).finite);

  EXPECT_EQ((*results)[3].error_reason, "EXPRESSION_INVALID");
  EXPECT_THAT((*results)[3].error, HasSubstr("amuont"));
  EXPECT_EQ((*results)[4].error_reason, "NOT_SUPPORTED");
  EXPECT_THAT((*results)[5].points, IsEmpty());
  EXPECT_EQ((*results)[5].error_reason, "");
  EXPECT_EQ(server_.calls(), 1);
}

TEST_F(GrpcRowEvaluatorTest, SendsManyEvaluationsInFewCalls) {
  const std::vector<Payment> payments(30, Payment{"u1", Utc(2024, 3, 4), 2});
  const std::vector<RowEvaluation> evaluations(1500, Of(metric_, payments));
  GrpcRowEvaluator evaluator({.target = server_.target(), .timeout = timeout_});
  const auto results = evaluator.Evaluate(evaluations, {});
  ASSERT_THAT(results, IsOk());
  ASSERT_THAT(*results, SizeIs(1500));
  for (const EvaluatedRows& rows : *results) EXPECT_EQ(rows.points.at(0).value, 60);
  EXPECT_EQ(server_.calls(), 5) << "45,000 rows";
}

TEST_F(GrpcRowEvaluatorTest, NothingToEvaluateAsksNobody) {
  GrpcRowEvaluator evaluator({});
  EXPECT_THAT(evaluator.Evaluate({}, {}), IsOk());
}

TEST_F(GrpcRowEvaluatorTest, IsUnavailableWithoutATarget) {
  GrpcRowEvaluator evaluator({});
  const auto results = evaluator.Evaluate({Of(metric_, {})}, {});
  EXPECT_THAT(results, StatusIs(kUnavailable, "COMPUTE_UNAVAILABLE"));
  EXPECT_THAT(results, HasMetadata("target", ""));
}

TEST_F(GrpcRowEvaluatorTest, IsUnavailableWhereNobodyListens) {
  server_.Shutdown();
  const auto results = EvaluateOne();
  EXPECT_THAT(results, StatusIs(kUnavailable, "COMPUTE_UNAVAILABLE"));
  EXPECT_THAT(results, HasMetadata("target", server_.target()));
}

TEST_F(GrpcRowEvaluatorTest, IsUnavailableWhenNobodyAnswersInTime) {
  timeout_ = absl::Milliseconds(100);
  Hang();
  EXPECT_THAT(EvaluateOne(), StatusIs(kUnavailable, "COMPUTE_UNAVAILABLE"));
}

TEST_F(GrpcRowEvaluatorTest, IsUnavailableWhereComputeIsDrainingOverloadedOrOld) {
  AnswerWith(status::ErrorBuilder(kUnavailable, "DRAINING", "going").Build());
  EXPECT_THAT(EvaluateOne(), StatusIs(kUnavailable, "COMPUTE_UNAVAILABLE"));
  AnswerWith(status::ErrorBuilder(absl::StatusCode::kResourceExhausted, "OVERLOADED", "full")
                 .RetryAfter(absl::Seconds(3))
                 .Build());
  const auto overloaded = EvaluateOne();
  EXPECT_THAT(overloaded, StatusIs(kUnavailable, "COMPUTE_UNAVAILABLE"));
  EXPECT_EQ(status::DetailsOf(overloaded.status())->retry_after, absl::Seconds(3));
  AnswerWith(absl::UnimplementedError("no such method"));
  EXPECT_THAT(EvaluateOne(), StatusIs(kUnavailable, "COMPUTE_UNAVAILABLE"));
}

TEST_F(GrpcRowEvaluatorTest, TheCallersOwnDeadlineAndCancellationStayAsTheyAre) {
  Hang();
  EXPECT_THAT(EvaluateOne({.deadline = absl::Now() + absl::Milliseconds(100)}),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  const CallBounds bounds;
  Hang([&bounds] { bounds.cancel.Cancel(); });
  EXPECT_THAT(EvaluateOne(bounds), StatusIs(absl::StatusCode::kCancelled, "CANCELLED"));
}

TEST_F(GrpcRowEvaluatorTest, ARefusalOfWhatWeSentIsAFaultOfOurs) {
  AnswerWith(status::FieldInvalid("datasets[0].name", "x", "is there twice"));
  EXPECT_THAT(EvaluateOne(), StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
  AnswerWith(absl::OkStatus());  // without a result
  EXPECT_THAT(EvaluateOne(), StatusIs(absl::StatusCode::kInternal, "INTERNAL"));
}

}  // namespace
}  // namespace metricstore::registry
