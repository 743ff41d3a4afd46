#include "cli/jobs/stale_backfills.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
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

using registry::v1::Grain;
using Ranges = google::protobuf::RepeatedPtrField<common::v1::DateInterval>;

// By grain (unspecified: each metric's own), start and end.
using MetricsByDates =
    std::map<std::tuple<Grain, absl::CivilDay, absl::CivilDay>, std::set<std::string>>;

// True if some of the ranges are left out.
bool AddRanges(const std::string& metric, Grain grain, const Ranges& ranges,
               MetricsByDates& groups) {
  const bool is_cut = ranges.size() >= kMostNamedRanges;
  for (int i = 0; i < (is_cut ? kMostNamedRanges - 1 : ranges.size()); ++i) {
    const auto start = ParseDate("start_date", ranges[i].start_date());
    const auto end = ParseDate("end_date", ranges[i].end_date());
    if (start.ok() && end.ok() && *start < *end) groups[{grain, *start, *end}].insert(metric);
  }
  return is_cut;
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

std::string TextOf(const StaleJob& job) {
  const bool one = job.metrics.size() == 1;
  common::v1::DateInterval dates;
  ToProto(job.dates, &dates);
  return Concat(
      DatesText(dates), ", ",
      one ? job.metrics[0] : FormatCountOf(static_cast<int64_t>(job.metrics.size()), "metric"));
}

// Runs jobs one after the other and remembers what became of them.
class StaleRun {
 public:
  StaleRun(Invocation& invocation, std::vector<Grain> grains, JobOptions options)
      : invocation_(invocation), grains_(std::move(grains)), options_(options) {}

  // Exit status and errors of a job that stopped all; else 0, whether or not jobs failed.
  absl::StatusOr<int> Run(const std::vector<StaleJob>& jobs) {
    for (size_t i = 0; i < jobs.size(); ++i) {
      const absl::StatusOr<int> result = RunOne(jobs[i]);
      if (result.ok() && *result == kExitOk) continue;
      if (const size_t left = jobs.size() - i - 1; left > 0) {
        invocation_.terminal.err
            << FormatCountOf(static_cast<int64_t>(left), "more job")
            << " not created; the same command again goes on with what is stale then\n";
      }
      return result;
    }
    return kExitOk;
  }

  bool has_failures() const { return !failures_.empty(); }
  const nlohmann::ordered_json& summaries() const { return summaries_; }

  // Lists what failed.
  absl::Status Outcome() const {
    if (failures_.empty()) return absl::OkStatus();
    std::ostream& err = invocation_.terminal.err;
    for (const auto& [job, error] : failures_) {
      err << "failed: " << job << ": " << std::string(error.message()) << '\n';
    }
    return WithHint(Failure(Concat(FormatCount(static_cast<int64_t>(failures_.size())), " of ",
                                   FormatCountOf(jobs_, "job"), " failed")),
                    "the same command again computes what is still stale");
  }

 private:
  // An error that says nothing of the other jobs is remembered.
  absl::StatusOr<int> RunOne(const StaleJob& job) {
    ++jobs_;
    const auto created = CreateJob(invocation_, RequestOf(job, grains_));
    if (!created.ok()) {
      if (IsTransient(created.status())) return created.status();
      failures_.emplace_back(TextOf(job), created.status());
      return kExitOk;
    }
    const size_t ended = summaries_.size();
    const absl::StatusOr<int> result =
        FollowJob(invocation_, created->backfill(), options_, summaries_);
    if (result.ok() || summaries_.size() == ended) return result;
    failures_.emplace_back(TextOf(job), result.status());
    return kExitOk;
  }

  Invocation& invocation_;
  const std::vector<Grain> grains_;
  const JobOptions options_;
  int64_t jobs_ = 0;
  nlohmann::ordered_json summaries_ = nlohmann::ordered_json::array();
  std::vector<std::pair<std::string, absl::Status>> failures_;
};

absl::StatusOr<StalePlan> FindStale(Invocation& invocation, const BackfillOptions& options,
                                    const std::vector<Grain>& grains, bool first) {
  ASSIGN_OR_RETURN(std::vector<MetricFreshness> metrics,
                   CollectFreshness(invocation.connection, options.metrics));
  KeepGrains(grains, metrics);
  const bool any = std::any_of(metrics.begin(), metrics.end(), &IsStale);
  std::ostringstream repeated;
  std::ostream& err = first ? invocation.terminal.err : repeated;
  metrics = Computable(std::move(metrics), err);
  if (!any) err << "nothing is stale\n";
  return PlanStaleJobs(metrics);
}

// Until nothing more is stale than was named at once, unless that stays the same.
absl::StatusOr<int> RunRounds(Invocation& invocation, const BackfillOptions& options,
                              const std::vector<Grain>& grains, StaleRun& run) {
  std::vector<StaleJob> before;
  for (bool first = true;; first = false) {
    ASSIGN_OR_RETURN(StalePlan plan, FindStale(invocation, options, grains, first));
    if (plan.jobs.empty() || plan.jobs == before) return kExitOk;
    if (first && !options.detach) RETURN_IF_ERROR(CheckCompute(invocation));
    ASSIGN_OR_RETURN(const int code, run.Run(plan.jobs));
    if (code != kExitOk || !plan.is_cut || run.has_failures()) return code;
    if (options.detach) {
      invocation.terminal.err << "more dates are stale than are named at once: the same command "
                                 "again, once these jobs have ended, goes on\n";
      return code;
    }
    before = std::move(plan.jobs);
  }
}

}  // namespace

StalePlan PlanStaleJobs(const std::vector<MetricFreshness>& metrics) {
  StalePlan plan;
  MetricsByDates groups;
  for (const MetricFreshness& metric : metrics) {
    plan.is_cut |=
        AddRanges(metric.metric(), registry::v1::GRAIN_UNSPECIFIED, metric.stale_dates(), groups);
    for (const auto& other : metric.other_grains()) {
      plan.is_cut |= AddRanges(metric.metric(), other.grain(), other.stale_dates(), groups);
    }
  }
  for (const auto& [key, ids] : groups) {
    const auto& [grain, start, end] = key;
    plan.jobs.push_back({grain, {start, end}, {ids.begin(), ids.end()}});
  }
  return plan;
}

absl::StatusOr<int> RunStaleBackfills(Invocation& invocation, const BackfillOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(const std::vector<Grain> grains, ParseGrains(options.grains));
  ASSIGN_OR_RETURN(const absl::Duration stall_timeout, ParseStallTimeout(options.stall_timeout));
  StaleRun run(invocation, grains, {.detach = options.detach, .stall_timeout = stall_timeout});
  const absl::StatusOr<int> result = RunRounds(invocation, options, grains, run);
  if (invocation.format == OutputFormat::kJson && (result.ok() || !run.summaries().empty())) {
    PrintJsonValue(run.summaries(), invocation.terminal.out);
  }
  const absl::Status outcome = run.Outcome();
  if (!result.ok() || *result != kExitOk || outcome.ok()) return result;
  return outcome;
}

}  // namespace metricstore::cli
