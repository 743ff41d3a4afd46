#include "compute_service/engine/vector/program/compile.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "common/status/macros.h"
#include "compute_service/engine/vector/program/bucket_list.h"
#include "compute_service/engine/vector/program/fold_lowering.h"
#include "compute_service/engine/vector/program/lowering.h"
#include "compute_service/engine/vector/program/schedule.h"
#include "compute_service/engine/vector/program/shared_values.h"
#include "compute_service/engine/vector/program/value_table.h"

namespace metricstore::compute::vector {
namespace {

using Filters = std::vector<std::shared_ptr<const expression::BoundExpression>>;

class Compiler {
 public:
  explicit Compiler(const expression::Schema& schema, const std::string& time_column = "")
      : values_(schema, time_column) {
    program_.filters.emplace_back();
    filter_sets_[{}] = 0;
  }

  absl::Status Add(const MetricTask& task, uint32_t index);
  absl::Status AddFolds(const Filters& filters, const std::vector<ColumnFold>& folds);
  absl::Status AddRows(const expression::Node& root, StandIn stand_in);
  Program Finish(size_t task_count);

 private:
  absl::StatusOr<uint32_t> FilterSet(const Filters& filters);
  uint32_t BucketListOf(const MetricTask& task);
  BucketGroup& Group(uint32_t filter_set, uint32_t bucket_list);

  ValueTable values_;
  Program program_;
  std::map<std::set<std::string>, uint32_t> filter_sets_;  // by canonical texts
  std::map<const void*, uint32_t> bucket_lists_;           // by address
};

// Tasks with the same conditions share one set, in whatever order they name them.
absl::StatusOr<uint32_t> Compiler::FilterSet(const Filters& filters) {
  std::map<std::string, const expression::Node*> conditions;
  std::set<std::string> key;
  for (const auto& filter : filters) {
    conditions[filter->canonical_text()] = &filter->root();
    key.insert(filter->canonical_text());
  }
  const auto [entry, is_new] =
      filter_sets_.try_emplace(std::move(key), static_cast<uint32_t>(program_.filters.size()));
  if (!is_new) return entry->second;
  FilterGroup group;
  for (const auto& [text, root] : conditions) {
    ASSIGN_OR_RETURN(const ValueId condition, LowerFilter(*root, &values_));
    group.predicate =
        group.predicate == kNoValue
            ? condition
            : values_.Add(Op::kAnd, ValueType::kBool, Domain(), {group.predicate, condition});
  }
  program_.filters.push_back(std::move(group));
  return entry->second;
}

uint32_t Compiler::BucketListOf(const MetricTask& task) {
  const auto [entry, is_new] = bucket_lists_.try_emplace(task.buckets.get(), 0);
  if (!is_new) return entry->second;
  BucketList list = MakeBucketList(*task.buckets);
  std::vector<BucketList>& lists = program_.bucket_lists;
  const auto same = std::find(lists.begin(), lists.end(), list);
  entry->second = static_cast<uint32_t>(same - lists.begin());
  if (same == lists.end()) lists.push_back(std::move(list));
  return entry->second;
}

BucketGroup& Compiler::Group(uint32_t filter_set, uint32_t bucket_list) {
  std::vector<BucketGroup>& groups = program_.filters[filter_set].groups;
  for (BucketGroup& group : groups) {
    if (group.bucket_list == bucket_list) return group;
  }
  return groups.emplace_back(BucketGroup{.bucket_list = bucket_list});
}

absl::Status Compiler::Add(const MetricTask& task, uint32_t index) {
  ASSIGN_OR_RETURN(const uint32_t filter_set, FilterSet(task.filters));
  const uint32_t bucket_list = BucketListOf(task);
  ASSIGN_OR_RETURN(const ValueId root,
                   LowerMetric(task.expression->root(), filter_set, bucket_list, &values_));
  BucketGroup& group = Group(filter_set, bucket_list);
  group.tasks.push_back(index);
  group.roots.push_back(root);
  return absl::OkStatus();
}

absl::Status Compiler::AddFolds(const Filters& filters, const std::vector<ColumnFold>& folds) {
  ASSIGN_OR_RETURN(const uint32_t filter_set, FilterSet(filters));
  BucketGroup& group = Group(filter_set, 0);
  for (const ColumnFold& fold : folds) {
    ASSIGN_OR_RETURN(const ValueId root, LowerColumnFold(fold, filter_set, 0, &values_));
    group.roots.push_back(root);
  }
  return absl::OkStatus();
}

absl::Status Compiler::AddRows(const expression::Node& root, StandIn stand_in) {
  ASSIGN_OR_RETURN(program_.row_root, LowerRows(root, stand_in, &values_));
  return absl::OkStatus();
}

Program Compiler::Finish(size_t task_count) {
  program_.task_count = task_count;
  program_.values = values_.TakeValues();
  program_.columns = values_.TakeColumns();
  program_.tests = values_.TakeTests();
  program_.parameters = values_.TakeParameters();
  program_.texts = values_.TakeTexts();
  if (task_count > 0) ShareRows(&program_);
  SchedulePasses(&program_);
  return std::move(program_);
}

}  // namespace

absl::StatusOr<Program> Compile(const std::vector<MetricTask>& tasks,
                                const expression::Schema& schema, const std::string& time_column) {
  Compiler compiler(schema, time_column);
  for (uint32_t i = 0; i < tasks.size(); ++i) RETURN_IF_ERROR(compiler.Add(tasks[i], i));
  return compiler.Finish(tasks.size());
}

absl::StatusOr<Program> CompileRows(const expression::Node& root, StandIn stand_in,
                                    const expression::Schema& schema) {
  Compiler compiler(schema);
  RETURN_IF_ERROR(compiler.AddRows(root, stand_in));
  return compiler.Finish(0);
}

absl::StatusOr<Program> CompileFolds(const Filters& filters, const std::vector<ColumnFold>& folds,
                                     const expression::Schema& schema) {
  Compiler compiler(schema);
  RETURN_IF_ERROR(compiler.AddFolds(filters, folds));
  return compiler.Finish(0);
}

}  // namespace metricstore::compute::vector
