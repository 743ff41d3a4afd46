#include "compute_service/engine/vector/execution/shared_layout.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "common/status/macros.h"

namespace metricstore::compute::vector {
namespace {

constexpr size_t kBucketsBetweenChecks = 1024;
constexpr size_t kChunkRows = 512;
// A piece of a bucket costs each of its aggregates an addition or two, as does a leaf of the tree.
constexpr size_t kMostPiecesOfBucket = 32;

// Rows that buckets show, ascending, touching ones joined.
std::vector<RowRange> Joined(std::vector<RowRange> ranges) {
  const auto is_before = [](const RowRange& a, const RowRange& b) { return a.begin < b.begin; };
  if (!std::is_sorted(ranges.begin(), ranges.end(), is_before)) {
    std::sort(ranges.begin(), ranges.end(), is_before);
  }
  size_t kept = 0;
  for (const RowRange& range : ranges) {
    if (kept > 0 && range.begin <= ranges[kept - 1].end) {
      ranges[kept - 1].end = std::max(ranges[kept - 1].end, range.end);
    } else {
      ranges[kept++] = range;
    }
  }
  ranges.resize(kept);
  return ranges;
}

void AppendShownRows(const BucketRows& list, std::vector<RowRange>* shown) {
  for (const RowRange& positions : Joined(list.positions)) AppendRowsAt(list, positions, shown);
}

// From rows to their numbers among the shared ones.
class SharedNumbers {
 public:
  explicit SharedNumbers(const std::vector<RowRange>& sources) : sources_(sources) {
    firsts_.reserve(sources.size());
    for (const RowRange& source : sources) {
      firsts_.push_back(count_);
      count_ += source.rows();
    }
  }

  size_t count() const { return count_; }
  size_t operator[](size_t row) const {
    const auto after = std::partition_point(sources_.begin(), sources_.end(),
                                            [row](const RowRange& r) { return r.begin <= row; });
    const auto source = static_cast<size_t>(after - sources_.begin()) - 1;
    return firsts_[source] + (row - sources_[source].begin);
  }
  bool AreShared(RowRange rows) const {
    const auto after = std::partition_point(
        sources_.begin(), sources_.end(), [&](const RowRange& r) { return r.begin <= rows.begin; });
    return after != sources_.begin() && rows.end <= std::prev(after)->end;
  }

 private:
  const std::vector<RowRange>& sources_;
  std::vector<size_t> firsts_;
  size_t count_ = 0;
};

// A list's positions, as stretches of shared rows.
class ListPieces {
 public:
  ListPieces(const BucketRows& list, const SharedNumbers& numbers)
      : list_(list), numbers_(numbers) {
    const auto& stretches = list.stretches;
    last_of_piece_.resize(stretches.size());
    first_number_.resize(stretches.size());
    for (size_t i = stretches.size(); i-- > 0;) {
      const RowRange& rows = stretches[i].rows;
      // A stretch of which not all rows are shown is looked at row by row.
      const bool is_whole = numbers.AreShared(rows);
      first_number_[i] = is_whole ? numbers[rows.begin] : SIZE_MAX;
      const bool goes_on = is_whole && i + 1 < stretches.size() &&
                           first_number_[i] + rows.rows() == first_number_[i + 1];
      last_of_piece_[i] = goes_on ? last_of_piece_[i + 1] : i;
    }
  }

  // Makes `pieces` the shared rows at these positions.
  void Find(RowRange positions, std::vector<RowRange>* pieces) const {
    pieces->clear();
    const auto& stretches = list_.stretches;
    size_t i = static_cast<size_t>(std::partition_point(stretches.begin(), stretches.end(),
                                                        [&](const BucketRows::Stretch& one) {
                                                          return one.position + one.rows.rows() <=
                                                                 positions.begin;
                                                        }) -
                                   stretches.begin());
    for (size_t at = positions.begin; at < positions.end;) {
      const size_t last = last_of_piece_[i];
      const size_t end =
          std::min(positions.end, stretches[last].position + stretches[last].rows.rows());
      const size_t offset = at - stretches[i].position;
      const size_t begin = first_number_[i] == SIZE_MAX ? numbers_[stretches[i].rows.begin + offset]
                                                        : first_number_[i] + offset;
      if (!pieces->empty() && pieces->back().end == begin) {
        pieces->back().end = begin + (end - at);
      } else {
        pieces->push_back({begin, begin + (end - at)});
      }
      at = end;
      i = last + 1;
    }
  }

 private:
  const BucketRows& list_;
  const SharedNumbers& numbers_;
  std::vector<size_t> last_of_piece_;  // of each stretch: the last one that goes on with its rows
  std::vector<size_t> first_number_;
};

// Finds the parts of buckets. Until all are found, a part is named by what it is: a leaf by its
// node, then ends of buckets and joins by their places.
class PartFinder {
 public:
  explicit PartFinder(SharedLayout* layout)
      : layout_(*layout), whole_(layout->tree.size(), kUnknown) {}

  absl::Status AddList(const BucketRows& list, const SharedNumbers& numbers,
                       const CallBounds& bounds) {
    const ListPieces pieces(list, numbers);
    std::vector<uint32_t>& parts = layout_.buckets.emplace_back();
    parts.reserve(list.positions.size());
    std::vector<RowRange> of_bucket;
    for (size_t i = 0; i < list.positions.size(); ++i) {
      if (i % kBucketsBetweenChecks == 0) RETURN_IF_ERROR(bounds.Check());
      pieces.Find(list.positions[i], &of_bucket);
      parts.push_back(PartOf(TimeTree::kRoot, of_bucket));
    }
    return absl::OkStatus();
  }

  // Numbers leaves and ends in the order of their rows, and joins after them.
  void Finish();

 private:
  static constexpr uint32_t kUnknown = UINT32_MAX;
  static constexpr uint32_t kJoin = UINT32_C(1) << 31;

  // An end of a bucket within a leaf: some ranges of SharedLayout::ranges.
  struct End {
    uint32_t leaf = 0;
    size_t first_range = 0;
    size_t end_range = 0;
  };

  // The part of a node that these pieces show; each of them has rows of the node.
  uint32_t PartOf(uint32_t node, std::span<const RowRange> pieces);
  uint32_t WholeNode(uint32_t node);
  uint32_t AddEnd(uint32_t leaf, std::span<const RowRange> pieces);
  uint32_t AddJoin(uint32_t left, uint32_t right);
  void StartLeaf(RowRange rows);
  void AddPart(uint32_t name, size_t first_range, size_t end_range);

  SharedLayout& layout_;
  std::vector<uint32_t> whole_;  // of nodes
  std::vector<End> ends_;
  std::vector<uint32_t> numbers_;  // of leaves, by their nodes, and of ends
};

RowRange Common(const RowRange& a, const RowRange& b) {
  return {std::max(a.begin, b.begin), std::min(a.end, b.end)};
}

uint32_t PartFinder::PartOf(uint32_t node, std::span<const RowRange> pieces) {
  const TimeTree& tree = layout_.tree;
  while (true) {
    const TimeTree::Node& here = tree[node];
    if (pieces.size() == 1 && Common(pieces[0], here.rows) == here.rows) return WholeNode(node);
    if (here.is_leaf()) return AddEnd(node, pieces);
    const size_t middle = tree[here.right].rows.begin;
    if (pieces.front().begin < middle && pieces.back().end > middle) break;
    node = pieces.front().begin < middle ? here.left : here.right;
  }
  const TimeTree::Node& here = tree[node];
  const size_t middle = tree[here.right].rows.begin;
  const auto after = std::partition_point(pieces.begin(), pieces.end(),
                                          [middle](const RowRange& r) { return r.begin < middle; });
  const auto before = std::partition_point(pieces.begin(), after,
                                           [middle](const RowRange& r) { return r.end <= middle; });
  const uint32_t earlier = PartOf(here.left, {pieces.begin(), after});
  return AddJoin(earlier, PartOf(here.right, {before, pieces.end()}));
}

uint32_t PartFinder::WholeNode(uint32_t node) {
  const TimeTree::Node& here = layout_.tree[node];
  if (here.is_leaf()) return node;
  if (whole_[node] == kUnknown) {
    const uint32_t earlier = WholeNode(here.left);
    whole_[node] = AddJoin(earlier, WholeNode(here.right));
  }
  return whole_[node];
}

uint32_t PartFinder::AddEnd(uint32_t leaf, std::span<const RowRange> pieces) {
  End end = {.leaf = leaf, .first_range = layout_.ranges.size()};
  for (const RowRange& piece : pieces) {
    layout_.ranges.push_back(Common(piece, layout_.tree[leaf].rows));
  }
  end.end_range = layout_.ranges.size();
  ends_.push_back(end);
  return static_cast<uint32_t>(layout_.tree.size() + ends_.size() - 1);
}

uint32_t PartFinder::AddJoin(uint32_t left, uint32_t right) {
  layout_.joins.push_back({left, right});
  return kJoin | static_cast<uint32_t>(layout_.joins.size() - 1);
}

void PartFinder::AddPart(uint32_t name, size_t first_range, size_t end_range) {
  numbers_[name] = static_cast<uint32_t>(layout_.parts.size());
  layout_.parts.push_back(std::span(layout_.ranges).subspan(first_range, end_range - first_range));
}

void PartFinder::Finish() {
  const TimeTree& tree = layout_.tree;
  numbers_.resize(tree.size() + ends_.size());
  std::vector<uint32_t> leaves;
  for (uint32_t node = 0; node < tree.size(); ++node) {
    if (tree[node].is_leaf()) leaves.push_back(node);
  }
  const auto is_before = [&tree](uint32_t a, uint32_t b) {
    return tree[a].rows.begin < tree[b].rows.begin;
  };
  std::sort(leaves.begin(), leaves.end(), is_before);
  std::vector<uint32_t> ends(ends_.size());
  std::iota(ends.begin(), ends.end(), 0);
  std::stable_sort(ends.begin(), ends.end(),
                   [&](uint32_t a, uint32_t b) { return is_before(ends_[a].leaf, ends_[b].leaf); });
  // Ranges stay where they are from here on.
  const size_t first_leaf_range = layout_.ranges.size();
  for (const uint32_t leaf : leaves) layout_.ranges.push_back(tree[leaf].rows);
  layout_.parts.reserve(leaves.size() + ends.size());
  auto end = ends.begin();
  for (size_t i = 0; i < leaves.size(); ++i) {
    StartLeaf(tree[leaves[i]].rows);
    AddPart(leaves[i], first_leaf_range + i, first_leaf_range + i + 1);
    for (; end != ends.end() && ends_[*end].leaf == leaves[i]; ++end) {
      AddPart(static_cast<uint32_t>(tree.size()) + *end, ends_[*end].first_range,
              ends_[*end].end_range);
    }
    layout_.chunks.back().end = layout_.parts.size();
  }
  const auto number = [this](uint32_t name) {
    const bool is_join = (name & kJoin) != 0;
    return is_join ? static_cast<uint32_t>(layout_.parts.size()) + (name & ~kJoin) : numbers_[name];
  };
  for (PartJoin& join : layout_.joins) join = {number(join.left), number(join.right)};
  for (std::vector<uint32_t>& parts : layout_.buckets) {
    std::transform(parts.begin(), parts.end(), parts.begin(), number);
  }
}

void PartFinder::StartLeaf(RowRange rows) {
  std::vector<SharedLayout::Chunk>& chunks = layout_.chunks;
  if (chunks.empty() || chunks.back().rows.rows() >= kChunkRows) {
    chunks.push_back({.rows = {rows.begin, rows.begin}, .begin = layout_.parts.size()});
  }
  chunks.back().rows.end = rows.end;
}

TimeTree TreeOf(std::span<const int64_t> times, const std::vector<RowRange>& sources,
                size_t count) {
  if (sources.size() == 1) return TimeTree(times.subspan(sources[0].begin, count));
  std::vector<int64_t> shown;
  shown.reserve(count);
  for (const RowRange& source : sources) {
    const auto from = times.begin() + static_cast<ptrdiff_t>(source.begin);
    shown.insert(shown.end(), from, from + static_cast<ptrdiff_t>(source.rows()));
  }
  return TimeTree(shown);
}

}  // namespace

absl::StatusOr<SharedLayout> MakeSharedLayout(std::span<const BucketRows* const> lists,
                                              const CallBounds& bounds) {
  SharedLayout layout;
  std::vector<RowRange> shown;
  for (const BucketRows* list : lists) AppendShownRows(*list, &shown);
  layout.sources = Joined(std::move(shown));
  if (layout.sources.empty()) {
    layout.buckets.resize(lists.size());
    return layout;
  }
  const SharedNumbers numbers(layout.sources);
  layout.tree = TreeOf(lists[0]->times, layout.sources, numbers.count());
  PartFinder parts(&layout);
  for (const BucketRows* list : lists) RETURN_IF_ERROR(parts.AddList(*list, numbers, bounds));
  parts.Finish();
  return layout;
}

std::vector<std::vector<size_t>> ListsByLayout(std::span<const BucketRows* const> lists) {
  std::vector<RowRange> shown;
  for (const BucketRows* list : lists) AppendShownRows(*list, &shown);
  const std::vector<RowRange> sources = Joined(std::move(shown));
  const SharedNumbers numbers(sources);
  std::vector<std::vector<size_t>> layouts(1);
  std::vector<RowRange> pieces;
  for (size_t i = 0; i < lists.size(); ++i) {
    const ListPieces of_list(*lists[i], numbers);
    size_t most_pieces = 0;
    for (const RowRange& positions : lists[i]->positions) {
      of_list.Find(positions, &pieces);
      most_pieces = std::max(most_pieces, pieces.size());
      if (most_pieces > kMostPiecesOfBucket) break;
    }
    if (most_pieces > kMostPiecesOfBucket) {
      layouts.push_back({i});
    } else {
      layouts.front().push_back(i);
    }
  }
  return layouts;
}

}  // namespace metricstore::compute::vector
