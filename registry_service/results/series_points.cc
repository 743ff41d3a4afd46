#include "registry_service/results/series_points.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/time/iso8601.h"

namespace metricstore::registry {
namespace {

std::string Text(const SeriesKey& key) {
  return absl::StrCat(key.metric.id, " v", key.metric.version, " by ",
                      std::string(GrainName(key.metric.grain)), " of \"", key.entity, "\"");
}

absl::Status BadSeries(const SeriesKey& key, std::string_view field, std::string_view value,
                       std::string_view description) {
  return status::FieldInvalid("series." + std::string(field), value,
                              absl::StrCat(std::string(description), " (series ", Text(key), ")"));
}

absl::Status CheckPoint(const SeriesKey& key, const Points& points, size_t i,
                        const ShardSpec& shard) {
  const absl::Time start = FromMicros(points.bucket_starts[i]);
  if (start < shard.extent.start || start >= shard.extent.end) {
    return BadSeries(
        key, "bucket_start_micros", FormatInstant(start),
        absl::StrCat("must lie in the shard's dates, ", FormatInstant(shard.extent.start), " to ",
                     FormatInstant(shard.extent.end)));
  }
  if (i > 0 && points.bucket_starts[i] <= points.bucket_starts[i - 1]) {
    return BadSeries(key, "bucket_start_micros", FormatInstant(start),
                     "must be strictly increasing");
  }
  const int16_t status = points.status(i);
  if (status < 0 || status > static_cast<int16_t>(PointStatus::kNotFinite)) {
    return BadSeries(key, "statuses", absl::StrCat(status), "must be a PointStatus");
  }
  const double value = points.values[i];
  if (!std::isfinite(value) || (status != 0 && value != 0)) {
    return BadSeries(key, "values", absl::StrCat(value),
                     "must be finite, and 0 where the status is not OK");
  }
  return absl::OkStatus();
}

}  // namespace

void Points::Append(const Points& other, size_t first, size_t last) {
  const auto slice = [&](auto& to, const auto& from) {
    to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(first),
              from.begin() + static_cast<std::ptrdiff_t>(last));
  };
  const bool any_status = !other.statuses.empty() &&
                          std::any_of(other.statuses.begin() + static_cast<std::ptrdiff_t>(first),
                                      other.statuses.begin() + static_cast<std::ptrdiff_t>(last),
                                      [](int16_t status) { return status != 0; });
  if (any_status || !statuses.empty()) {
    statuses.resize(size(), 0);
    if (any_status) {
      slice(statuses, other.statuses);
    } else {
      statuses.resize(size() + (last - first), 0);
    }
  }
  slice(bucket_starts, other.bucket_starts);
  slice(values, other.values);
}

bool Points::SameAs(const Points& other) const {
  return bucket_starts == other.bucket_starts && statuses == other.statuses &&
         values.size() == other.values.size() &&
         (values.empty() ||
          std::memcmp(values.data(), other.values.data(), values.size() * sizeof(double)) == 0);
}

absl::Status AddSeries(SeriesKey key, const Points& points, ShardResults& results) {
  if (points.values.size() != points.size() ||
      (!points.statuses.empty() && points.statuses.size() != points.size())) {
    return BadSeries(key, "values", absl::StrCat(points.values.size()),
                     absl::StrCat("one value (and, if any, one status) for each of the ",
                                  points.size(), " buckets is needed"));
  }
  results[std::move(key)].Append(points, 0, points.size());
  return absl::OkStatus();
}

absl::Status CheckResults(const ShardResults& results, const ShardSpec& shard) {
  for (const auto& [key, points] : results) {
    if (!std::binary_search(shard.metrics.begin(), shard.metrics.end(), key.metric)) {
      return BadSeries(key, "metric", key.metric.id,
                       "the shard does not compute this metric version at this grain");
    }
    if (!std::binary_search(shard.entities.begin(), shard.entities.end(), key.entity)) {
      return BadSeries(key, "entity", key.entity, "the shard does not compute this entity");
    }
    for (size_t i = 0; i < points.size(); ++i) {
      RETURN_IF_ERROR(CheckPoint(key, points, i, shard));
    }
  }
  return absl::OkStatus();
}

}  // namespace metricstore::registry
