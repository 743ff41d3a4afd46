#include "tests/differential/random_expressions.h"

#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace metricstore::differential {
namespace {

constexpr std::string_view kReals[] = {"a", "b", "(a - 3)", "(b * 0.5)"};
constexpr std::string_view kIntegers[] = {"n", "m"};
constexpr std::string_view kConditions[] = {"flag", "(a > 0)", "(n > 2)"};
constexpr std::string_view kTexts[] = {"s", "u"};
constexpr std::string_view kInstants[] = {"ts", "seen"};
constexpr std::string_view kDates[] = {"day"};
constexpr std::string_view kRealLiterals[] = {"0.5", "-2.25", "3.0", "0.1", "100.0"};
constexpr std::string_view kIntegerLiterals[] = {"0", "1", "2", "3", "7", "(-2)"};
constexpr std::string_view kTextLiterals[] = {"'a'", "'ab'", "''", "'Abba'", "'\xC3\xA9'"};
constexpr std::string_view kShares[] = {"0", "0.25", "0.5", "0.9", "1"};
constexpr std::string_view kCounts[] = {"1", "2", "3", "5"};
constexpr std::string_view kExact[] = {"count(a)", "min(a)",   "max(b)",    "first(a)",
                                       "last(n)",  "count(*)", "median(n)", "count(DISTINCT m)"};

}  // namespace

std::string RandomExpressions::Leaf(char type) {
  const auto pick = [this](const auto& list) { return std::string(list[Below(std::size(list))]); };
  switch (type) {
    case 'f':
      return pick(kReals);
    case 'i':
      return pick(kIntegers);
    case 'b':
      return pick(kConditions);
    case 't':
      return pick(kTexts);
    case 'z':
      return pick(kInstants);
    default:
      return pick(kDates);
  }
}

std::string RandomExpressions::Literal(char hole) {
  const auto pick = [this](const auto& list) { return std::string(list[Below(std::size(list))]); };
  switch (hole) {
    case 'F':
      return pick(kRealLiterals);
    case 'I':
      return pick(kIntegerLiterals);
    case 'T':
      return pick(kTextLiterals);
    case 'P':
      return pick(kShares);
    case 'K':
      return pick(kCounts);
    default:
      return pick(kExact);
  }
}

std::string RandomExpressions::Fill(const Sample& sample, int depth) {
  // Parts of aggregates are rows, and only those may look around.
  const bool opens_rows = sample.level == Level::kAggregate;
  const bool before = std::exchange(may_look_around_, opens_rows || may_look_around_);
  const Level level = sample.level == Level::kBucket ? Level::kBucket : Level::kRow;
  std::string text;
  for (size_t at = 0; at < sample.text.size(); ++at) {
    if (sample.text[at] != '$') {
      text += sample.text[at];
      continue;
    }
    const char hole = sample.text[++at];
    const bool is_literal = std::string_view("FITPKE").find(hole) != std::string_view::npos;
    text += is_literal ? Literal(hole) : Grow(hole, level, depth - 1);
  }
  may_look_around_ = before;
  return text;
}

std::string RandomExpressions::Grow(char type, Level level, int depth) {
  if (level == Level::kRow && (depth <= 0 || Below(3) == 0)) return Leaf(type);
  std::vector<const Sample*> fitting;
  for (const Sample& sample : Samples()) {
    if (sample.result != type) continue;
    if (level == Level::kRow) {
      const bool fits = sample.level == Level::kRow ||
                        (sample.level == Level::kOrdered && may_look_around_ && !sees_one_row_);
      if (fits) fitting.push_back(&sample);
    } else if (sample.level == Level::kAggregate || (sample.level == Level::kBucket && depth > 1)) {
      fitting.push_back(&sample);
    }
  }
  return Fill(*fitting[Below(fitting.size())], depth);
}

std::string RandomExpressions::MetricWith(const Sample& sample, int depth) {
  if (sample.level == Level::kAggregate || sample.level == Level::kBucket) {
    return Fill(sample, depth);
  }
  const bool before = std::exchange(may_look_around_, true);
  const std::string part = Fill(sample, depth);
  may_look_around_ = before;
  switch (sample.result) {
    case 'b':
      return absl::StrCat("count(*) FILTER (WHERE ", part, ")");
    case 't':
      return absl::StrCat("string_agg(", part, ", '|')");
    case 'i':
      return absl::StrCat("array_agg(", part, ")");
    case 'f':
      return absl::StrCat("sum(", part, ")");
    default:
      return absl::StrCat("string_agg(CAST(", part, " AS text), '|')");
  }
}

std::string RandomExpressions::AggregateOfRows(const Sample& sample, int depth) {
  const bool before = std::exchange(sees_one_row_, true);
  std::string text = Fill(sample, depth);
  sees_one_row_ = before;
  return text;
}

std::string RandomExpressions::Condition(int depth) {
  const bool before = std::exchange(sees_one_row_, true);
  std::string text = Grow('b', Level::kRow, depth);
  sees_one_row_ = before;
  return text;
}

std::string RandomExpressions::Metric(int depth) {
  constexpr char kTypes[] = {'f', 'f', 'f', 'i', 'b', 't', 'v'};
  const char type = kTypes[Below(std::size(kTypes))];
  if (type != 'v') return Grow(type, Level::kBucket, depth);
  std::vector<const Sample*> vectors;
  for (const Sample& sample : Samples()) {
    if (sample.result == 'v') vectors.push_back(&sample);
  }
  return Fill(*vectors[Below(vectors.size())], depth);
}

}  // namespace metricstore::differential
