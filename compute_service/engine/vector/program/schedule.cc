#include "compute_service/engine/vector/program/schedule.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "compute_service/engine/vector/program/look_back.h"

namespace metricstore::compute::vector {
namespace {

// Where a value is computed: a domain and, for rows in order, how deep the lags and leads below it
// are nested. They read rows of other blocks, so what they read is finished by an earlier pass.
struct Place {
  Domain domain;
  uint32_t depth = 0;
  friend bool operator==(const Place&, const Place&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Place& place) {
    return H::combine(std::move(h), place.domain, place.depth);
  }
};

bool IsOfRowsInOrder(DomainKind kind) {
  return kind == DomainKind::kSliced || kind == DomainKind::kShared;
}

class Scheduler {
 public:
  explicit Scheduler(Program* program) : program_(*program), values_(program->values) {}

  void Run() {
    FindPlaces();
    look_back_ = LookBackOf(values_);
    FindOutputs();
    for (ValueId id = 0; id < values_.size(); ++id) Assign(id);
    for (FilterGroup& filter : program_.filters) {
      AssignSlots(&filter.row_pass);
      for (SharedWork& work : filter.shared) {
        for (Pass& pass : work.passes) AssignSlots(&pass);
      }
      for (BucketGroup& group : filter.groups) {
        for (Pass& pass : group.sliced_passes) AssignSlots(&pass);
        AssignSlots(&group.bucket_pass);
      }
    }
  }

 private:
  void FindPlaces();
  void FindOutputs();
  void Assign(ValueId id);
  void AssignAggregate(ValueId id);
  void AssignShared(ValueId id);
  void AddToPass(ValueId id, Pass* pass) const;
  void AssignSlots(Pass* pass) const;
  BucketGroup& GroupOf(const Domain& domain);
  size_t PlaceOfWork(const Domain& domain);
  SharedWork& WorkOf(const Domain& domain);
  Pass& PassOf(const Place& place);

  Program& program_;
  const std::vector<Value>& values_;
  std::vector<Place> places_;
  std::vector<size_t> look_back_;
  std::vector<bool> is_output_;
  absl::flat_hash_set<std::pair<Place, ValueId>> constants_;  // those that a pass has
  absl::flat_hash_map<std::pair<ValueId, Op>, uint32_t> shared_;
};

void Scheduler::FindPlaces() {
  places_.resize(values_.size());
  for (ValueId id = 0; id < values_.size(); ++id) {
    const Value& value = values_[id];
    places_[id].domain = value.domain;
    if (!IsOfRowsInOrder(value.domain.kind) || value.op == Op::kSlice) continue;
    uint32_t depth = 1;
    for (const ValueId argument : value.arguments) {
      if (argument == kNoValue) continue;
      depth = std::max(depth, places_[argument].depth + (ReadsWhole(value.op) ? 1 : 0));
    }
    places_[id].depth = depth;
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

size_t Scheduler::PlaceOfWork(const Domain& domain) {
  std::vector<SharedWork>& works = program_.filters[domain.filter_set].shared;
  const auto found = std::find_if(works.begin(), works.end(), [&](const SharedWork& work) {
    return work.look_back == domain.look_back;
  });
  const auto place = static_cast<size_t>(found - works.begin());
  if (found == works.end()) works.push_back({.look_back = domain.look_back});
  return place;
}

SharedWork& Scheduler::WorkOf(const Domain& domain) {
  return program_.filters[domain.filter_set].shared[PlaceOfWork(domain)];
}

Pass& Scheduler::PassOf(const Place& place) {
  const Domain& domain = place.domain;
  if (domain.kind == DomainKind::kRows) return program_.filters[domain.filter_set].row_pass;
  if (domain.kind == DomainKind::kBuckets) return GroupOf(domain).bucket_pass;
  std::vector<Pass>& passes =
      domain.kind == DomainKind::kSliced ? GroupOf(domain).sliced_passes : WorkOf(domain).passes;
  if (passes.size() < place.depth) passes.resize(place.depth);
  return passes[place.depth - 1];
}

void Scheduler::Assign(ValueId id) {
  const Value& value = values_[id];
  if (value.op == Op::kColumn) {
    program_.filters[value.domain.filter_set].columns.push_back(id);
  } else if (value.op == Op::kSlice) {
    const bool is_shared = value.domain.kind != DomainKind::kSliced;
    (is_shared ? WorkOf(value.domain).slices : GroupOf(value.domain).slices).push_back(id);
  } else if (IsAggregate(value.op)) {
    const ValueId rows = value.arguments[0];
    const bool is_shared = rows != kNoValue && values_[rows].domain.kind != DomainKind::kSliced;
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
  (look_back_[id] == 0 ? group.aggregates : group.lagged_aggregates).push_back(id);
  group.lag_rows = std::max(group.lag_rows, look_back_[id]);
}

// Bucket lists that fold the same values in the same way share the work.
void Scheduler::AssignShared(ValueId id) {
  const SharedFold fold = {.op = values_[id].op, .rows = values_[id].arguments[0]};
  const Domain& rows = values_[fold.rows].domain;
  std::vector<SharedFold>& folds = WorkOf(rows).folds;
  const auto [entry, is_new] =
      shared_.try_emplace({fold.rows, fold.op}, static_cast<uint32_t>(folds.size()));
  if (is_new) folds.push_back(fold);
  GroupOf(values_[id].domain)
      .shared_uses.push_back({.aggregate = id,
                              .work = static_cast<uint32_t>(PlaceOfWork(rows)),
                              .fold = entry->second});
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
