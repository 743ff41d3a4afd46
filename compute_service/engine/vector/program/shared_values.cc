#include "compute_service/engine/vector/program/shared_values.h"

#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compute_service/engine/vector/program/look_back.h"

namespace metricstore::compute::vector {
namespace {

bool IsJoinedFromParts(Op op) {
  switch (op) {
    case Op::kCount:
    case Op::kSum:
    case Op::kSumExact:
    case Op::kSquaredDeviations:
    case Op::kMin:
    case Op::kMax:
    case Op::kFirst:
    case Op::kLast:
      return true;
    default:
      return false;
  }
}

// So many rows at most are computed for each bucket alone, and kept at a time.
constexpr size_t kMostSharedLookBack = 1 << 16;

class Sharing {
 public:
  explicit Sharing(Program* program) : program_(*program), old_(program->values) {}

  void Run() {
    look_back_ = LookBackOf(old_);
    FindUsed();
    new_id_.assign(old_.size(), kNoValue);
    for (ValueId id = 0; id < old_.size(); ++id) {
      if (is_used_[id]) new_id_[id] = Add(Moved(id));
    }
    Renumber();
    program_.values = std::move(made_);
  }

 private:
  void FindUsed();
  void MarkUsed(ValueId id);
  bool IsShared(const Value& aggregate) const;
  Value Moved(ValueId id);
  ValueId Shared(ValueId id, uint32_t look_back);
  ValueId Add(const Value& value);
  void Renumber();

  Program& program_;
  const std::vector<Value>& old_;
  std::vector<size_t> look_back_;
  std::vector<bool> is_used_;  // with their domain
  std::vector<ValueId> new_id_;
  std::vector<Value> made_;
  absl::flat_hash_map<Value, ValueId> ids_;
  absl::flat_hash_map<std::pair<ValueId, uint32_t>, ValueId> shared_;  // of old ones
};

bool Sharing::IsShared(const Value& aggregate) const {
  if (!IsJoinedFromParts(aggregate.op)) return false;
  const size_t look_back = look_back_[aggregate.arguments[0]];
  const bool reaches = program_.bucket_lists[aggregate.domain.bucket_list].reaches;
  return look_back == 0 || (reaches && look_back <= kMostSharedLookBack);
}

void Sharing::FindUsed() {
  is_used_.assign(old_.size(), false);
  if (program_.row_root != kNoValue) MarkUsed(program_.row_root);
  for (const FilterGroup& filter : program_.filters) {
    if (filter.predicate != kNoValue) MarkUsed(filter.predicate);
    for (const BucketGroup& group : filter.groups) {
      for (const ValueId root : group.roots) MarkUsed(root);
    }
  }
  // From what uses to what is used.
  for (ValueId id = static_cast<ValueId>(old_.size()); id-- > 0;) {
    if (!is_used_[id]) continue;
    const bool is_shared = IsShared(old_[id]);
    for (size_t i = 0; i < 3; ++i) {
      const ValueId argument = old_[id].arguments[i];
      if (argument != kNoValue && (i > 0 || !is_shared)) MarkUsed(argument);
    }
  }
}

void Sharing::MarkUsed(ValueId id) { is_used_[id] = true; }

// The value with its arguments where they are now.
Value Sharing::Moved(ValueId id) {
  Value value = old_[id];
  const bool is_shared = IsShared(value);
  for (size_t i = 0; i < 3; ++i) {
    ValueId& argument = value.arguments[i];
    if (argument == kNoValue) continue;
    argument = i == 0 && is_shared ? Shared(argument, static_cast<uint32_t>(look_back_[argument]))
                                   : new_id_[argument];
  }
  return value;
}

// The same of the shared rows.
ValueId Sharing::Shared(ValueId id, uint32_t look_back) {
  const auto known = shared_.find({id, look_back});
  if (known != shared_.end()) return known->second;
  Value value = old_[id];
  if (value.domain.kind == DomainKind::kSliced) {
    value.domain = {
        .kind = DomainKind::kShared, .filter_set = value.domain.filter_set, .look_back = look_back};
  }
  for (ValueId& argument : value.arguments) {
    if (argument != kNoValue) argument = Shared(argument, look_back);
  }
  return shared_[{id, look_back}] = Add(value);
}

ValueId Sharing::Add(const Value& value) {
  const auto [entry, is_new] = ids_.try_emplace(value, static_cast<ValueId>(made_.size()));
  if (is_new) made_.push_back(value);
  return entry->second;
}

void Sharing::Renumber() {
  const auto renumber = [this](ValueId* id) {
    if (*id != kNoValue) *id = new_id_[*id];
  };
  renumber(&program_.row_root);
  for (FilterGroup& filter : program_.filters) {
    renumber(&filter.predicate);
    for (BucketGroup& group : filter.groups) {
      for (ValueId& root : group.roots) renumber(&root);
    }
  }
}

}  // namespace

void ShareRows(Program* program) { Sharing(program).Run(); }

}  // namespace metricstore::compute::vector
