#include "compute_service/engine/vector/program/schedule.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

namespace metricstore::compute::vector {
namespace {

// Where a value is computed: a domain and, for slices, how deep the lags and leads below it are
// nested. They read rows of other blocks, so what they read is finished by an earlier pass.
struct Place {
  Domain domain;
  uint32_t depth = 0;
  friend bool operator==(const Place&, const Place&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Place& place) {
    return H::combine(std::move(h), place.domain, place.depth);
  }
};

class Scheduler {
 public:
  explicit Scheduler(Program* program) : program_(*program), values_(program->values) {}

  void Run() {
    FindPlaces();
    FindLooksBack();
    FindOutputs();
    for (ValueId id = 0; id < values_.size(); ++id) Assign(id);
    for (FilterGroup& filter : program_.filters) {
      AssignSlots(&filter.row_pass);
      AssignSlots(&filter.shared_pass);
      for (BucketGroup& group : filter.groups) {
        for (Pass& pass : group.sliced_passes) AssignSlots(&pass);
        AssignSlots(&group.bucket_pass);
      }
    }
  }

 private:
  void FindPlaces();
  void FindLooksBack();
  void FindOutputs();
  void Assign(ValueId id);
  void AssignAggregate(ValueId id);
  void AssignShared(ValueId id);
  void AddToPass(ValueId id, Pass* pass) const;
  void AssignSlots(Pass* pass) const;
  BucketGroup& GroupOf(const Domain& domain);
  Pass& PassOf(const Place& place);

  Program& program_;
  const std::vector<Value>& values_;
  std::vector<Place> places_;
  std::vector<size_t> looks_back_;  // how many of a bucket's first rows depend on the bucket
  std::vector<bool> is_output_;
  absl::flat_hash_set<std::pair<Place, ValueId>> constants_;  // those that a pass has
  absl::flat_hash_map<std::pair<ValueId, Op>, uint32_t> shared_;
};

void Scheduler::FindPlaces() {
  places_.resize(values_.size());
  for (ValueId id = 0; id < values_.size(); ++id) {
    const Value& value = values_[id];
    places_[id].domain = value.domain;
    if (value.domain.kind != DomainKind::kSliced || value.op == Op::kSlice) continue;
    uint32_t depth = 1;
    for (const ValueId argument : value.arguments) {
      if (argument == kNoValue) continue;
      depth = std::max(depth, places_[argument].depth + (ReadsWhole(value.op) ? 1 : 0));
    }
    places_[id].depth = depth;
  }
}

// What looks ahead or runs on depends on the whole bucket.
void Scheduler::FindLooksBack() {
  constexpr size_t kAllRows = SIZE_MAX;
  looks_back_.resize(values_.size());
  for (ValueId id = 0; id < values_.size(); ++id) {
    const Value& value = values_[id];
    if (value.domain.kind != DomainKind::kSliced) continue;
    size_t rows = 0;
    for (const ValueId argument : value.arguments) {
      if (argument != kNoValue) rows = std::max(rows, looks_back_[argument]);
    }
    if (value.op == Op::kLag) rows += std::min<size_t>(value.payload, kAllRows - rows);
    looks_back_[id] = value.op == Op::kLead || value.op == Op::kRunning ? kAllRows : rows;
  }
}

void Scheduler::FindOutputs() {
  is_output_.resize(values_.size());
  for (ValueId id = 0; id < values_.size(); ++id) {
    for (const ValueId argument : values_[id].arguments) {
      if (argument == kNoValue || !IsComputed(values_[argument].op)) continue;
      if (ReadsWhole(values_[id].op) || places_[id] != places_[argument]) {
        is_output_[argument] = true;
      }
    }
  }
  if (program_.row_root != kNoValue) is_output_[program_.row_root] = true;
  for (const FilterGroup& filter : program_.filters) {
    if (filter.predicate != kNoValue) is_output_[filter.predicate] = true;
    for (const BucketGroup& group : filter.groups) {
      for (const ValueId root : group.roots) is_output_[root] = true;
    }
  }
}

BucketGroup& Scheduler::GroupOf(const Domain& domain) {
  std::vector<BucketGroup>& groups = program_.filters[domain.filter_set].groups;
  return *std::find_if(groups.begin(), groups.end(), [&](const BucketGroup& group) {
    return group.bucket_list == domain.bucket_list;
  });
}

Pass& Scheduler::PassOf(const Place& place) {
  FilterGroup& filter = program_.filters[place.domain.filter_set];
  if (place.domain.kind == DomainKind::kRows) return filter.row_pass;
  if (place.domain.kind == DomainKind::kShared) return filter.shared_pass;
  BucketGroup& group = GroupOf(place.domain);
  if (place.domain.kind == DomainKind::kBuckets) return group.bucket_pass;
  if (group.sliced_passes.size() < place.depth) group.sliced_passes.resize(place.depth);
  return group.sliced_passes[place.depth - 1];
}

void Scheduler::Assign(ValueId id) {
  const Value& value = values_[id];
  if (value.op == Op::kColumn) {
    program_.filters[value.domain.filter_set].columns.push_back(id);
  } else if (value.op == Op::kSlice) {
    const bool is_shared = value.domain.kind == DomainKind::kShared;
    (is_shared ? program_.filters[value.domain.filter_set].shared_slices
               : GroupOf(value.domain).slices)
        .push_back(id);
  } else if (IsAggregate(value.op)) {
    const ValueId rows = value.arguments[0];
    const bool is_shared = rows != kNoValue && values_[rows].domain.kind == DomainKind::kShared;
    is_shared ? AssignShared(id) : AssignAggregate(id);
  } else if (IsComputed(value.op)) {
    Pass& pass = PassOf(places_[id]);
    for (const ValueId argument : value.arguments) {
      if (argument == kNoValue || values_[argument].op != Op::kConstant) continue;
      if (constants_.insert({places_[id], argument}).second) AddToPass(argument, &pass);
    }
    AddToPass(id, &pass);
  }
}

// What an aggregate reads beside its rows is an aggregate of the same rows.
void Scheduler::AssignAggregate(ValueId id) {
  BucketGroup& group = GroupOf(values_[id].domain);
  size_t looks_back = 0;
  for (const ValueId rows : values_[id].arguments) {
    if (rows != kNoValue) looks_back = std::max(looks_back, looks_back_[rows]);
  }
  (looks_back == 0 ? group.aggregates : group.lagged_aggregates).push_back(id);
  group.lag_rows = std::max(group.lag_rows, looks_back);
}

// Bucket lists that fold the same values in the same way share the work.
void Scheduler::AssignShared(ValueId id) {
  const Domain& domain = values_[id].domain;
  std::vector<SharedFold>& folds = program_.filters[domain.filter_set].shared_folds;
  const SharedFold fold = {.op = values_[id].op, .rows = values_[id].arguments[0]};
  const auto [entry, is_new] =
      shared_.try_emplace({fold.rows, fold.op}, static_cast<uint32_t>(folds.size()));
  if (is_new) folds.push_back(fold);
  GroupOf(domain).shared_uses.push_back({.aggregate = id, .fold = entry->second});
}

void Scheduler::AddToPass(ValueId id, Pass* pass) const {
  pass->values.push_back(id);
  pass->is_output.push_back(is_output_[id]);
}

// A slot is free again after the last use of its value. Constants keep theirs: they are filled
// once, not for each block.
void Scheduler::AssignSlots(Pass* pass) const {
  absl::flat_hash_map<ValueId, size_t> last_use;
  for (size_t i = 0; i < pass->values.size(); ++i) {
    for (const ValueId argument : values_[pass->values[i]].arguments) {
      if (argument != kNoValue) last_use[argument] = i;
    }
  }
  absl::flat_hash_map<ValueId, uint32_t> slot_of;
  std::vector<uint32_t> free_slots;
  const auto take = [&](ValueId id, bool may_reuse) {
    uint32_t slot = pass->slot_count;
    if (may_reuse && !free_slots.empty()) {
      slot = free_slots.back();
      free_slots.pop_back();
    } else {
      ++pass->slot_count;
    }
    slot_of[id] = slot;
    pass->slots.push_back(slot);
  };
  for (size_t i = 0; i < pass->values.size(); ++i) {
    const ValueId id = pass->values[i];
    take(id, values_[id].op != Op::kConstant);
    for (const ValueId argument : values_[id].arguments) {
      const auto slot = slot_of.find(argument);
      if (slot == slot_of.end() || values_[argument].op == Op::kConstant) continue;
      if (last_use[argument] != i) continue;
      free_slots.push_back(slot->second);
      slot_of.erase(slot);  // an argument given twice frees its slot once
    }
    if (!last_use.contains(id)) free_slots.push_back(pass->slots.back());
  }
}

}  // namespace

void SchedulePasses(Program* program) { Scheduler(program).Run(); }

}  // namespace metricstore::compute::vector
