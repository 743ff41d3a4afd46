#include "registry_service/query/freshness_coverage.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/error.h"

namespace metricstore::registry {

bool Snapshot::Sees(uint64_t transaction) const {
  return transaction < end && !std::binary_search(running.begin(), running.end(), transaction);
}

absl::StatusOr<Snapshot> ParseSnapshot(std::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(std::string(text), ':');
  Snapshot snapshot;
  bool read = parts.size() == 3 && absl::SimpleAtoi(parts[1], &snapshot.end);
  if (read && !parts[2].empty()) {
    for (const absl::string_view part : absl::StrSplit(parts[2], ',')) {
      read = read && absl::SimpleAtoi(part, &snapshot.running.emplace_back());
    }
  }
  if (!read) {
    return status::InternalError(
        absl::StrCat("a stored snapshot cannot be read: ", std::string(text)));
  }
  std::sort(snapshot.running.begin(), snapshot.running.end());
  return snapshot;
}

bool CameBefore(const Acceptance& accepted, const JobStart& job) {
  if (!accepted.transaction.has_value() || !job.snapshot.has_value()) return accepted.at < job.at;
  // What a snapshot sees began before it: a transaction that is seen but began later is one of
  // another cluster's count.
  if (accepted.at <= job.at && job.snapshot->Sees(*accepted.transaction)) return true;
  return accepted.at < job.at - kClocksAgree;
}

std::vector<Cover> NewestCovers(const std::vector<Cover>& newest_first) {
  std::vector<Cover> covers;
  DateRanges covered;
  for (const Cover& cover : newest_first) {
    const DateRanges fresh = Without(Merged({cover.dates}), covered);
    if (fresh.empty()) continue;
    for (const DateRange& dates : fresh) covers.push_back({dates, cover.job});
    covered.push_back(cover.dates);
    covered = Merged(std::move(covered));
  }
  std::sort(covers.begin(), covers.end(),
            [](const Cover& a, const Cover& b) { return a.dates.start < b.dates.start; });
  return covers;
}

DateRanges DatesOf(const std::vector<Cover>& covers) {
  std::vector<DateRange> dates;
  for (const Cover& cover : covers) dates.push_back(cover.dates);
  return Merged(std::move(dates));
}

UnmetDates FindUnmet(const std::vector<Change>& changes, const std::vector<Cover>& covers) {
  std::vector<DateRange> computed_before;
  std::vector<DateRange> changed;
  for (const Change& change : changes) {
    changed.push_back(change.dates);
    auto cover = std::partition_point(covers.begin(), covers.end(), [&](const Cover& candidate) {
      return candidate.dates.end <= change.dates.start;
    });
    for (; cover != covers.end() && cover->dates.start < change.dates.end; ++cover) {
      if (CameBefore(change.accepted, *cover->job)) continue;
      computed_before.push_back(Shared(cover->dates, change.dates));
    }
  }
  return {Merged(std::move(computed_before)), Without(Merged(std::move(changed)), DatesOf(covers))};
}

}  // namespace metricstore::registry
