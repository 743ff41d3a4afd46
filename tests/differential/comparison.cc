#include "tests/differential/comparison.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/expression/duckdb_text.h"
#include "common/expression/expression.h"
#include "common/time/iso8601.h"
#include "gtest/gtest.h"
#include "tests/differential/random_rows.h"
#include "tests/differential/rounding_noise.h"

namespace metricstore::differential {
namespace {

using compute::vector::Evaluator;
using compute::vector::MetricPoints;
using compute::vector::MetricTask;
using expression::BoundExpression;

constexpr uint32_t kNoises = 12;

std::shared_ptr<const calendar::WindowBuckets> BucketOf(const columns::ColumnBatch& rows,
                                                        size_t begin, size_t end) {
  const std::vector<int64_t>& times = rows.columns.front().int64;
  const TimeRange shown = {FromMicros(times[begin]), FromMicros(times[end - 1] + 1)};
  return std::make_shared<const calendar::WindowBuckets>(
      calendar::WindowBuckets::From({{.start = shown.start, .slices = {shown}}}));
}

// The buckets of windows; each starts where its last slice does.
std::shared_ptr<const calendar::WindowBuckets> BucketsOf(const Windows& windows) {
  auto buckets = std::make_shared<calendar::WindowBuckets>();
  buckets->reaches = windows.reach > 1;
  for (const auto& [start, end] : windows.slices) {
    buckets->slices.push_back({FromMicros(start), FromMicros(end)});
  }
  for (size_t i = 0; i < windows.slices.size(); ++i) {
    const size_t first = i + 1 - std::min(windows.reach, i + 1);
    buckets->spans.push_back(
        {.start = FromMicros(windows.slices[i].first),
         .shown = {FromMicros(windows.slices[first].first), FromMicros(windows.slices[i].second)},
         .first_slice = static_cast<uint32_t>(first),
         .end_slice = static_cast<uint32_t>(i + 1)});
  }
  return buckets;
}

// The same for DuckDB.
std::string RowsOfBucket(const Windows& windows, size_t bucket) {
  std::string condition = "FALSE";
  for (size_t i = bucket + 1 - std::min(windows.reach, bucket + 1); i <= bucket; ++i) {
    absl::StrAppend(&condition, " OR (ts >= make_timestamp(", windows.slices[i].first,
                    ") AND ts < make_timestamp(", windows.slices[i].second, "))");
  }
  return absl::StrCat("WHERE ", condition);
}

std::vector<size_t> Places(size_t rows, bool backwards) {
  std::vector<size_t> places(rows);
  std::iota(places.begin(), places.end(), 0);
  if (backwards) std::reverse(places.begin(), places.end());
  return places;
}

std::shared_ptr<const BoundExpression> Bind(const std::string& label, const std::string& text,
                                            bool is_filter) {
  auto bound = is_filter ? BoundExpression::ParseFilter(text, RowSchema())
                         : BoundExpression::ParseMetric(text, RowSchema());
  EXPECT_TRUE(bound.ok()) << label << "\n" << text << ": " << bound.status();
  return bound.ok() ? *std::move(bound) : nullptr;
}

std::vector<std::shared_ptr<const BoundExpression>> BindAll(const std::string& label,
                                                            const std::vector<std::string>& texts,
                                                            bool is_filter) {
  std::vector<std::shared_ptr<const BoundExpression>> all;
  for (const std::string& text : texts) {
    auto bound = Bind(label, text, is_filter);
    if (bound != nullptr) all.push_back(std::move(bound));
  }
  return all;
}

void Note(const std::string& what, std::vector<std::string>* few) {
  if (few->size() < 20) few->push_back(what);
}

}  // namespace

// One metric of one bucket.
struct Comparison::Case {
  std::string label;
  std::string text;
  expression::OutputType output;
  const MetricPoints& points;
  std::optional<size_t> point;  // its index among them; none if we have no point
  // What DuckDB is asked: over those rows of its tables for which `rows` holds, a clause.
  const BoundExpression& asked;
  std::vector<Bound> filters;
  std::string rows;

  std::string Relation(const char* table) const {
    return rows.empty() ? table : absl::StrCat("(SELECT * FROM ", table, " ", rows, ")");
  }
  absl::StatusOr<std::string> Sql(const char* table) const {
    return expression::DuckDbSelect(asked, filters, {Relation(table), "ord", "ts"});
  }
};

Comparison::Comparison() {
  auto peer = DuckDbPeer::Open();
  EXPECT_TRUE(peer.ok()) << peer.status();
  if (!peer.ok()) return;
  peer_ = *std::move(peer);
  const absl::Status defined = DefineRoundingNoise(peer_.get());
  EXPECT_TRUE(defined.ok()) << defined;
}

void Comparison::Load(const columns::ColumnBatch& rows) {
  ASSERT_NE(peer_, nullptr);
  ASSERT_TRUE(peer_->Load("forwards", rows, Places(rows.rows, false)).ok());
  ASSERT_TRUE(peer_->Load("backwards", rows, Places(rows.rows, true)).ok());
}

std::vector<MetricPoints> Comparison::Evaluate(
    const std::string& label, const columns::ColumnBatch& rows, const std::vector<Bound>& metrics,
    const std::vector<Bound>& filters, std::shared_ptr<const calendar::WindowBuckets> buckets) {
  std::vector<MetricTask> tasks;
  for (const Bound& metric : metrics) {
    tasks.push_back({.expression = metric, .filters = filters, .buckets = buckets});
  }
  const auto evaluator = Evaluator::Create(std::move(tasks), "ts", RowSchema());
  EXPECT_TRUE(evaluator.ok()) << label << ": " << evaluator.status();
  if (!evaluator.ok()) return {};
  auto points = (*evaluator)->Evaluate(rows, CallBounds{});
  EXPECT_TRUE(points.ok()) << label << ": " << points.status();
  return points.ok() ? *std::move(points) : std::vector<MetricPoints>();
}

absl::StatusOr<PeerValue> Comparison::Ask(const Case& one, const char* table) {
  const absl::StatusOr<std::string> sql = one.Sql(table);
  if (!sql.ok()) return sql.status();
  return peer_->Ask(*sql);
}

std::vector<PeerValue> Comparison::AskWithNoise(const Case& one) {
  std::vector<PeerValue> answers;
  const auto keep = [&](const absl::StatusOr<PeerValue>& answer) {
    if (answer.ok()) answers.push_back(*answer);
    EXPECT_TRUE(answer.ok()) << one.label << "\n  metric  " << one.text << "\n" << answer.status();
  };
  keep(Ask(one, "backwards"));
  const std::string sql = one.Sql("forwards").value_or("");
  for (uint32_t seed = 1; seed <= kNoises; ++seed) {
    const absl::Status seeded = peer_->Execute(absl::StrCat("SELECT setseed(", seed, " / 100.0)"));
    EXPECT_TRUE(seeded.ok()) << seeded;
    keep(peer_->Ask(WithRoundingNoise(sql, seed)));
  }
  return answers;
}

void Comparison::ExpectNoRows(const Case& one) {
  const Bound count = Bind(one.label, "count(*)", false);
  const auto sql =
      expression::DuckDbSelect(*count, one.filters, {one.Relation("forwards"), "ord", "ts"});
  const auto rows = peer_->Ask(sql.value_or(""));
  ASSERT_TRUE(rows.ok()) << one.label << ": " << rows.status();
  EXPECT_EQ(rows->text, "0") << one.label << "\n  metric  " << one.text
                             << "\n  ours    no point, though rows pass the filters";
  ++tally_.equal;
}

void Comparison::Compare(const Case& one) {
  if (!one.point.has_value()) return ExpectNoRows(one);
  const absl::StatusOr<PeerValue> peer = Ask(one, "forwards");
  if (!peer.ok()) {
    ++tally_.refused;
    Note(absl::StrCat(one.text, ": ", std::string(peer.status().message())), &tally_.refusals);
    return;
  }
  const Answer ours = AnswerAt(one.points, *one.point, one.output);
  if (Agrees(ours, *peer)) {
    ++tally_.equal;
    return;
  }
  const std::vector<PeerValue> noisy = AskWithNoise(one);
  const std::string both =
      absl::StrCat(one.text, "\n  ours    ", Show(ours), "\n  DuckDB  ", ToString(*peer));
  if (noisy.size() > kNoises / 2 && IsRounding(ours, *peer, noisy)) {
    ++tally_.rounded;
    Note(both, &tally_.roundeds);
    return;
  }
  std::string others;
  for (size_t i = 0; i < std::min<size_t>(noisy.size(), 4); ++i) {
    absl::StrAppend(&others, i == 0 ? "" : ", ", ToString(noisy[i]));
  }
  ADD_FAILURE() << one.label << "\n  metric  " << both << "\n  noisy   " << others << "\n  sql     "
                << one.Sql("forwards").value_or("");
}

void Comparison::Run(const std::string& label, const columns::ColumnBatch& rows, size_t begin,
                     size_t end, const std::vector<std::string>& metrics,
                     const std::vector<std::string>& filters) {
  Load(Slice(rows, begin, end));
  const std::vector<Bound> bound_filters = BindAll(label, filters, true);
  const std::vector<Bound> bound = BindAll(label, metrics, false);
  if (bound.size() != metrics.size()) return;
  const auto points = Evaluate(label, rows, bound, bound_filters, BucketOf(rows, begin, end));
  for (size_t i = 0; i < points.size(); ++i) {
    Compare({.label = label,
             .text = metrics[i],
             .output = bound[i]->output(),
             .points = points[i],
             .point = points[i].values.empty() ? std::nullopt : std::optional<size_t>(0),
             .asked = *bound[i],
             .filters = bound_filters,
             .rows = ""});
  }
}

void Comparison::RunRewritten(const std::string& label, const columns::ColumnBatch& rows,
                              size_t begin, size_t end, const std::vector<Rewriting>& rewritings) {
  Load(Slice(rows, begin, end));
  std::vector<std::string> metrics;
  for (const Rewriting& each : rewritings) metrics.push_back(each.metric);
  const std::vector<Bound> bound = BindAll(label, metrics, false);
  if (bound.size() != metrics.size()) return;
  const auto points = Evaluate(label, rows, bound, {}, BucketOf(rows, begin, end));
  for (size_t i = 0; i < points.size(); ++i) {
    const Rewriting& each = rewritings[i];
    const Bound bare = Bind(label, each.bare, false);
    if (bare == nullptr) continue;
    const std::string first = absl::StrCat("QUALIFY row_number() OVER (PARTITION BY \"",
                                           each.first_of, "\" ORDER BY ord) = 1");
    Compare({.label = label,
             .text = each.metric,
             .output = bound[i]->output(),
             .points = points[i],
             .point = 0,
             .asked = *bare,
             .filters = each.condition.empty() ? std::vector<Bound>{}
                                               : BindAll(label, {each.condition}, true),
             .rows = each.first_of.empty() ? "" : first});
  }
}

void Comparison::RunWindows(const std::string& label, const columns::ColumnBatch& rows,
                            const Windows& windows, const std::vector<std::string>& metrics) {
  constexpr size_t kShare = 7;
  Load(rows);
  const std::vector<Bound> bound = BindAll(label, metrics, false);
  if (bound.size() != metrics.size()) return;
  const auto points = Evaluate(label, rows, bound, {}, BucketsOf(windows));
  for (size_t i = 0; i < points.size(); ++i) {
    const std::vector<int64_t>& starts = points[i].bucket_start_micros;
    for (size_t bucket = i % kShare; bucket < windows.slices.size(); bucket += kShare) {
      const auto found =
          std::lower_bound(starts.begin(), starts.end(), windows.slices[bucket].first);
      const bool has_point = found != starts.end() && *found == windows.slices[bucket].first;
      Compare({.label = absl::StrCat(label, ", bucket ", bucket),
               .text = metrics[i],
               .output = bound[i]->output(),
               .points = points[i],
               .point = has_point ? std::optional<size_t>(found - starts.begin()) : std::nullopt,
               .asked = *bound[i],
               .filters = {},
               .rows = RowsOfBucket(windows, bucket)});
    }
  }
}

}  // namespace metricstore::differential
