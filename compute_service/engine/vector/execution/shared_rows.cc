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

absl::Status SharedRows::Run(std::span<const RowLayout::Shared> layouts, const CallBounds& bounds) {
  for (const RowLayout::Shared& shared : layouts) {
    Folded folded{.shared = shared, .folds = {}, .folds_of = {}};
    MakeFolds(&folded);
    RETURN_IF_ERROR(Fold(&folded, bounds));
  }
  store_.Release(filter_.shared_slices);
  store_.Release(filter_.shared_pass.values);
  return absl::OkStatus();
}

void SharedRows::MakeFolds(Folded* folded) const {
  folded->folds.resize(filter_.shared_folds.size());
  folded->folds_of.resize(program_.values.size());
  for (const size_t group : folded->shared.groups) {
    for (const SharedUse& use : filter_.groups[group].shared_uses) {
      if (folded->folds[use.fold] != nullptr) continue;
      const SharedFold& fold = filter_.shared_folds[use.fold];
      folded->folds[use.fold] = PartFold::Create(fold.op, program_.values[fold.rows].type,
                                                 folded->shared.layout.part_count());
      folded->folds_of[fold.rows].push_back(folded->folds[use.fold].get());
    }
  }
}

absl::Status SharedRows::Fold(Folded* folded, const CallBounds& bounds) {
  RETURN_IF_ERROR(FoldRows(folded, bounds));
  const SharedLayout& layout = folded->shared.layout;
  for (size_t i = 0; i < folded->folds.size(); ++i) {
    if (folded->folds[i] == nullptr) continue;
    RETURN_IF_ERROR(bounds.Check());
    folded->folds[i]->Join(layout.joins, layout.parts.size());
    Emit(*folded, i);
  }
  return absl::OkStatus();
}

absl::Status SharedRows::FoldRows(Folded* folded, const CallBounds& bounds) {
  const SharedLayout& layout = folded->shared.layout;
  for (const SharedLayout::Chunk& chunk : layout.chunks) {
    RETURN_IF_ERROR(bounds.Check());
    const auto parts = std::span(layout.parts).subspan(chunk.begin, chunk.end - chunk.begin);
    const auto fold = [&](ValueId rows, const Operand& values) {
      for (PartFold* const one : folded->folds_of[rows]) {
        one->FoldRows(values, chunk.rows.begin, parts, chunk.begin);
      }
    };
    SliceColumns(layout, chunk.rows);
    for (const ValueId id : filter_.shared_slices) fold(id, store_[id]);
    RETURN_IF_ERROR(pass_.RunInto(chunk.rows.rows(), bounds, fold));
  }
  return absl::OkStatus();
}

// For all groups at once, while the results of parts are in cache.
void SharedRows::Emit(const Folded& folded, size_t fold) {
  for (size_t list = 0; list < folded.shared.groups.size(); ++list) {
    const std::vector<uint32_t>& parts = folded.shared.layout.buckets[list];
    for (const SharedUse& use : filter_.groups[folded.shared.groups[list]].shared_uses) {
      if (use.fold != fold) continue;
      Operand out = store_.Allocate(use.aggregate, parts.size());
      out.valid = store_.AllocateMask(use.aggregate, parts.size());
      folded.folds[fold]->Emit(parts, &out);
      store_.DropFullMask(use.aggregate, parts.size());
    }
  }
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

}  // namespace metricstore::compute::vector
