#include "compute_service/engine/series/point_fold.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include "compute_service/engine/vector/kernels/loops/reductions.h"

namespace metricstore::compute {
namespace {

using vector::Fold;
using vector::MetricPoints;
using vector::PointStatus;

// One point of the result.
struct Folded {
  double value = 0;
  PointStatus status = PointStatus::kNull;
  std::string text = {};
};

Folded Finite(double value) {
  if (!std::isfinite(value)) return {0, PointStatus::kNotFinite};
  return {value, PointStatus::kOk};
}

double Sum(std::span<const double> values) { return vector::SumOf(values.data(), values.size()); }

// The points of one bucket, without NULL.
struct Present {
  std::vector<double> values;
  std::vector<PointStatus> statuses;
  std::vector<std::string> texts;  // empty where the points have none

  Folded At(size_t i) const {
    return {values[i], statuses[i], texts.empty() ? std::string() : texts[i]};
  }
};

Folded FoldPresent(Fold fold, const Present& points) {
  if (points.values.empty()) return {};
  if (fold == Fold::kFirst) return points.At(0);
  if (fold == Fold::kLast) return points.At(points.values.size() - 1);
  const bool all_finite =
      std::all_of(points.statuses.begin(), points.statuses.end(),
                  [](PointStatus status) { return status == PointStatus::kOk; });
  if (!all_finite) return {0, PointStatus::kNotFinite};
  switch (fold) {
    case Fold::kMin:
      return Finite(*std::min_element(points.values.begin(), points.values.end()));
    case Fold::kMax:
      return Finite(*std::max_element(points.values.begin(), points.values.end()));
    case Fold::kSum:
      return Finite(Sum(points.values));
    default:
      return Finite(Sum(points.values) / static_cast<double>(points.values.size()));
  }
}

// Moves the points [begin, end) that are not NULL to `present`.
void Gather(const MetricPoints& points, size_t begin, size_t end, Present* present) {
  present->values.clear();
  present->statuses.clear();
  present->texts.clear();
  for (size_t i = begin; i < end; ++i) {
    if (points.statuses[i] == PointStatus::kNull) continue;
    present->values.push_back(points.values[i]);
    present->statuses.push_back(points.statuses[i]);
    if (!points.texts.empty()) present->texts.push_back(points.texts[i]);
  }
}

}  // namespace

MetricPoints FoldPoints(const MetricPoints& points, const PointFold& fold) {
  const std::vector<int64_t>& starts = *fold.starts_micros;
  const std::vector<int64_t>& times = points.bucket_start_micros;
  MetricPoints folded;
  Present present;
  for (size_t begin = 0; begin < times.size();) {
    const auto next = std::upper_bound(starts.begin(), starts.end(), times[begin]);
    const auto bound =
        next == starts.end() ? times.end() : std::lower_bound(times.begin(), times.end(), *next);
    const auto end = static_cast<size_t>(bound - times.begin());
    Gather(points, begin, end, &present);
    Folded point = FoldPresent(fold.fold, present);
    folded.bucket_start_micros.push_back(*(next - 1));
    folded.values.push_back(point.value);
    folded.statuses.push_back(point.status);
    if (!points.texts.empty()) folded.texts.push_back(std::move(point.text));
    begin = end;
  }
  return folded;
}

}  // namespace metricstore::compute
