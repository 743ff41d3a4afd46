#include "cli/jobs/stale_backfills.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "cli/core/date_range.h"
#include "cli/core/freshness.h"
#include "cli/jobs/backfill_watch.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/status/macros.h"

namespace metricstore::cli {
namespace {

using registry::v1::MetricFreshness;

constexpr size_t kMostJobs = 20;

using registry::v1::Grain;
using Ranges = google::protobuf::RepeatedPtrField<common::v1::DateInterval>;

// By grain (unspecified: each metric's own), start and end.
using MetricsByDates =
    std::map<std::tuple<Grain, absl::CivilDay, absl::CivilDay>, std::set<std::string>>;

void AddRanges(const std::string& metric, Grain grain, const Ranges& ranges,
               MetricsByDates& groups) {
  for (const auto& dates : ranges) {
    const auto start = ParseDate("start_date", dates.start_date());
    const auto end = ParseDate("end_date", dates.end_date());
    if (start.ok() && end.ok() && *start < *end) groups[{grain, *start, *end}].insert(metric);
  }
}

MetricsByDates GroupByDates(const std::vector<MetricFreshness>& metrics) {
  MetricsByDates groups;
  for (const MetricFreshness& metric : metrics) {
    AddRanges(metric.metric(), registry::v1::GRAIN_UNSPECIFIED, metric.stale_dates(), groups);
    for (const auto& other : metric.other_grains()) {
      AddRanges(metric.metric(), other.grain(), other.stale_dates(), groups);
    }
  }
  return groups;
}

// Joins the two neighbours of one grain with the fewest dates between them; false if there are
// none.
bool JoinNearest(std::vector<StaleJob>& jobs) {
  const auto gap = [&](size_t i) { return jobs[i].dates.start - jobs[i - 1].dates.end; };
  size_t nearest = 0;
  for (size_t i = 1; i < jobs.size(); ++i) {
    if (jobs[i].grain != jobs[i - 1].grain) continue;
    if (nearest == 0 || gap(i) < gap(nearest)) nearest = i;
  }
  if (nearest == 0) return false;
  StaleJob& kept = jobs[nearest - 1];
  const StaleJob& joined = jobs[nearest];
  kept.dates.end = std::max(kept.dates.end, joined.dates.end);
  std::set<std::string> metrics(kept.metrics.begin(), kept.metrics.end());
  metrics.insert(joined.metrics.begin(), joined.metrics.end());
  kept.metrics.assign(metrics.begin(), metrics.end());
  jobs.erase(jobs.begin() + static_cast<std::ptrdiff_t>(nearest));
  return true;
}

absl::Status CheckOptions(const BackfillOptions& options) {
  const std::pair<const char*, bool> contradictions[] = {
      {"--from", !options.from.empty()},
      {"--to", !options.to.empty()},
      {"--entity", !options.entities.empty()},
      {"--latest", options.latest},
      {"--request-id", !options.request_id.empty()}};
  for (const auto& [option, given] : contradictions) {
    if (!given) continue;
    return WithHint(UsageError(Concat("--stale does not go with ", option)),
                    "it computes the stale dates of all entities; metricctl freshness shows them");
  }
  return absl::OkStatus();
}

// Of other grains than the metrics' own those that were asked for, or all.
void KeepGrains(const std::vector<Grain>& grains, std::vector<MetricFreshness>& metrics) {
  if (grains.empty()) return;
  for (MetricFreshness& metric : metrics) {
    auto& others = *metric.mutable_other_grains();
    others.erase(std::remove_if(others.begin(), others.end(),
                                [&](const auto& other) {
                                  return std::find(grains.begin(), grains.end(), other.grain()) ==
                                         grains.end();
                                }),
                 others.end());
  }
}

// Stale ones that a job can compute; what cannot be done for the others is said.
std::vector<MetricFreshness> Computable(std::vector<MetricFreshness> metrics, std::ostream& err) {
  std::erase_if(metrics, [&](const MetricFreshness& metric) {
    if (!IsStale(metric)) return true;
    if (!metric.stale_dates().empty() || !metric.other_grains().empty()) return false;
    err << "skipped " << metric.metric() << ", which has no dates to compute: " << metric.reason()
        << '\n';
    return true;
  });
  return metrics;
}

// `grains`: those that were asked for instead of the metrics' own.
registry::v1::CreateBackfillRequest RequestOf(const StaleJob& job,
                                              const std::vector<Grain>& grains) {
  registry::v1::CreateBackfillRequest request;
  if (job.grain != registry::v1::GRAIN_UNSPECIFIED) {
    request.add_grains(job.grain);
  } else {
    request.mutable_grains()->Assign(grains.begin(), grains.end());
  }
  request.mutable_metrics()->Assign(job.metrics.begin(), job.metrics.end());
  ToProto(job.dates, request.mutable_dates());
  return request;
}

}  // namespace

std::vector<StaleJob> PlanStaleJobs(const std::vector<MetricFreshness>& metrics, size_t most) {
  std::vector<StaleJob> jobs;
  for (const auto& [key, ids] : GroupByDates(metrics)) {
    const auto& [grain, start, end] = key;
    jobs.push_back({grain, {start, end}, {ids.begin(), ids.end()}});
  }
  while (jobs.size() > std::max<size_t>(most, 1) && JoinNearest(jobs)) {
  }
  return jobs;
}

absl::StatusOr<int> RunStaleBackfills(Invocation& invocation, const BackfillOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(std::vector<registry::v1::Grain> grains, ParseGrains(options.grains));
  ASSIGN_OR_RETURN(const absl::Duration stall_timeout, ParseStallTimeout(options.stall_timeout));
  ASSIGN_OR_RETURN(std::vector<MetricFreshness> metrics,
                   CollectFreshness(invocation.connection, options.metrics));
  std::ostream& err = invocation.terminal.err;
  KeepGrains(grains, metrics);
  const bool any = std::any_of(metrics.begin(), metrics.end(), &IsStale);
  metrics = Computable(std::move(metrics), err);
  if (!any) err << "nothing is stale\n";
  const std::vector<StaleJob> jobs = PlanStaleJobs(metrics, kMostJobs);
  auto summaries = nlohmann::ordered_json::array();
  absl::StatusOr<int> result = kExitOk;
  if (!jobs.empty() && !options.detach) RETURN_IF_ERROR(CheckCompute(invocation));
  for (size_t i = 0; i < jobs.size() && result.ok() && *result == kExitOk; ++i) {
    result = RunOneBackfill(invocation, RequestOf(jobs[i], grains),
                            {.detach = options.detach, .stall_timeout = stall_timeout}, summaries);
    const size_t left = jobs.size() - i - 1;
    if (left > 0 && (!result.ok() || *result != kExitOk)) {
      err << FormatCountOf(static_cast<int64_t>(left), "more job")
          << " not created; the same command again goes on with what is stale then\n";
    }
  }
  if (invocation.format == OutputFormat::kJson) {
    PrintJsonValue(summaries, invocation.terminal.out);
  }
  return result;
}

}  // namespace metricstore::cli
