#include "registry_service/query/freshness_history.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/calendar/buckets.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/query/freshness_statements.h"

namespace metricstore::registry {
namespace {

// Jobs are read in rounds: usually one or two cover everything.
constexpr int64_t kFirstRoundJobs = 2;
constexpr int64_t kMostRoundJobs = 256;

std::optional<uint64_t> TransactionIn(const pg::Row& row, int column) {
  const std::optional<int64_t> transaction = row.OptionalInt64(column);
  if (!transaction.has_value()) return std::nullopt;
  return static_cast<uint64_t>(*transaction);
}

std::string PlacesText(const std::vector<HistoryQuestion>& questions) {
  nlohmann::json places = nlohmann::json::object();
  for (size_t place = 0; place < questions.size(); ++place) {
    const HistoryQuestion& question = questions[place];
    places[absl::StrCat(question.metric, " ", question.version, " ",
                        std::string(GrainName(question.grain)))] = place;
  }
  return places.dump();
}

// Reads jobs, newest first, until they cover what is wanted of every metric.
class JobReader {
 public:
  JobReader(pg::Transaction& transaction, int32_t project_id,
            const std::vector<HistoryQuestion>& questions, History& history)
      : transaction_(transaction),
        project_id_(project_id),
        questions_(questions),
        places_text_(PlacesText(questions)),
        history_(history),
        jobs_of_(questions.size()),
        is_open_(questions.size(), true),
        open_(questions.size()) {
    std::iota(open_.begin(), open_.end(), size_t{0});
    history_.metrics.resize(questions.size());
  }

  absl::Status Read() {
    for (int64_t limit = kFirstRoundJobs; !open_.empty();
         limit = std::min(4 * limit, kMostRoundJobs)) {
      ASSIGN_OR_RETURN(const bool more, ReadRound(limit));
      CoverOpen(!more);
      if (!more) break;
    }
    return absl::OkStatus();
  }

 private:
  // A finished job, with what names the metrics that it computed.
  struct Finished {
    int64_t id;
    std::string metrics;  // a hash that jobs of the same metrics share, or the job's own id
    size_t place;         // in the history
  };

  // True if there may be older jobs.
  absl::StatusOr<bool> ReadRound(int64_t limit) {
    absl::Time oldest = absl::InfiniteFuture();
    for (const size_t place : open_) oldest = std::min(oldest, questions_[place].create_time);
    pg::Params params;
    params.Add(project_id_).Add(oldest).AddOptional(last_at_).AddOptional(last_id_).Add(limit);
    ASSIGN_OR_RETURN(const pg::Result rows, transaction_.Execute(kSelectFinishedJobs, params));
    std::vector<Finished> jobs;
    for (const pg::Row row : rows) RETURN_IF_ERROR(AddJob(row, jobs));
    RETURN_IF_ERROR(ReadMetrics(jobs));
    for (const Finished& job : jobs) {
      for (const size_t place : computed_[job.metrics]) {
        if (is_open_[place]) jobs_of_[place].push_back(job.place);
      }
    }
    return rows.size() == limit;
  }

  absl::Status AddJob(const pg::Row& row, std::vector<Finished>& jobs) {
    last_id_ = row.Int64(0);
    last_at_ = row.Time(1);
    if (row.IsNull(3)) return absl::OkStatus();
    JobStart& job = history_.jobs.emplace_back(JobStart{.at = row.Time(1), .snapshot = {}});
    if (!row.IsNull(2)) {
      ASSIGN_OR_RETURN(job.snapshot, ParseSnapshot(row.Text(2)));
    }
    requested_.push_back({row.Date(3), row.Date(4)});
    const std::string hash(row.Text(5));
    jobs.push_back({.id = *last_id_,
                    .metrics = hash.empty() ? absl::StrCat(*last_id_) : hash,
                    .place = requested_.size() - 1});
    return absl::OkStatus();
  }

  // Reads which metrics the jobs computed, of those that compute the same once.
  absl::Status ReadMetrics(const std::vector<Finished>& jobs) {
    std::map<int64_t, std::string> asked;
    for (const Finished& job : jobs) {
      if (computed_.try_emplace(job.metrics).second) asked[job.id] = job.metrics;
    }
    if (asked.empty()) return absl::OkStatus();
    std::vector<int64_t> ids;
    for (const auto& [id, metrics] : asked) ids.push_back(id);
    pg::Params params;
    params.Add(project_id_).AddArray(ids).Add(places_text_);
    ASSIGN_OR_RETURN(const pg::Result rows, transaction_.Execute(kSelectJobMetrics, params));
    for (const pg::Row row : rows) {
      if (row.IsNull(1)) continue;
      std::vector<size_t>& places = computed_[asked.at(row.Int64(0))];
      for (const absl::string_view text : absl::StrSplit(std::string(row.Text(1)), ',')) {
        size_t& place = places.emplace_back();
        if (!absl::SimpleAtoi(text, &place) || place >= questions_.size()) {
          return status::InternalError("a place of a metric cannot be read");
        }
      }
    }
    return absl::OkStatus();
  }

  // Takes out what is covered now, or everything that there is no more of.
  void CoverOpen(bool last) {
    const auto covered = [&](size_t place) {
      const HistoryQuestion& question = questions_[place];
      Covers& covers = history_.metrics[place].covers;
      covers = CoversOf(question, jobs_of_[place]);
      is_open_[place] = !last && !Without(Merged({question.wanted}), DatesOf(*covers)).empty();
      return !is_open_[place];
    };
    open_.erase(std::remove_if(open_.begin(), open_.end(), covered), open_.end());
  }

  Covers CoversOf(const HistoryQuestion& question, const std::vector<size_t>& jobs) {
    Covers& known = covers_[{question.calendar.get(), question.grain, jobs}];
    if (known != nullptr) return known;
    std::vector<Cover> newest_first;
    for (const size_t job : jobs) {
      newest_first.push_back(
          {calendar::AlignToGrain(*question.calendar, question.grain, requested_[job]),
           &history_.jobs[job]});
    }
    known = std::make_shared<const std::vector<Cover>>(NewestCovers(newest_first));
    return known;
  }

  pg::Transaction& transaction_;
  const int32_t project_id_;
  const std::vector<HistoryQuestion>& questions_;
  const std::string places_text_;
  History& history_;
  std::vector<DateRange> requested_;                     // by job
  std::vector<std::vector<size_t>> jobs_of_;             // by question: newest first
  std::vector<bool> is_open_;                            // by question: older jobs may answer it
  std::vector<size_t> open_;                             // the questions that are
  std::map<std::string, std::vector<size_t>> computed_;  // by what jobs' metrics are named by
  std::optional<absl::Time> last_at_;                    // of the last job that was read
  std::optional<int64_t> last_id_;
  std::map<std::tuple<const calendar::Calendar*, Grain, std::vector<size_t>>, Covers> covers_;
};

// What the jobs of some metrics may have missed was accepted at or after this time; unset: at any.
struct Since {
  std::optional<absl::Time> time = absl::InfiniteFuture();
  // When the first of the jobs was created, and the least transaction that had not begun when one
  // of them was. What came before both, and did not run then, all jobs saw.
  absl::Time first_job = absl::InfiniteFuture();
  int64_t first_unseen = std::numeric_limits<int64_t>::max();
  std::set<int64_t> running;  // transactions that were not over when one of the jobs began

  std::optional<absl::Time> SeenBefore() const {
    return time.has_value() ? std::optional(first_job) : std::nullopt;
  }

  void Add(const HistoryQuestion& question, const std::vector<Cover>& covers) {
    const DateRanges wanted = Without(Merged({question.wanted}), Merged({question.later}));
    if (!Without(wanted, DatesOf(covers)).empty()) time = std::nullopt;
    for (const Cover& cover : covers) {
      if (time.has_value()) time = std::min(*time, cover.job->at - kClocksAgree);
      first_job = std::min(first_job, cover.job->at);
      if (!cover.job->snapshot.has_value()) continue;
      first_unseen = std::min(first_unseen, static_cast<int64_t>(cover.job->snapshot->end));
      for (const uint64_t transaction : cover.job->snapshot->running) {
        running.insert(static_cast<int64_t>(transaction));
      }
    }
  }
};

// "{[1,3),[5,6)}", in minutes since the epoch.
absl::StatusOr<std::vector<TimeRange>> ParseMinutes(std::string_view text) {
  std::vector<TimeRange> stretches;
  std::vector<int64_t> bounds;
  for (const absl::string_view part :
       absl::StrSplit(std::string(text), absl::ByAnyChar("{}[](), "), absl::SkipEmpty())) {
    if (!absl::SimpleAtoi(part, &bounds.emplace_back())) {
      return status::InternalError("the minutes of batches cannot be read");
    }
  }
  for (size_t i = 0; i + 1 < bounds.size(); i += 2) {
    stretches.push_back(
        {absl::FromUnixSeconds(60 * bounds[i]), absl::FromUnixSeconds(60 * bounds[i + 1])});
  }
  return stretches;
}

absl::Status ReadRows(pg::Transaction& transaction, int32_t project_id, const std::string& dataset,
                      const calendar::Calendar& calendar, const Since& since, History& history) {
  const std::vector<int64_t> running(since.running.begin(), since.running.end());
  pg::Params params;
  params.Add(project_id).Add(dataset).AddOptional(since.time).Add(calendar.spec().time_zone);
  params.Add(calendar.extent_start_seconds()).AddArray(running);
  params.AddOptional(since.SeenBefore()).Add(since.first_unseen);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectAcceptedRows, params));
  std::vector<AcceptedRows>& accepted = history.rows[dataset];
  for (const pg::Row row : rows) {
    AcceptedRows& added = accepted.emplace_back();
    added.accepted = {row.Time(2), TransactionIn(row, 3)};
    if (row.IsNull(0)) continue;
    added.dates = DateRange{row.Date(0), row.Date(1) + 1};
    ASSIGN_OR_RETURN(added.stretches, ParseMinutes(row.Text(4)));
  }
  return absl::OkStatus();
}

absl::Status ReadMarks(pg::Transaction& transaction, int32_t project_id,
                       const std::vector<HistoryQuestion>& questions,
                       const std::optional<absl::Time>& since, History& history) {
  std::vector<std::string> metrics;
  std::vector<int32_t> versions;
  std::vector<int32_t> grains;
  for (const HistoryQuestion& question : questions) {
    metrics.push_back(question.metric);
    versions.push_back(question.version);
    grains.push_back(static_cast<int32_t>(question.grain));
  }
  pg::Params params;
  params.Add(project_id).AddArray(metrics).AddArray(versions).AddArray(grains).AddOptional(since);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectMarks, params));
  for (const pg::Row row : rows) {
    ResultMark mark{.change = {.dates = {row.Date(1), row.Date(2)},
                               .accepted = {row.Time(4), TransactionIn(row, 5)}},
                    .cause = std::string(row.Text(6)),
                    .detail = std::string(row.Text(3))};
    history.metrics[static_cast<size_t>(row.Int64(0)) - 1].marks.push_back(std::move(mark));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<History> ReadHistory(pg::Transaction& transaction, int32_t project_id,
                                    const std::vector<HistoryQuestion>& questions) {
  History history;
  RETURN_IF_ERROR(JobReader(transaction, project_id, questions, history).Read());
  // Of metrics that were never computed nothing else matters, but for what some jobs of a part of
  // the entities stored at other grains.
  struct Asked {
    const calendar::Calendar* calendar;
    Since since;
  };
  std::map<std::string, Asked> datasets;
  std::optional<absl::Time> marks_since = absl::InfiniteFuture();
  for (size_t i = 0; i < questions.size(); ++i) {
    const Covers& covers = history.metrics[i].covers;
    if (covers->empty() && !questions[i].is_own) marks_since = std::nullopt;
    if (covers->empty()) continue;
    for (const RowSource& source : questions[i].rows.sources) {
      Asked& asked = datasets[source.dataset];
      asked.calendar = questions[i].calendar.get();
      asked.since.Add(questions[i], *covers);
    }
  }
  for (const auto& [dataset, asked] : datasets) {
    RETURN_IF_ERROR(
        ReadRows(transaction, project_id, dataset, *asked.calendar, asked.since, history));
    if (marks_since.has_value() && asked.since.time.has_value()) {
      marks_since = std::min(*marks_since, *asked.since.time);
    } else {
      marks_since = std::nullopt;
    }
  }
  if (marks_since != absl::InfiniteFuture()) {
    RETURN_IF_ERROR(ReadMarks(transaction, project_id, questions, marks_since, history));
  }
  return history;
}

}  // namespace metricstore::registry
