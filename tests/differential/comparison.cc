#include "tests/differential/comparison.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/calendar/buckets.h"
#include "common/expression/duckdb_text.h"
#include "common/expression/expression.h"
#include "common/time/iso8601.h"
#include "compute_service/engine/vector/evaluator.h"
#include "gtest/gtest.h"
#include "tests/differential/random_rows.h"

namespace metricstore::differential {
namespace {

using compute::vector::Evaluator;
using compute::vector::MetricPoints;
using compute::vector::MetricTask;
using compute::vector::PointStatus;
using expression::BoundExpression;
using expression::OutputType;

constexpr double kTolerance = 1e-12;
// Below the rounding of the rows' values, which are of the order of ten: what is left of deviations
// that should be zero.
constexpr double kSlack = 1e-14;
// How many times DuckDB's own rounding we may differ from it.
constexpr double kNoiseFactor = 16;

// Our answer in the peer's form. NaN and infinities are one thing here: points only say that the
// value is not finite.
PeerValue OfJson(const nlohmann::json& json) {
  if (json.is_null()) return {};
  if (json.is_boolean())
    return {.kind = PeerValue::Kind::kBoolean, .real = json.get<bool>() ? 1.0 : 0.0};
  if (json.is_string()) return {.kind = PeerValue::Kind::kText, .text = json.get<std::string>()};
  if (json.is_number_integer()) {
    return {.kind = PeerValue::Kind::kInteger, .real = json.get<double>(), .text = json.dump()};
  }
  if (json.is_number()) return {.kind = PeerValue::Kind::kReal, .real = json.get<double>()};
  PeerValue list{.kind = PeerValue::Kind::kList};
  for (const auto& element : json) list.elements.push_back(OfJson(element));
  return list;
}

struct Answer {
  PeerValue value;
  bool not_finite = false;
};

Answer OurAnswer(const MetricPoints& points, OutputType output) {
  if (points.statuses.front() == PointStatus::kNull) return {};
  if (points.statuses.front() == PointStatus::kNotFinite) return {.value = {}, .not_finite = true};
  const std::string text = points.texts.empty() ? "" : points.texts.front();
  if (output == OutputType::kText) return {{.kind = PeerValue::Kind::kText, .text = text}};
  if (output == OutputType::kVector) return {OfJson(nlohmann::json::parse(text))};
  if (output == OutputType::kInteger && !text.empty()) {
    return {{.kind = PeerValue::Kind::kInteger, .real = points.values.front(), .text = text}};
  }
  return {{.kind = PeerValue::Kind::kReal, .real = points.values.front()}};
}

bool IsFinite(const PeerValue& value) {
  if (value.kind == PeerValue::Kind::kList) {
    return std::all_of(value.elements.begin(), value.elements.end(), IsFinite);
  }
  return std::isfinite(value.real);
}

bool IsNumber(const PeerValue& value) {
  return value.kind == PeerValue::Kind::kReal || value.kind == PeerValue::Kind::kInteger ||
         value.kind == PeerValue::Kind::kBoolean;
}

bool Equal(const PeerValue& a, const PeerValue& b, double slack) {
  const bool exact = a.kind == PeerValue::Kind::kInteger && b.kind == PeerValue::Kind::kInteger;
  if (exact) return a.text == b.text;
  if (IsNumber(a) && IsNumber(b)) {
    const double most = std::max(std::abs(a.real), std::abs(b.real));
    return std::abs(a.real - b.real) <= kTolerance * most + slack;
  }
  if (a.kind != b.kind || a.text != b.text || a.elements.size() != b.elements.size()) return false;
  for (size_t i = 0; i < a.elements.size(); ++i) {
    if (!Equal(a.elements[i], b.elements[i], slack)) return false;
  }
  return true;
}

// Whether an answer equals the peer's. NaN and infinities of the peer are our status.
bool Agrees(const Answer& ours, const PeerValue& peer, double slack) {
  if (peer.kind != PeerValue::Kind::kNull && !IsFinite(peer)) return ours.not_finite;
  return !ours.not_finite && Equal(ours.value, peer, slack);
}

std::string Show(const Answer& answer) {
  return answer.not_finite ? "not finite" : ToString(answer.value);
}

std::shared_ptr<const calendar::WindowBuckets> BucketOf(const columns::ColumnBatch& rows,
                                                        size_t begin, size_t end) {
  const std::vector<int64_t>& times = rows.columns.front().int64;
  const TimeRange shown = {FromMicros(times[begin]), FromMicros(times[end - 1] + 1)};
  return std::make_shared<const calendar::WindowBuckets>(
      calendar::WindowBuckets::From({{.start = shown.start, .slices = {shown}}}));
}

std::vector<size_t> Places(size_t rows, bool backwards) {
  std::vector<size_t> places(rows);
  std::iota(places.begin(), places.end(), 0);
  if (backwards) std::reverse(places.begin(), places.end());
  return places;
}

}  // namespace

Comparison::Comparison() {
  auto peer = DuckDbPeer::Open();
  EXPECT_TRUE(peer.ok()) << peer.status();
  if (peer.ok()) peer_ = *std::move(peer);
}

void Comparison::Run(const std::string& label, const columns::ColumnBatch& rows, size_t begin,
                     size_t end, const std::vector<std::string>& metrics,
                     const std::vector<std::string>& filters) {
  ASSERT_NE(peer_, nullptr);
  const columns::ColumnBatch slice = Slice(rows, begin, end);
  ASSERT_TRUE(peer_->Load("forwards", slice, Places(slice.rows, false)).ok());
  ASSERT_TRUE(peer_->Load("backwards", slice, Places(slice.rows, true)).ok());
  std::vector<MetricTask> tasks;
  std::vector<std::shared_ptr<const BoundExpression>> bound_filters;
  for (const std::string& text : filters) {
    auto bound = BoundExpression::ParseFilter(text, RowSchema());
    ASSERT_TRUE(bound.ok()) << text << ": " << bound.status();
    bound_filters.push_back(*std::move(bound));
  }
  const auto buckets = BucketOf(rows, begin, end);
  std::vector<std::string> texts;
  for (const std::string& text : metrics) {
    auto bound = BoundExpression::ParseMetric(text, RowSchema());
    EXPECT_TRUE(bound.ok()) << label << "\n" << text << ": " << bound.status();
    if (!bound.ok()) continue;
    texts.push_back(text);
    tasks.push_back(
        {.expression = *std::move(bound), .filters = bound_filters, .buckets = buckets});
  }
  auto evaluator = Evaluator::Create(tasks, "ts", RowSchema());
  ASSERT_TRUE(evaluator.ok()) << label << ": " << evaluator.status();
  const auto points = (*evaluator)->Evaluate(rows, CallBounds{});
  ASSERT_TRUE(points.ok()) << label << ": " << points.status();
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string where = absl::StrCat(label, "\n  metric  ", texts[i]);
    const BoundExpression& metric = *tasks[i].expression;
    const auto ask = [&](const char* table) -> absl::StatusOr<PeerValue> {
      const absl::StatusOr<std::string> sql =
          expression::DuckDbSelect(metric, bound_filters, {table, "ord", "ts"});
      if (!sql.ok()) return sql.status();
      return peer_->Ask(*sql);
    };
    const absl::StatusOr<PeerValue> peer = ask("forwards");
    if (!peer.ok()) {
      ++tally_.refused;
      if (tally_.refusals.size() < 20) {
        tally_.refusals.push_back(
            absl::StrCat(texts[i], ": ", std::string(peer.status().message())));
      }
      continue;
    }
    if (points->at(i).values.empty()) {
      // No row passed the filters: no point, whatever the peer says of nothing.
      ++tally_.equal;
      continue;
    }
    const Answer ours = OurAnswer(points->at(i), metric.output());
    if (Agrees(ours, *peer, kSlack)) {
      ++tally_.equal;
      continue;
    }
    const absl::StatusOr<PeerValue> again = ask("backwards");
    const bool both_numbers = again.ok() && IsNumber(*peer) && IsNumber(*again);
    const double noise = both_numbers ? std::abs(peer->real - again->real) : 0;
    if (Agrees(ours, *peer, kSlack + kNoiseFactor * noise)) {
      ++tally_.equal;
      continue;
    }
    ADD_FAILURE()
        << where << "\n  ours    " << Show(ours) << "\n  DuckDB  " << ToString(*peer)
        << "\n  sql     "
        << expression::DuckDbSelect(metric, bound_filters, {"rows", "ord", "ts"}).value_or("");
  }
}

}  // namespace metricstore::differential
