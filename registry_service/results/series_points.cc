#include "registry_service/results/series_points.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/columns/utf8.h"
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

// Digits stand beside the number that they say more exactly.
bool IsInteger(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

absl::Status CheckText(const SeriesKey& key, const Points& points, size_t i) {
  if (points.texts.empty() || points.texts[i].empty()) return absl::OkStatus();
  const std::string& text = points.texts[i];
  if (text.size() > kMaxTextBytes) {
    return BadSeries(
        key, "texts", absl::StrCat(text.size(), " bytes"),
        absl::StrCat("must be at most ", kMaxTextBytes, " bytes; send the status TOO_LARGE"));
  }
  if (!columns::IsStorableText(text)) {
    return BadSeries(key, "texts", "", "must be UTF-8 without NUL");
  }
  if (points.status(i) != 0 || (points.values[i] != 0 && !IsInteger(text))) {
    return BadSeries(key, "texts", text.substr(0, 100),
                     "must be empty where the status is not OK or where there is a number, but for "
                     "the digits of an integer");
  }
  return absl::OkStatus();
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
  if (status < 0 || status > static_cast<int16_t>(PointStatus::kTooLarge)) {
    return BadSeries(key, "statuses", absl::StrCat(status), "must be a PointStatus");
  }
  const double value = points.values[i];
  if (!std::isfinite(value) || (status != 0 && value != 0)) {
    return BadSeries(key, "values", absl::StrCat(value),
                     "must be finite, and 0 where the status is not OK");
  }
  return CheckText(key, points, i);
}

}  // namespace

namespace {

// Appends elements [first, last) to a column that is left out as long as all of it is nothing;
// `size` elements are there already.
template <typename Value>
void AppendSparse(std::vector<Value>& to, size_t size, const std::vector<Value>& from, size_t first,
                  size_t last) {
  const auto begin = from.begin() + static_cast<std::ptrdiff_t>(from.empty() ? 0 : first);
  const auto end = from.begin() + static_cast<std::ptrdiff_t>(from.empty() ? 0 : last);
  const bool any = std::any_of(begin, end, [](const Value& value) { return value != Value(); });
  if (!any && to.empty()) return;
  to.resize(size);
  if (any) {
    to.insert(to.end(), begin, end);
  } else {
    to.resize(size + (last - first));
  }
}

}  // namespace

void Points::Append(const Points& other, size_t first, size_t last) {
  const auto slice = [&](auto& to, const auto& from) {
    to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(first),
              from.begin() + static_cast<std::ptrdiff_t>(last));
  };
  AppendSparse(statuses, size(), other.statuses, first, last);
  AppendSparse(texts, size(), other.texts, first, last);
  slice(bucket_starts, other.bucket_starts);
  slice(values, other.values);
}

bool Points::SameAs(const Points& other) const {
  return bucket_starts == other.bucket_starts && statuses == other.statuses &&
         texts == other.texts && values.size() == other.values.size() &&
         (values.empty() ||
          std::memcmp(values.data(), other.values.data(), values.size() * sizeof(double)) == 0);
}

absl::Status AddSeries(SeriesKey key, const Points& points, ShardResults& results) {
  const auto fits = [&](const auto& column) {
    return column.empty() || column.size() == points.size();
  };
  if (points.values.size() != points.size() || !fits(points.statuses) || !fits(points.texts)) {
    return BadSeries(
        key, "values", absl::StrCat(points.values.size()),
        absl::StrCat("one value (and, if any, one status and one text) for each of the ",
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
