#include "compute_service/engine/vector/execution/shared_rows.h"

#include <algorithm>
#include <utility>

#include "common/status/macros.h"

namespace metricstore::compute::vector {
namespace {

// A clock takes as long to read as some hundred rows of one value.
constexpr size_t kChunksBetweenChecks = 16;

}  // namespace

SharedRows::SharedRows(const Program& program, const FilterGroup& filter, size_t work,
                       const EvaluationTexts& texts, VectorStore* store)
    : program_(program),
      filter_(filter),
      work_number_(work),
      work_(filter.shared[work]),
      store_(*store) {
  passes_.reserve(work_.passes.size());
  for (const Pass& pass : work_.passes) passes_.emplace_back(pass, texts, store);
}

absl::Status SharedRows::Run(std::span<const RowLayout::Shared> layouts, const CallBounds& bounds) {
  for (const RowLayout::Shared& shared : layouts) {
    if (shared.work != work_number_) continue;
    Folded folded{.shared = shared, .folds = {}, .folds_of = {}};
    MakeFolds(&folded);
    RETURN_IF_ERROR(Fold(&folded, bounds));
  }
  store_.Release(work_.slices);
  for (const Pass& pass : work_.passes) store_.Release(pass.values);
  return absl::OkStatus();
}

template <typename Call>
void SharedRows::ForEachUse(size_t group, const Call& call) const {
  for (const SharedUse& use : filter_.groups[group].shared_uses) {
    if (use.work == work_number_) call(use);
  }
}

void SharedRows::MakeFolds(Folded* folded) const {
  folded->folds.resize(work_.folds.size());
  folded->folds_of.resize(program_.values.size());
  for (const size_t group : folded->shared.groups) {
    ForEachUse(group, [&](const SharedUse& use) {
      if (folded->folds[use.fold] != nullptr) return;
      const SharedFold& fold = work_.folds[use.fold];
      folded->folds[use.fold] = PartFold::Create(fold.op, program_.values[fold.rows].type,
                                                 folded->shared.layout.part_count());
      folded->folds_of[fold.rows].push_back(folded->folds[use.fold].get());
    });
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
  const std::vector<SharedLayout::Chunk>& chunks = folded->shared.layout.chunks;
  for (size_t i = 0; i < chunks.size(); ++i) {
    if (i % kChunksBetweenChecks == 0) RETURN_IF_ERROR(bounds.Check());
    RETURN_IF_ERROR(FoldChunk(*folded, chunks[i], bounds));
  }
  return absl::OkStatus();
}

absl::Status SharedRows::FoldChunk(const Folded& folded, const SharedLayout::Chunk& chunk,
                                   const CallBounds& bounds) {
  const SharedLayout& layout = folded.shared.layout;
  const auto parts = std::span(layout.parts).subspan(chunk.parts.begin, chunk.parts.rows());
  const auto fold = [&](ValueId rows, const Operand& values) {
    for (PartFold* const one : folded.folds_of[rows]) {
      one->FoldRows(values, chunk.first_row, parts, chunk.parts.begin);
    }
  };
  FindSources(layout, chunk);
  SliceColumns(chunk.rows);
  for (const ValueId id : work_.slices) fold(id, store_[id]);
  for (size_t pass = 0; pass < passes_.size(); ++pass) {
    if (pass + 1 == passes_.size()) {
      RETURN_IF_ERROR(passes_[pass].RunInto(chunk.rows, stretches_, bounds, fold));
    } else {
      RETURN_IF_ERROR(passes_[pass].Run(chunk.rows, stretches_, bounds));
      for (const ValueId id : work_.passes[pass].values) fold(id, store_[id]);
    }
  }
  return absl::OkStatus();
}

// For all groups at once, while the results of parts are in cache.
void SharedRows::Emit(const Folded& folded, size_t fold) {
  for (size_t list = 0; list < folded.shared.groups.size(); ++list) {
    const std::vector<uint32_t>& parts = folded.shared.layout.buckets[list];
    ForEachUse(folded.shared.groups[list], [&](const SharedUse& use) {
      if (use.fold != fold) return;
      Operand out = store_.Allocate(use.aggregate, parts.size());
      out.valid = store_.AllocateMask(use.aggregate, parts.size());
      folded.folds[fold]->Emit(parts, &out);
      store_.DropFullMask(use.aggregate, parts.size());
    });
  }
}

void SharedRows::FindSources(const SharedLayout& layout, const SharedLayout::Chunk& chunk) {
  sources_.clear();
  stretches_.clear();
  size_t place = 0;
  for (size_t i = chunk.stretches.begin; i < chunk.stretches.end; ++i) {
    const RowRange& rows = layout.stretches[i];
    AppendRowsAt(layout.shown, rows, &sources_);
    stretches_.push_back({place, place + rows.rows()});
    place += rows.rows();
  }
}

void SharedRows::SliceColumns(size_t rows) {
  for (const ValueId id : work_.slices) {
    const ValueId column = program_.values[id].arguments[0];
    if (sources_.size() == 1) {
      const size_t element_bytes = ElementBytes(program_.values[id].type);
      store_.SetView(id, From(store_[column], sources_[0].begin, element_bytes));
    } else {
      store_.CopyRanges(column, sources_, rows, id);
    }
  }
}

}  // namespace metricstore::compute::vector
