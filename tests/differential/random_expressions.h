// Random metrics that bind, grown from the samples of all functions.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "tests/differential/samples.h"

namespace metricstore::differential {

// Not thread-safe. The same seed gives the same expressions.
class RandomExpressions {
 public:
  explicit RandomExpressions(uint64_t seed) : random_(seed) {}

  // A metric whose outermost aggregate is this sample, or that has it inside one: its holes are
  // filled to `depth` further levels.
  std::string MetricWith(const Sample& sample, int depth);
  // Any metric.
  std::string Metric(int depth);
  // The sample, an aggregate, of rows that do not look at others.
  std::string AggregateOfRows(const Sample& sample, int depth);
  // A condition of one row that does not look at others.
  std::string Condition(int depth);

 private:
  // A value of type `type` at a level.
  std::string Grow(char type, Level level, int depth);
  std::string Fill(const Sample& sample, int depth);
  std::string Leaf(char type);
  std::string Literal(char hole);
  size_t Below(size_t count) {
    return std::uniform_int_distribution<size_t>(0, count - 1)(random_);
  }

  std::mt19937_64 random_;
  bool may_look_around_ = false;
  bool sees_one_row_ = false;  // whatever it may
};

}  // namespace metricstore::differential
