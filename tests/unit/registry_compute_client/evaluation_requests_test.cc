#include "registry_service/compute_client/evaluation_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/registry_compute_client/row_evaluation_fixture.h"

namespace metricstore::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EvaluationRequestsTest : public ::testing::Test {
 protected:
  void Add(size_t rows, const Dataset* dataset = nullptr) {
    const std::vector<Payment> payments(rows, Payment{"u1", Utc(2024, 3, 4), 1});
    evaluations_.push_back({.metric = &metric_,
                            .dataset = dataset == nullptr ? &payments_ : dataset,
                            .calendar = calendar_.get(),
                            .rows = PaymentRows(payments)});
  }

  // The number of evaluations in each request.
  std::vector<int> Sizes(RequestLimits limits) {
    EvaluationRequests requests(evaluations_, limits);
    std::vector<int> sizes;
    compute::v1::EvaluateRowsRequest request;
    while (requests.Next(&request)) {
      sizes.push_back(request.evaluations_size());
      EXPECT_THAT(request.datasets(), SizeIs(1));
      EXPECT_THAT(request.calendars(), SizeIs(1));
      if (request.evaluations_size() > 1) {
        EXPECT_LE(request.ByteSizeLong(), limits.bytes);
      }
    }
    return sizes;
  }

  const MetricDefinition metric_ = PaymentsMetric("sum(amount)");
  const Dataset payments_ = Payments();
  const std::shared_ptr<const calendar::Calendar> calendar_ = AlwaysOpen();
  std::vector<RowEvaluation> evaluations_;
};

TEST_F(EvaluationRequestsTest, NothingGivesNoRequest) { EXPECT_THAT(Sizes({}), IsEmpty()); }

TEST_F(EvaluationRequestsTest, ARequestHasAtMostAThousandEvaluations) {
  for (int i = 0; i < 2001; ++i) Add(1);
  EXPECT_THAT(Sizes({}), ElementsAre(1000, 1000, 1));
}

TEST_F(EvaluationRequestsTest, ARequestStaysBelowItsBytes) {
  for (int i = 0; i < 10; ++i) Add(1000);  // 20 kB of values each
  const std::vector<int> sizes = Sizes({.bytes = 65'000});
  EXPECT_THAT(sizes, ElementsAre(3, 3, 3, 1));
}

TEST_F(EvaluationRequestsTest, ARequestStaysBelowItsRows) {
  for (int i = 0; i < 5; ++i) Add(4000);
  EXPECT_THAT(Sizes({}), ElementsAre(2, 2, 1));
}

TEST_F(EvaluationRequestsTest, WhatIsTooLargeByItselfGoesAlone) {
  Add(1);
  Add(1000);
  Add(1);
  EXPECT_THAT(Sizes({.bytes = 3000}), ElementsAre(1, 1, 1));
}

TEST_F(EvaluationRequestsTest, DefinitionsOfOneNameThatDifferDoNotMeet) {
  Dataset changed = Payments();
  changed.columns.push_back({.name = "fee"});
  Add(1);
  Add(1);
  Add(1, &changed);
  Add(1);
  EXPECT_THAT(Sizes({}), ElementsAre(2, 1, 1));
}

TEST_F(EvaluationRequestsTest, WordsAndTestsStayAtHome) {
  MetricDefinition metric = PaymentsMetric("sum(amount)");
  metric.notes = std::string(100'000, 'x');
  metric.tests.push_back({.name = "some", .rows = {{{"user_id", "u1"}}}});
  metric.filters = {"amount > 0"};
  metric.timeframe = absl::Minutes(5);
  metric.window = *calendar::ParseWindow("rolling_5_sessions of first_30m of office");
  metric.timeframe_alignment = calendar::BarAlignment::kSession;
  evaluations_.push_back({.metric = &metric,
                          .dataset = &payments_,
                          .calendar = calendar_.get(),
                          .rows = PaymentRows({})});
  EvaluationRequests requests(evaluations_, {});
  compute::v1::EvaluateRowsRequest request;
  ASSERT_TRUE(requests.Next(&request));
  EXPECT_LT(request.ByteSizeLong(), 2000u);
  const v1::Metric& sent = request.evaluations(0).metric();
  EXPECT_EQ(sent.id(), "revenue/payments");
  EXPECT_THAT(sent.filters(), ElementsAre("amount > 0"));
  EXPECT_EQ(sent.window().kind(), v1::Window::KIND_FIRST);
  EXPECT_EQ(sent.window().length().seconds(), 1800);
  EXPECT_EQ(sent.window().rolling().count(), 5);
  EXPECT_EQ(sent.window().rolling().unit(), v1::Window::ROLLING_UNIT_SESSIONS);
  EXPECT_EQ(sent.timeframe().seconds(), 300);
  EXPECT_EQ(sent.timeframe_alignment(), v1::BAR_ALIGNMENT_SESSION);
}

}  // namespace
}  // namespace metricstore::registry
