#include "common/calendar/bar_diff.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace metricstore::calendar {
namespace {

bool Precedes(const TimeRange& a, const TimeRange& b) {
  return std::tie(a.start, a.end) < std::tie(b.start, b.end);
}

Window BaseOf(Window window) {
  window.reach = WindowReach::kBucket;
  return window;
}

}  // namespace

BaseBars::BaseBars(const Calendar& calendar, Window window, const BarCut& cut, Grain grain,
                   DateRange dates)
    : calendar_(calendar), base_(BaseOf(std::move(window))), cut_(cut) {
  // Bars cross no date, and those of grain hour no hour.
  const Grain step = grain == Grain::kHour ? Grain::kHour : Grain::kDay;
  const auto buckets = ResolveBuckets(calendar, base_, step, dates);
  if (!buckets.ok()) return;
  for (size_t i = 0; i < buckets->spans.size(); ++i) {
    const std::vector<TimeRange> slices = buckets->BucketAt(i).slices;
    pieces_.insert(pieces_.end(), slices.begin(), slices.end());
  }
}

std::vector<Bucket> BaseBars::Cut(const TimeRange& piece) const {
  return CutIntoBars(calendar_, base_, cut_.timeframe, cut_.alignment, {piece});
}

absl::Time BaseBars::Origin(const TimeRange& piece) const {
  const absl::CivilDay date = calendar_.DateAt(piece.start);
  const auto session = calendar_.SessionOn(date, base_.session);
  return session ? session->range.start : calendar_.ExtentOf(date).start;
}

absl::Time BaseBars::FirstFrom(absl::Time instant) const {
  auto piece = std::partition_point(pieces_.begin(), pieces_.end(),
                                    [&](const TimeRange& one) { return one.end <= instant; });
  if (piece != pieces_.end() && piece->start < instant) {
    for (const Bucket& bar : Cut(*piece)) {
      if (bar.start >= instant) return bar.start;
    }
    ++piece;
  }
  return piece == pieces_.end() ? absl::InfiniteFuture() : piece->start;
}

bool BaseBars::CutAlike(const BaseBars& a, const BaseBars& b, const TimeRange& piece) {
  if (a.cut_.alignment == BarAlignment::kClock) {
    return a.calendar_.spec().time_zone == b.calendar_.spec().time_zone;
  }
  return (a.Origin(piece) - b.Origin(piece)) % a.cut_.timeframe == absl::ZeroDuration();
}

// The bars of some pieces one after the other; those of one piece are kept at a time.
class BaseBars::Stream {
 public:
  Stream(const BaseBars& bars, std::vector<TimeRange> pieces)
      : bars_(bars), pieces_(std::move(pieces)) {
    Fill();
  }

  // nullptr behind the last one.
  const TimeRange* head() const {
    return next_bar_ < cut_.size() ? &cut_[next_bar_].slices.front() : nullptr;
  }

  void Pop() {
    if (++next_bar_ == cut_.size()) Fill();
  }

 private:
  void Fill() {
    cut_.clear();
    next_bar_ = 0;
    while (cut_.empty() && next_piece_ < pieces_.size()) cut_ = bars_.Cut(pieces_[next_piece_++]);
  }

  const BaseBars& bars_;
  const std::vector<TimeRange> pieces_;
  size_t next_piece_ = 0;
  std::vector<Bucket> cut_;
  size_t next_bar_ = 0;
};

std::vector<TimeRange> BaseBars::Difference(const BaseBars& a, const BaseBars& b) {
  // Most pieces are alike: their bars need not be looked at.
  std::vector<TimeRange> of_a, of_b;
  auto x = a.pieces_.begin();
  auto y = b.pieces_.begin();
  while (x != a.pieces_.end() && y != b.pieces_.end()) {
    if (*x == *y && CutAlike(a, b, *x)) {
      ++x;
      ++y;
    } else if (Precedes(*y, *x)) {
      of_b.push_back(*y++);
    } else {
      of_a.push_back(*x++);
    }
  }
  of_a.insert(of_a.end(), x, a.pieces_.end());
  of_b.insert(of_b.end(), y, b.pieces_.end());

  std::vector<TimeRange> difference;
  const auto add = [&](const TimeRange& bar) {
    if (!difference.empty() && bar.start <= difference.back().end) {
      difference.back().end = std::max(difference.back().end, bar.end);
    } else {
      difference.push_back(bar);
    }
  };
  Stream bars(a, std::move(of_a)), others(b, std::move(of_b));
  while (bars.head() != nullptr || others.head() != nullptr) {
    const bool both = bars.head() != nullptr && others.head() != nullptr;
    if (both && *bars.head() == *others.head()) {
      bars.Pop();
      others.Pop();
    } else if (others.head() == nullptr || (both && Precedes(*bars.head(), *others.head()))) {
      add(*bars.head());
      bars.Pop();
    } else {
      add(*others.head());
      others.Pop();
    }
  }
  return difference;
}

}  // namespace metricstore::calendar
