#include "compute_service/engine/vector/execution/shared_rows.h"

#include <algorithm>
#include <utility>

#include "common/status/macros.h"

namespace metricstore::compute::vector {
namespace {

// The sources of shared rows [rows.begin, rows.end).
std::vector<RowRange> SourcesOf(const std::vector<RowRange>& sources, RowRange rows) {
  std::vector<RowRange> found;
  size_t number = 0;
  for (const RowRange& source : sources) {
    const size_t begin = std::max(rows.begin, number);
    const size_t end = std::min(rows.end, number + source.rows());
    if (begin < end) {
      found.push_back({source.begin + (begin - number), source.begin + (end - number)});
    }
    number += source.rows();
  }
  return found;
}

}  // namespace

SharedRows::SharedRows(const Program& program, const FilterGroup& filter,
                       const EvaluationTexts& texts, VectorStore* store)
    : program_(program), filter_(filter), store_(*store), pass_(filter.shared_pass, texts, store) {}

absl::Status SharedRows::Run(std::span<const BucketRows> lists, const CallBounds& bounds) {
  std::vector<size_t> groups;
  std::vector<const BucketRows*> used;
  for (size_t group = 0; group < lists.size(); ++group) {
    if (filter_.groups[group].shared_uses.empty()) continue;
    groups.push_back(group);
    used.push_back(&lists[group]);
  }
  for (const std::vector<size_t>& places : ListsByLayout(used)) {
    if (places.empty()) continue;
    Folded folded;
    std::vector<const BucketRows*> together;
    for (const size_t place : places) {
      folded.groups.push_back(groups[place]);
      together.push_back(used[place]);
    }
    ASSIGN_OR_RETURN(folded.layout, MakeSharedLayout(together, bounds));
    MakeFolds(&folded);
    RETURN_IF_ERROR(Fold(&folded, bounds));
    folded_.push_back(std::move(folded));
  }
  store_.Release(filter_.shared_slices);
  store_.Release(filter_.shared_pass.values);
  return absl::OkStatus();
}

void SharedRows::MakeFolds(Folded* folded) const {
  folded->folds.resize(filter_.shared_folds.size());
  for (const size_t group : folded->groups) {
    for (const SharedUse& use : filter_.groups[group].shared_uses) {
      if (folded->folds[use.fold] != nullptr) continue;
      const SharedFold& fold = filter_.shared_folds[use.fold];
      folded->folds[use.fold] =
          PartFold::Create(fold.op, program_.values[fold.rows].type, folded->layout.part_count);
    }
  }
}

absl::Status SharedRows::Fold(Folded* folded, const CallBounds& bounds) {
  const SharedLayout& layout = folded->layout;
  for (const SharedLayout::Chunk& chunk : layout.chunks) {
    RETURN_IF_ERROR(bounds.Check());
    SliceColumns(layout, chunk.rows);
    RETURN_IF_ERROR(pass_.Run(chunk.rows.rows(), {}, bounds));
    const auto parts = std::span(layout.parts).subspan(chunk.begin, chunk.end - chunk.begin);
    for (size_t i = 0; i < folded->folds.size(); ++i) {
      if (folded->folds[i] == nullptr) continue;
      folded->folds[i]->FoldRows(store_[filter_.shared_folds[i].rows], chunk.rows.begin, parts);
    }
  }
  for (const auto& fold : folded->folds) {
    if (fold != nullptr) fold->JoinNodes(layout.tree);
  }
  return absl::OkStatus();
}

void SharedRows::SliceColumns(const SharedLayout& layout, RowRange rows) {
  const std::vector<RowRange> sources = SourcesOf(layout.sources, rows);
  for (const ValueId id : filter_.shared_slices) {
    const ValueId column = program_.values[id].arguments[0];
    if (sources.size() == 1) {
      const size_t element_bytes = ElementBytes(program_.values[id].type);
      store_.SetView(id, From(store_[column], sources[0].begin, element_bytes));
    } else {
      store_.CopyRanges(column, sources, rows.rows(), id);
    }
  }
}

void SharedRows::Emit(size_t group) {
  for (const Folded& folded : folded_) {
    const auto place = std::find(folded.groups.begin(), folded.groups.end(), group);
    if (place == folded.groups.end()) continue;
    const auto list = static_cast<size_t>(place - folded.groups.begin());
    const BucketSteps& buckets = folded.layout.buckets[list];
    for (const SharedUse& use : filter_.groups[group].shared_uses) {
      Operand out = store_.Allocate(use.aggregate, buckets.ends.size());
      out.valid = store_.AllocateMask(use.aggregate, buckets.ends.size());
      folded.folds[use.fold]->Emit(buckets, &out);
      store_.DropFullMask(use.aggregate, buckets.ends.size());
    }
  }
}

}  // namespace metricstore::compute::vector
