#include "cli/definitions/stale_text.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_join.h"
#include "cli/core/date_range.h"
#include "cli/messages/proto_text.h"
#include "cli/output/concat.h"
#include "cli/output/number_text.h"

namespace metricstore::cli {
namespace {

using registry::v1::StaleResults;

std::string SpanText(const StaleResults& stale, MetricBuckets& buckets) {
  if (!stale.dates().empty()) return DatesText(stale.dates());
  if (!stale.has_first_bucket_time() || !stale.has_last_bucket_time()) return "";
  // The dates on which buckets of whatever grain start, as those of calendars are told.
  const std::string first =
      buckets.Text(stale.metric(), registry::v1::GRAIN_DAY, InstantOf(stale.first_bucket_time()));
  const std::string last =
      buckets.Text(stale.metric(), registry::v1::GRAIN_DAY, InstantOf(stale.last_bucket_time()));
  return first == last ? first : Concat(first, " to ", last);
}

}  // namespace

std::string StaleText(const ListedStale& listed, bool say_grain, MetricBuckets& buckets) {
  const StaleResults& stale = listed.results;
  const std::string span = SpanText(stale, buckets);
  const bool at = say_grain && stale.grain() != registry::v1::GRAIN_UNSPECIFIED;
  return Concat(stale.metric(), " version ", stale.version(),
                at ? " by " + EnumText(stale.grain(), "GRAIN_") : "",
                listed.is_cut ? ": at most " : ": ", FormatCount(stale.series()), " series, ",
                FormatCountOf(stale.points(), "point"), span.empty() ? "" : ", ", span);
}

void PrintStale(const std::vector<ListedStale>& stale, MetricBuckets& buckets, std::ostream& out) {
  constexpr size_t kListed = 20;
  const auto version = [](const ListedStale& listed) {
    return std::pair(listed.results.metric(), listed.results.version());
  };
  std::map<std::pair<std::string, int>, int> lines;
  for (const ListedStale& listed : stale) ++lines[version(listed)];
  for (size_t i = 0; i < stale.size() && i < kListed; ++i) {
    out << "  " << StaleText(stale[i], lines[version(stale[i])] > 1, buckets) << '\n';
  }
  if (stale.size() > kListed) {
    out << "  and of " << FormatCountOf(static_cast<int64_t>(stale.size() - kListed), "more metric")
        << '\n';
  }
}

std::string StaleBackfill(const std::vector<ListedStale>& stale) {
  constexpr size_t kNamed = 5;
  std::set<std::string> metrics;
  for (const ListedStale& listed : stale) metrics.insert(listed.results.metric());
  const std::string names = metrics.size() > kNamed ? "" : " " + absl::StrJoin(metrics, " ");
  return Concat("metricctl backfill --stale", names);
}

}  // namespace metricstore::cli
