#include "registry_service/catalog/effects/unseen_rows.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/calendar/grain_steps.h"
#include "common/status/macros.h"
#include "registry_service/catalog/effects/effect_statements.h"
#include "registry_service/catalog/effects/hour_gaps.h"

namespace metricstore::registry {
namespace {

// A restored cluster counts transactions anew: only times tell then, and for a day not even these.
constexpr absl::Duration kClocksAgree = absl::Hours(24);

bool Saw(const HourJob& job, const LateRows& rows) {
  if (!rows.transaction.has_value()) return rows.at < job.at;
  if (rows.at <= job.at && *rows.transaction < job.first_running) return true;
  return rows.at < job.at - kClocksAgree;
}

// Dates with the newest job that computed them.
struct Newest {
  DateRange dates;
  const HourJob* job;
};

std::vector<Newest> NewestOf(const std::vector<HourJob>& newest_first) {
  std::vector<Newest> newest;
  std::vector<DateRange> computed;
  for (const HourJob& job : newest_first) {
    absl::CivilDay from = job.dates.start;
    for (const DateRange& range : computed) {
      if (range.end <= from || range.start >= job.dates.end) continue;
      if (from < range.start) newest.push_back({{from, range.start}, &job});
      from = range.end;
    }
    if (from < job.dates.end) newest.push_back({{from, job.dates.end}, &job});
    computed.push_back(job.dates);
    computed = Joined(std::move(computed));
  }
  return newest;
}

using JobsByMetrics = std::map<std::string, std::vector<HourJob>>;
using RowsByDataset = std::map<std::string, std::vector<LateRows>>;

// By what jobs of the same metrics share.
absl::StatusOr<JobsByMetrics> ReadJobs(pg::Transaction& transaction, int32_t project_id,
                                       const std::vector<std::string>& metrics) {
  const pg::Params params = pg::Params().Add(project_id).AddArray(metrics);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectHourJobs, params));
  JobsByMetrics jobs;
  for (const pg::Row row : rows) {
    jobs[std::string(row.Text(0))].push_back(
        {{row.Date(1), row.Date(2)}, row.Time(3), row.Int64(4)});
  }
  return jobs;
}

absl::StatusOr<RowsByDataset> ReadRows(pg::Transaction& transaction, int32_t project_id,
                                       const std::set<std::string>& datasets,
                                       const calendar::Calendar& calendar) {
  const std::vector<std::string> names(datasets.begin(), datasets.end());
  pg::Params params;
  params.Add(project_id).AddArray(names).Add(calendar.spec().time_zone);
  params.Add(calendar.extent_start_seconds());
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectBatchDates, params));
  RowsByDataset late;
  for (const pg::Row row : rows) {
    LateRows& added = late[std::string(row.Text(0))].emplace_back();
    const bool known = !row.IsNull(1) && !row.IsNull(2);
    added.dates = known ? DateRange{row.Date(1), row.Date(2) + 1}
                        : DateRange{absl::CivilDay::min(), absl::CivilDay::max()};
    added.at = row.Time(3);
    added.transaction = row.OptionalInt64(4);
  }
  return late;
}

// For each of the move's versions the names of its jobs.
absl::StatusOr<std::vector<std::vector<std::string>>> ReadJobNames(pg::Transaction& transaction,
                                                                   int32_t project_id,
                                                                   const MarkMove& move) {
  pg::Params params;
  params.Add(project_id).AddArray(move.metrics).AddArray(move.versions);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectHourJobNames, params));
  std::vector<std::vector<std::string>> names(move.metrics.size());
  for (const pg::Row row : rows) {
    names[static_cast<size_t>(row.Int64(0)) - 1].emplace_back(row.Text(1));
  }
  return names;
}

// What tells which dates of a version are unseen; versions that share it share the dates.
struct Question {
  std::vector<std::string> jobs;  // names
  std::vector<std::string> datasets;
  bool reaches = false;
  friend auto operator<=>(const Question&, const Question&) = default;
};

Question QuestionOf(const MetricDefinition& metric, std::vector<std::string> jobs,
                    SourceFinder& sources) {
  const MetricSources& of = sources.Of(metric);
  const bool reaches = !of.calls.empty() || metric.window.reach != calendar::WindowReach::kBucket;
  return {std::move(jobs), of.datasets, reaches};
}

// All that `all` has of these names.
template <typename T>
std::vector<T> Of(const std::map<std::string, std::vector<T>>& all,
                  const std::vector<std::string>& names) {
  std::vector<T> found;
  for (const std::string& name : names) {
    const auto place = all.find(name);
    if (place == all.end()) continue;
    found.insert(found.end(), place->second.begin(), place->second.end());
  }
  return found;
}

std::vector<DateRange> Answer(const Question& question, const JobsByMetrics& jobs,
                              const RowsByDataset& rows) {
  std::vector<HourJob> newest_first = Of(jobs, question.jobs);
  std::stable_sort(newest_first.begin(), newest_first.end(),
                   [](const HourJob& a, const HourJob& b) { return a.at > b.at; });
  return UnseenDates(newest_first, Of(rows, question.datasets), question.reaches);
}

std::vector<DateRange> Redated(const MarkMove& move, const std::vector<DateRange>& dates) {
  std::vector<DateRange> redated;
  for (const DateRange& range : dates) {
    const DateRange moved =
        calendar::KnownPart(*move.after, RedatedHours(*move.before, *move.after, range));
    if (moved.start < moved.end) redated.push_back(moved);
  }
  return Joined(std::move(redated));
}

}  // namespace

std::vector<DateRange> UnseenDates(const std::vector<HourJob>& newest_first,
                                   const std::vector<LateRows>& rows, bool reaches) {
  std::vector<Newest> newest = NewestOf(newest_first);
  std::sort(newest.begin(), newest.end(),
            [](const Newest& a, const Newest& b) { return a.dates.start < b.dates.start; });
  std::vector<DateRange> unseen;
  for (const LateRows& late : rows) {
    const absl::CivilDay end = reaches ? absl::CivilDay::max() : late.dates.end;
    auto place = std::partition_point(newest.begin(), newest.end(), [&](const Newest& one) {
      return one.dates.end <= late.dates.start;
    });
    for (; place != newest.end() && place->dates.start < end; ++place) {
      if (Saw(*place->job, late)) continue;
      unseen.push_back(
          {std::max(place->dates.start, late.dates.start), std::min(place->dates.end, end)});
    }
  }
  return Joined(std::move(unseen));
}

absl::StatusOr<std::vector<StaleResults>> FindUnseenRows(pg::Transaction& transaction,
                                                         int32_t project_id,
                                                         const StoredResults& results,
                                                         const MarkMove& move,
                                                         SourceFinder& sources) {
  std::vector<StaleResults> stale;
  if (move.metrics.empty()) return stale;
  ASSIGN_OR_RETURN(auto names, ReadJobNames(transaction, project_id, move));
  std::map<Question, std::vector<DateRange>> answers;
  std::vector<const std::vector<DateRange>*> of_version;
  std::set<std::string> all_names, datasets;
  for (size_t i = 0; i < names.size(); ++i) {
    const VersionKey key(move.metrics[i], move.versions[i], Grain::kHour);
    const Question question =
        QuestionOf(results.versions.at(key).definition, std::move(names[i]), sources);
    of_version.push_back(&answers[question]);
    all_names.insert(question.jobs.begin(), question.jobs.end());
    datasets.insert(question.datasets.begin(), question.datasets.end());
  }
  if (all_names.empty()) return stale;
  ASSIGN_OR_RETURN(const JobsByMetrics jobs,
                   ReadJobs(transaction, project_id, {all_names.begin(), all_names.end()}));
  ASSIGN_OR_RETURN(const RowsByDataset rows,
                   ReadRows(transaction, project_id, datasets, *move.before));
  for (auto& [question, dates] : answers) dates = Redated(move, Answer(question, jobs, rows));
  for (size_t i = 0; i < of_version.size(); ++i) {
    if (of_version[i]->empty()) continue;
    StaleResults& found = stale.emplace_back();
    found.metric = move.metrics[i];
    found.version = move.versions[i];
    found.grain = Grain::kHour;
    found.dates = *of_version[i];
  }
  return stale;
}

}  // namespace metricstore::registry
