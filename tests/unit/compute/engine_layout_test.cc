// An evaluator remembers where rows of some times lie: entities with the same times, and with
// others, get what an evaluator of their own gives them.

#include <bit>
#include <thread>

#include "common/status/error.h"
#include "compute_service/engine/vector/layout/row_layout.h"
#include "tests/unit/compute/engine_fixture.h"

namespace metricstore::compute::vector {
namespace {

using columns::ColumnBatch;

// Buckets of their own rows and buckets that share them.
std::vector<MetricTask> Tasks() {
  const BucketsPtr separate = MakeBuckets({{{0, 30}}, {{30, 31}}, {{35, 80}, {90, 200}}});
  const BucketsPtr reaching = MakeReaching({{0, 200}}, {{0, 50}, {10, 60}, {20, 200}});
  std::vector<MetricTask> tasks;
  for (const char* const expression :
       {"sum(a)", "median(a)", "sum(delta(a))", "count(*)", "max(a) - first(a)"}) {
    for (const std::vector<std::string>& filters :
         {std::vector<std::string>(), std::vector<std::string>{"a > 0"}}) {
      tasks.push_back(MakeTask(expression, separate, filters));
      tasks.push_back(MakeTask(expression, reaching, filters));
    }
  }
  return tasks;
}

ColumnBatch RandomValues(std::mt19937_64* random, size_t rows) {
  std::vector<double> values(rows);
  for (double& value : values) value = static_cast<double>((*random)() % 2001) / 7 - 140;
  return RowsOf(values);
}

bool HaveSameBits(const std::vector<MetricPoints>& a, const std::vector<MetricPoints>& b) {
  return std::ranges::equal(a, b, [](const MetricPoints& x, const MetricPoints& y) {
    return x.bucket_start_micros == y.bucket_start_micros && x.statuses == y.statuses &&
           std::ranges::equal(x.values, y.values, [](double v, double w) {
             return std::bit_cast<uint64_t>(v) == std::bit_cast<uint64_t>(w);
           });
  });
}

TEST(EngineLayoutTest, EntitiesOfTheSameAndOfOtherTimesHaveTheirOwnPoints) {
  const auto evaluator = Evaluator::Create(Tasks(), "ts", TestSchema());
  ASSERT_TRUE(evaluator.ok()) << evaluator.status();
  std::mt19937_64 random(1);
  ColumnBatch other_middle = RandomValues(&random, 100);  // first and last as in the others
  for (size_t row = 29; row < 36; ++row) other_middle.columns[0].int64[row] = 29;
  ColumnBatch later = RandomValues(&random, 100);
  for (int64_t& time : later.columns[0].int64) time += 7;
  const std::vector<ColumnBatch> entities = {RandomValues(&random, 100),
                                             RandomValues(&random, 100),
                                             RandomValues(&random, 100),
                                             other_middle,
                                             RandomValues(&random, 100),
                                             later,
                                             later,
                                             later,
                                             RandomValues(&random, 60),
                                             RandomValues(&random, 0),
                                             RandomValues(&random, 0),
                                             RandomValues(&random, 0),
                                             RandomValues(&random, 100)};
  for (size_t i = 0; i < entities.size(); ++i) {
    const auto points = (*evaluator)->Evaluate(entities[i], CallBounds());
    ASSERT_TRUE(points.ok()) << points.status();
    EXPECT_TRUE(HaveSameBits(*points, EvaluateAll(Tasks(), entities[i]))) << "entity " << i;
  }
}

// The times of such a filter set are those of the set without a filter, but its windows are others.
TEST(EngineLayoutTest, AFilterThatAllRowsPassHasItsOwnWindows) {
  std::vector<MetricTask> tasks;
  tasks.push_back(MakeTask("sum(a)", MakeBuckets({{{0, 30}}, {{30, 31}}, {{35, 80}}})));
  tasks.push_back(MakeTask("max(a)", MakeReaching({{0, 200}}, {{0, 50}, {10, 90}}), {"a >= 0"}));
  tasks.push_back(MakeTask("sum(a)", MakeBuckets({{{5, 7}}}), {"a >= 0"}));
  const auto evaluator = Evaluator::Create(tasks, "ts", TestSchema());
  ASSERT_TRUE(evaluator.ok()) << evaluator.status();
  std::vector<double> values(100);
  for (size_t row = 0; row < values.size(); ++row) values[row] = static_cast<double>(row * 37 % 50);
  const ColumnBatch rows = RowsOf(values);
  for (int i = 0; i < 4; ++i) {
    const auto points = (*evaluator)->Evaluate(rows, CallBounds());
    ASSERT_TRUE(points.ok()) << points.status();
    EXPECT_TRUE(HaveSameBits(*points, EvaluateAll(tasks, rows))) << "time " << i;
  }
}

TEST(EngineLayoutTest, UnorderedTimesAreRefusedAlsoAfterOrderedOnesOfTheSameEnds) {
  const auto evaluator = Evaluator::Create(Tasks(), "ts", TestSchema());
  ASSERT_TRUE(evaluator.ok()) << evaluator.status();
  std::mt19937_64 random(2);
  ColumnBatch rows = RandomValues(&random, 50);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE((*evaluator)->Evaluate(rows, CallBounds()).ok());
  std::swap(rows.columns[0].int64[20], rows.columns[0].int64[21]);
  for (int i = 0; i < 3; ++i) {
    const auto points = (*evaluator)->Evaluate(rows, CallBounds());
    EXPECT_EQ(status::ReasonOf(points.status()), "BATCH_INVALID");
  }
}

TEST(EngineLayoutTest, ThreadsWithDifferentTimesDoNotDisturbEachOther) {
  const auto evaluator = Evaluator::Create(Tasks(), "ts", TestSchema());
  ASSERT_TRUE(evaluator.ok()) << evaluator.status();
  std::vector<std::thread> threads;
  std::vector<int> differences(4, 0);
  for (size_t thread = 0; thread < differences.size(); ++thread) {
    threads.emplace_back([&, thread] {
      std::mt19937_64 random(thread);
      const ColumnBatch rows = RandomValues(&random, 90 + thread / 2);  // two have the same times
      const auto wanted = EvaluateAll(Tasks(), rows);
      for (int i = 0; i < 50; ++i) {
        const auto points = (*evaluator)->Evaluate(rows, CallBounds());
        if (!points.ok() || !HaveSameBits(*points, wanted)) ++differences[thread];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(differences, (std::vector<int>{0, 0, 0, 0}));
}

TEST(RowLayoutMemoryTest, RemembersWhatIsLaidOutTwice) {
  const FilterGroup filter;
  RowLayoutMemory memory;
  const std::vector<int64_t> times = {1, 2, 3};
  EXPECT_EQ(memory.Find(times), nullptr);
  ASSERT_TRUE(memory.LayOut(filter, {}, times, CallBounds()).ok());
  EXPECT_EQ(memory.Find(times), nullptr) << "others may never come again";
  ASSERT_TRUE(memory.LayOut(filter, {}, times, CallBounds()).ok());
  EXPECT_NE(memory.Find(times), nullptr);
  EXPECT_EQ(memory.Find(std::vector<int64_t>{1, 1, 3}), nullptr);
  EXPECT_EQ(memory.Find(std::vector<int64_t>{1, 2}), nullptr);
  EXPECT_NE(memory.Find(std::vector<int64_t>{1, 2, 3}), nullptr);
}

}  // namespace
}  // namespace metricstore::compute::vector
