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

using MetricsByDates = std::map<std::pair<absl::CivilDay, absl::CivilDay>, std::set<std::string>>;

MetricsByDates GroupByDates(const std::vector<MetricFreshness>& metrics) {
  MetricsByDates groups;
  for (const MetricFreshness& metric : metrics) {
    for (const auto& dates : metric.stale_dates()) {
      const auto start = ParseDate("start_date", dates.start_date());
      const auto end = ParseDate("end_date", dates.end_date());
      if (start.ok() && end.ok() && *start < *end) groups[{*start, *end}].insert(metric.metric());
    }
  }
  return groups;
}

// Joins the two neighbours with the fewest dates between them.
void JoinNearest(std::vector<StaleJob>& jobs) {
  size_t nearest = 1;
  for (size_t i = 2; i < jobs.size(); ++i) {
    const auto gap = [&](size_t j) { return jobs[j].dates.start - jobs[j - 1].dates.end; };
    if (gap(i) < gap(nearest)) nearest = i;
  }
  StaleJob& kept = jobs[nearest - 1];
  const StaleJob& joined = jobs[nearest];
  kept.dates.end = std::max(kept.dates.end, joined.dates.end);
  std::set<std::string> metrics(kept.metrics.begin(), kept.metrics.end());
  metrics.insert(joined.metrics.begin(), joined.metrics.end());
  kept.metrics.assign(metrics.begin(), metrics.end());
  jobs.erase(jobs.begin() + static_cast<std::ptrdiff_t>(nearest));
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

// Stale ones that a job can compute; what cannot be done for the others is said.
std::vector<MetricFreshness> Computable(std::vector<MetricFreshness> metrics, std::ostream& err) {
  std::erase_if(metrics, [&](const MetricFreshness& metric) {
    if (!IsStale(metric)) return true;
    if (!metric.stale_dates().empty()) return false;
    err << "skipped " << metric.metric() << ", which has no dates to compute: " << metric.reason()
        << '\n';
    return true;
  });
  return metrics;
}

registry::v1::CreateBackfillRequest RequestOf(const StaleJob& job) {
  registry::v1::CreateBackfillRequest request;
  request.mutable_metrics()->Assign(job.metrics.begin(), job.metrics.end());
  ToProto(job.dates, request.mutable_dates());
  return request;
}

}  // namespace

std::vector<StaleJob> PlanStaleJobs(const std::vector<MetricFreshness>& metrics, size_t most) {
  std::vector<StaleJob> jobs;
  for (const auto& [dates, ids] : GroupByDates(metrics)) {
    jobs.push_back({{dates.first, dates.second}, {ids.begin(), ids.end()}});
  }
  while (jobs.size() > std::max<size_t>(most, 1)) JoinNearest(jobs);
  return jobs;
}

absl::StatusOr<int> RunStaleBackfills(Invocation& invocation, const BackfillOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(std::vector<registry::v1::Grain> grains, ParseGrains(options.grains));
  ASSIGN_OR_RETURN(const absl::Duration stall_timeout, ParseStallTimeout(options.stall_timeout));
  ASSIGN_OR_RETURN(std::vector<MetricFreshness> metrics,
                   CollectFreshness(invocation.connection, options.metrics));
  std::ostream& err = invocation.terminal.err;
  const bool any = std::any_of(metrics.begin(), metrics.end(), &IsStale);
  metrics = Computable(std::move(metrics), err);
  if (!any) err << "nothing is stale\n";
  const std::vector<StaleJob> jobs = PlanStaleJobs(metrics, kMostJobs);
  auto summaries = nlohmann::ordered_json::array();
  absl::StatusOr<int> result = kExitOk;
  if (!jobs.empty() && !options.detach) RETURN_IF_ERROR(CheckCompute(invocation));
  for (size_t i = 0; i < jobs.size() && result.ok() && *result == kExitOk; ++i) {
    registry::v1::CreateBackfillRequest request = RequestOf(jobs[i]);
    request.mutable_grains()->Assign(grains.begin(), grains.end());
    result = RunOneBackfill(invocation, std::move(request),
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
