#include "registry_service/query/freshness_reader.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "common/status/macros.h"
#include "registry_service/query/freshness_findings.h"
#include "registry_service/query/freshness_history.h"
#include "registry_service/query/freshness_statements.h"

namespace metricstore::registry {
namespace {

using NewestBuckets = std::map<std::pair<std::string, int>, absl::Time>;

// A dataset's rows and the calendar that cuts them into buckets.
struct Ground {
  DatasetStatistics statistics;
  std::shared_ptr<const calendar::Calendar> calendar;  // nullptr: a dataset without time
};
using Grounds = std::map<std::string, Ground>;

// The metrics and all that they are made from, directly or through others, each once, by id.
std::vector<CatalogEntryPtr> WithUpstream(const std::vector<CatalogEntryPtr>& metrics,
                                          const CatalogSnapshot& snapshot) {
  std::map<std::string, CatalogEntryPtr> entries;
  std::vector<CatalogEntryPtr> waiting(metrics);
  while (!waiting.empty()) {
    const CatalogEntryPtr entry = std::move(waiting.back());
    waiting.pop_back();
    if (!entries.emplace(entry->active.id(), entry).second) continue;
    for (const std::string& id : entry->active.depends_on) {
      if (CatalogEntryPtr upstream = snapshot.FindId(id); upstream != nullptr) {
        waiting.push_back(std::move(upstream));
      }
    }
  }
  std::vector<CatalogEntryPtr> all;
  all.reserve(entries.size());
  for (auto& [id, entry] : entries) all.push_back(std::move(entry));
  return all;
}

absl::StatusOr<NewestBuckets> ReadNewestBuckets(pg::Transaction& transaction, int32_t project_id,
                                                const std::vector<CatalogEntryPtr>& entries) {
  std::vector<std::string> ids;
  std::vector<int32_t> versions;
  std::vector<int32_t> grains;
  for (const CatalogEntryPtr& entry : entries) {
    for (const MetricDefinition* metric : {&entry->active, entry->pending.get()}) {
      if (metric == nullptr) continue;
      ids.push_back(metric->id());
      versions.push_back(metric->version);
      grains.push_back(static_cast<int32_t>(metric->grain));
    }
  }
  const pg::Params params =
      pg::Params().Add(project_id).AddArray(ids).AddArray(versions).AddArray(grains);
  NewestBuckets newest;
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectNewestBuckets, params));
  for (const pg::Row row : rows) {
    newest[{std::string(row.Text(0)), row.Int32(1)}] = row.Time(2);
  }
  return newest;
}

absl::StatusOr<Grounds> ReadGrounds(DatasetStore& datasets, CalendarStore& calendars,
                                    int32_t project_id, const std::vector<CatalogEntryPtr>& entries,
                                    const CallBounds& bounds) {
  std::set<std::string> distinct;
  for (const CatalogEntryPtr& entry : entries) {
    if (!entry->active.dataset.empty()) distinct.insert(entry->active.dataset);
  }
  const std::vector<std::string> names(distinct.begin(), distinct.end());
  ASSIGN_OR_RETURN(const auto statistics, datasets.Statistics(project_id, names, bounds));
  Grounds grounds;
  for (size_t i = 0; i < names.size(); ++i) {
    Ground& ground = grounds[names[i]];
    ground.statistics = statistics[i];
    ASSIGN_OR_RETURN(const auto dataset, datasets.Get(project_id, names[i], bounds));
    if (dataset->calendar.empty()) continue;
    ASSIGN_OR_RETURN(ground.calendar, calendars.Get(project_id, dataset->calendar, 0, bounds));
  }
  return grounds;
}

std::optional<absl::Time> Find(const NewestBuckets& newest, const MetricDefinition* metric) {
  if (metric == nullptr) return std::nullopt;
  const auto found = newest.find({metric->id(), metric->version});
  return found == newest.end() ? std::nullopt : std::optional(found->second);
}

// A metric on its way to being judged.
struct Case {
  CatalogEntryPtr entry;
  FreshnessFacts facts;
  std::optional<size_t> question;  // unset: its history does not matter
};

// What is known without the history, with the questions to it.
class Cases {
 public:
  Cases(const std::vector<CatalogEntryPtr>& entries, const Grounds& grounds) {
    for (const CatalogEntryPtr& entry : entries) {
      Case& made = cases_.emplace_back(Case{.entry = entry});
      const auto ground = grounds.find(entry->active.dataset);
      if (ground != grounds.end()) AddGround(ground->second, made);
    }
  }

  const std::vector<HistoryQuestion>& questions() const { return questions_; }

  std::map<std::string, MetricFreshness> Judge(const History& history,
                                               const NewestBuckets& newest) {
    StaleDates finder(history);
    std::vector<CatalogEntryPtr> entries;
    std::vector<std::string> stale;
    for (Case& judged : cases_) {
      const MetricDefinition& metric = judged.entry->active;
      judged.facts.newest_bucket = Find(newest, &metric);
      judged.facts.newest_pending_bucket = Find(newest, judged.entry->pending.get());
      if (judged.question.has_value()) {
        finder.AddTo(metric, questions_[*judged.question], history.metrics[*judged.question],
                     judged.facts);
      }
      entries.push_back(judged.entry);
      if (IsStale(*judged.entry, judged.facts)) stale.push_back(metric.id());
    }
    const auto causes = NearestStale(entries, stale);
    std::map<std::string, MetricFreshness> freshness;
    for (Case& judged : cases_) {
      const std::string id = judged.entry->active.id();
      if (const auto cause = causes.find(id); cause != causes.end()) {
        judged.facts.stale_upstream = cause->second;
      }
      freshness.emplace(id, JudgeFreshness(*judged.entry, judged.facts));
    }
    return freshness;
  }

 private:
  void AddGround(const Ground& ground, Case& made) {
    const auto& [statistics, calendar] = ground;
    const MetricDefinition& metric = made.entry->active;
    made.facts.has_rows = statistics.row_count > 0;
    made.facts.newest_row = statistics.newest;
    if (calendar == nullptr || !statistics.newest.has_value()) return;
    made.facts.calendar = calendar->spec().name;
    made.facts.wanted = WantedDates(
        *calendar, metric.window, metric.grain,
        {calendar->DateAt(*statistics.oldest), calendar->DateAt(*statistics.newest) + 1});
    const bool any = made.facts.wanted.start < made.facts.wanted.end;
    if (!any || !WhyNotComputed(metric).empty()) return;
    made.question = questions_.size();
    questions_.push_back({metric.id(), metric.version, metric.grain, metric.dataset, calendar,
                          made.facts.wanted, metric.create_time});
  }

  std::vector<Case> cases_;
  std::vector<HistoryQuestion> questions_;
};

}  // namespace

absl::StatusOr<std::vector<MetricFreshness>> FreshnessReader::Read(
    int32_t project_id, const std::vector<CatalogEntryPtr>& metrics,
    const CatalogSnapshot& snapshot, const CallBounds& bounds) {
  const std::vector<CatalogEntryPtr> entries = WithUpstream(metrics, snapshot);
  ASSIGN_OR_RETURN(const Grounds grounds,
                   ReadGrounds(datasets_, calendars_, project_id, entries, bounds));
  Cases cases(entries, grounds);
  NewestBuckets newest;
  History history;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(newest, ReadNewestBuckets(transaction, project_id, entries));
    ASSIGN_OR_RETURN(history, ReadHistory(transaction, project_id, cases.questions()));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, read));
  const auto judged = cases.Judge(history, newest);
  std::vector<MetricFreshness> freshness;
  freshness.reserve(metrics.size());
  for (const CatalogEntryPtr& metric : metrics) freshness.push_back(judged.at(metric->active.id()));
  return freshness;
}

}  // namespace metricstore::registry
