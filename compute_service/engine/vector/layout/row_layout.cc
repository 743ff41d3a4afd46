#include "compute_service/engine/vector/layout/row_layout.h"

#include <algorithm>
#include <utility>

#include "common/status/macros.h"

namespace metricstore::compute::vector {

namespace {

bool Uses(const BucketGroup& group, size_t work) {
  return std::any_of(group.shared_uses.begin(), group.shared_uses.end(),
                     [work](const SharedUse& use) { return use.work == work; });
}

// Of the groups that use the work.
absl::Status LayOutShared(const FilterGroup& filter, size_t work, const CallBounds& bounds,
                          RowLayout* rows) {
  std::vector<size_t> groups;
  std::vector<const BucketRows*> used;
  for (size_t group = 0; group < rows->lists.size(); ++group) {
    if (!Uses(filter.groups[group], work)) continue;
    groups.push_back(group);
    used.push_back(&rows->lists[group]);
  }
  const size_t look_back = filter.shared[work].look_back;
  for (const std::vector<size_t>& places : ListsByLayout(used, look_back)) {
    if (places.empty()) continue;
    RowLayout::Shared& shared = rows->shared.emplace_back();
    shared.work = work;
    std::vector<const BucketRows*> together;
    for (const size_t place : places) {
      shared.groups.push_back(groups[place]);
      together.push_back(used[place]);
    }
    ASSIGN_OR_RETURN(shared.layout, MakeSharedLayout(together, look_back, bounds));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RowLayout> LayOutRows(const FilterGroup& filter,
                                     std::span<const BucketList> bucket_lists,
                                     std::span<const int64_t> times, const CallBounds& bounds) {
  RowLayout rows;
  for (const BucketGroup& group : filter.groups) {
    ASSIGN_OR_RETURN(BucketRows list,
                     FindBucketRows(bucket_lists[group.bucket_list], times, bounds));
    rows.lists.push_back(std::move(list));
  }
  for (size_t work = 0; work < filter.shared.size(); ++work) {
    RETURN_IF_ERROR(LayOutShared(filter, work, bounds, &rows));
  }
  return rows;
}

std::shared_ptr<const RowLayout> RowLayoutMemory::Find(std::span<const int64_t> times) const {
  std::shared_ptr<const Remembered> remembered;
  {
    const absl::MutexLock lock(&mutex_);
    remembered = remembered_;
  }
  if (remembered == nullptr || !std::ranges::equal(remembered->times, times)) return nullptr;
  return {remembered, &remembered->layout};
}

absl::StatusOr<std::shared_ptr<const RowLayout>> RowLayoutMemory::LayOut(
    const FilterGroup& filter, std::span<const BucketList> bucket_lists,
    std::span<const int64_t> times, const CallBounds& bounds) {
  const Outline outline =
      times.empty() ? Outline() : Outline{times.size(), times.front(), times.back()};
  bool is_second = false;
  {
    const absl::MutexLock lock(&mutex_);
    is_second = std::exchange(last_, outline) == outline;
  }
  if (!is_second) {
    ASSIGN_OR_RETURN(RowLayout layout, LayOutRows(filter, bucket_lists, times, bounds));
    return std::make_shared<const RowLayout>(std::move(layout));
  }
  const auto made = std::make_shared<Remembered>();
  made->times.assign(times.begin(), times.end());
  ASSIGN_OR_RETURN(made->layout, LayOutRows(filter, bucket_lists, made->times, bounds));
  const absl::MutexLock lock(&mutex_);
  remembered_ = made;
  return std::shared_ptr<const RowLayout>(made, &made->layout);
}

}  // namespace metricstore::compute::vector
