#include "registry_service/query/freshness_reader.h"

#include <map>
#include <set>
#include <utility>

#include "common/status/macros.h"
#include "registry_service/query/freshness_rules.h"
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
using EntriesById = std::map<std::string, CatalogEntryPtr>;

// The metrics and all that they are made from, directly or through others.
EntriesById WithUpstream(const std::vector<CatalogEntryPtr>& metrics,
                         const CatalogSnapshot& snapshot) {
  EntriesById entries;
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
  return entries;
}

absl::StatusOr<NewestBuckets> ReadNewestBuckets(pg::Pool& pool, int32_t project_id,
                                                const EntriesById& entries,
                                                const CallBounds& bounds) {
  std::vector<std::string> ids;
  std::vector<int32_t> versions;
  std::vector<int32_t> grains;
  for (const auto& [id, entry] : entries) {
    for (const MetricDefinition* metric : {&entry->active, entry->pending.get()}) {
      if (metric == nullptr) continue;
      ids.push_back(id);
      versions.push_back(metric->version);
      grains.push_back(static_cast<int32_t>(metric->grain));
    }
  }
  const pg::Params params =
      pg::Params().Add(project_id).AddArray(ids).AddArray(versions).AddArray(grains);
  NewestBuckets newest;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    newest.clear();
    ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectNewestBuckets, params));
    for (const pg::Row row : rows) {
      newest[{std::string(row.Text(0)), row.Int32(1)}] = row.Time(2);
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool.Run(bounds, pg::TransactionMode::kReadOnly, read));
  return newest;
}

absl::StatusOr<Grounds> ReadGrounds(DatasetStore& datasets, CalendarStore& calendars,
                                    int32_t project_id, const EntriesById& entries,
                                    const CallBounds& bounds) {
  std::set<std::string> distinct;
  for (const auto& [id, entry] : entries) {
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

// Judges metrics, each once, what they read before themselves.
class Judgement {
 public:
  Judgement(const EntriesById& entries, const Grounds& grounds, const NewestBuckets& newest)
      : entries_(entries), grounds_(grounds), newest_(newest) {}

  const MetricFreshness& Of(const CatalogEntry& entry) {
    // Set before its upstream is judged, so that even a circle comes to an end.
    const auto [place, fresh] = judged_.try_emplace(entry.active.id());
    if (fresh) place->second = JudgeFreshness(entry, FactsOf(entry));
    return place->second;
  }

 private:
  FreshnessFacts FactsOf(const CatalogEntry& entry) {
    const MetricDefinition& metric = entry.active;
    FreshnessFacts facts;
    facts.newest_bucket = Find(newest_, &metric);
    facts.newest_pending_bucket = Find(newest_, entry.pending.get());
    facts.stale_upstream = StaleUpstream(metric);
    const auto found = grounds_.find(metric.dataset);
    if (found == grounds_.end()) return facts;
    const auto& [statistics, calendar] = found->second;
    facts.has_rows = statistics.row_count > 0;
    facts.newest_row = statistics.newest;
    if (calendar == nullptr || !statistics.newest.has_value()) return facts;
    facts.rows =
        DateRange{DateAt(*calendar, *statistics.oldest), DateAt(*calendar, *statistics.newest)};
    if (facts.newest_bucket.has_value()) {
      facts.newer = DatesAfter(*calendar, metric.window, metric.grain, *facts.newest_bucket,
                               *statistics.newest);
    }
    return facts;
  }

  std::string StaleUpstream(const MetricDefinition& metric) {
    for (const std::string& id : metric.depends_on) {
      const auto upstream = entries_.find(id);
      if (upstream == entries_.end()) continue;
      switch (Of(*upstream->second).state) {
        case FreshnessState::kNeverComputed:
        case FreshnessState::kNewerRows:
        case FreshnessState::kUpstreamStale:
          return id;
        default:
          break;
      }
    }
    return "";
  }

  const EntriesById& entries_;
  const Grounds& grounds_;
  const NewestBuckets& newest_;
  std::map<std::string, MetricFreshness> judged_;
};

}  // namespace

absl::StatusOr<std::vector<MetricFreshness>> FreshnessReader::Read(
    int32_t project_id, const std::vector<CatalogEntryPtr>& metrics,
    const CatalogSnapshot& snapshot, const CallBounds& bounds) {
  const EntriesById entries = WithUpstream(metrics, snapshot);
  ASSIGN_OR_RETURN(const Grounds grounds,
                   ReadGrounds(datasets_, calendars_, project_id, entries, bounds));
  ASSIGN_OR_RETURN(const NewestBuckets newest,
                   ReadNewestBuckets(pool_, project_id, entries, bounds));
  Judgement judgement(entries, grounds, newest);
  std::vector<MetricFreshness> freshness;
  freshness.reserve(metrics.size());
  for (const CatalogEntryPtr& metric : metrics) freshness.push_back(judgement.Of(*metric));
  return freshness;
}

}  // namespace metricstore::registry
