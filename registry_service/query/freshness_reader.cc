#include "registry_service/query/freshness_reader.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/buckets.h"
#include "common/status/macros.h"
#include "registry_service/catalog/sources/row_sources.h"
#include "registry_service/query/freshness_findings.h"
#include "registry_service/query/freshness_history.h"
#include "registry_service/query/stored_grains.h"

namespace metricstore::registry {
namespace {

// A dataset's rows and the calendar that cuts them into buckets.
struct Ground {
  std::shared_ptr<const Dataset> dataset;
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
    ASSIGN_OR_RETURN(ground.dataset, datasets.Get(project_id, names[i], bounds));
    const std::string& calendar = ground.dataset->calendar;
    if (calendar.empty()) continue;
    ASSIGN_OR_RETURN(ground.calendar, calendars.Get(project_id, calendar, 0, bounds));
  }
  return grounds;
}

std::optional<absl::Time> Find(const NewestBuckets& newest, const MetricDefinition* metric) {
  if (metric == nullptr) return std::nullopt;
  const auto found = newest.find({metric->id(), metric->version, metric->grain});
  return found == newest.end() ? std::nullopt : std::optional(found->second);
}

bool IsEmpty(const DateRange& dates) { return dates.start >= dates.end; }

// From the first date of either to the last.
DateRange Hull(const DateRange& a, const DateRange& b) {
  if (IsEmpty(a) || IsEmpty(b)) return IsEmpty(a) ? b : a;
  return {std::min(a.start, b.start), std::max(a.end, b.end)};
}

// A metric on its way to being judged.
struct Case {
  CatalogEntryPtr entry;
  FreshnessFacts facts;
  std::vector<size_t> questions;  // at its own grain first; none: its history does not matter
};

class Cases {
 public:
  Cases(const std::vector<CatalogEntryPtr>& entries, const Grounds& grounds,
        const CatalogSnapshot& snapshot)
      : grounds_(grounds),
        finder_(
            [&snapshot](const std::string& id) {
              const CatalogEntryPtr entry = snapshot.FindId(id);  // the snapshot keeps it
              return entry == nullptr ? nullptr : &entry->active;
            },
            [this](const std::string& name) {
              const auto ground = grounds_.find(name);
              return ground == grounds_.end() ? nullptr : ground->second.dataset.get();
            }) {
    cases_.reserve(entries.size());
    for (const CatalogEntryPtr& entry : entries) {
      AddGround(cases_.emplace_back(Case{.entry = entry}));
    }
  }

  const std::vector<HistoryQuestion>& questions() const { return questions_; }

  // Asks about the other grains too, and about marks of dates without rows.
  void Add(const StoredGrains& stored) {
    for (Case& made : cases_) {
      if (made.questions.empty()) continue;
      const MetricDefinition& metric = made.entry->active;
      auto place = stored.lower_bound({metric.id(), metric.version, Grain::kHour});
      for (; place != stored.end() && std::get<0>(place->first) == metric.id() &&
             std::get<1>(place->first) == metric.version;
           ++place) {
        const Grain grain = std::get<2>(place->first);
        if (grain == metric.grain) {
          AddMarks(*place->second.marks, questions_[made.questions[0]]);
        } else {
          AddOther(grain, place->second, made);
        }
      }
    }
  }

  std::map<std::string, MetricFreshness> Judge(const History& history,
                                               const NewestBuckets& newest) {
    StaleDates finder(history);
    std::vector<CatalogEntryPtr> entries;
    std::vector<std::string> stale;
    for (Case& judged : cases_) {
      const MetricDefinition& metric = judged.entry->active;
      judged.facts.newest_bucket = Find(newest, &metric);
      judged.facts.newest_pending_bucket = Find(newest, judged.entry->pending.get());
      for (const size_t question : judged.questions) {
        finder.AddTo(questions_[question], history.metrics[question], judged.facts);
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
  void AddGround(Case& made) {
    const MetricDefinition& metric = made.entry->active;
    const MetricSources& sources = finder_.Of(metric);
    FreshnessFacts& facts = made.facts;
    facts.why_not = sources.why_not;
    facts.dataset = sources.home;
    for (const std::string& name : sources.datasets) {
      const DatasetStatistics& rows = grounds_.at(name).statistics;
      facts.has_rows |= rows.row_count > 0;
      if (rows.row_count == 0) facts.dataset = name;
      if (rows.newest.has_value()) {
        facts.newest_row = std::max(facts.newest_row.value_or(*rows.newest), *rows.newest);
      }
    }
    const auto home = grounds_.find(sources.home);
    if (home == grounds_.end() || home->second.calendar == nullptr) return;
    facts.calendar = home->second.calendar->spec().name;
    if (!facts.newest_row.has_value() || !facts.why_not.empty()) return;
    HistoryQuestion question = QuestionOf(metric, metric.grain, home->second.calendar);
    question.wanted = facts.wanted = question.shown;
    if (IsEmpty(facts.wanted)) return;
    question.later = Shared(question.shown, {question.rows_end, absl::CivilDay::max()});
    if (question.rows_end > facts.wanted.start) {
      facts.wanted.end = std::min(facts.wanted.end, question.rows_end);
    }
    made.questions.push_back(questions_.size());
    questions_.push_back(std::move(question));
  }

  // Whatever job computed the marked dates since has to be among those that are read.
  static void AddMarks(const DateRange& marks, HistoryQuestion& question) {
    const DateRange computable = ComputableDates(*question.calendar, question.grain);
    question.wanted = Hull(question.wanted, Shared(marks, computable));
    if (!IsEmpty(Shared(marks, question.later))) question.later = {};
  }

  void AddOther(Grain grain, const StoredGrain& other, Case& made) {
    const auto& calendar = questions_[made.questions[0]].calendar;
    HistoryQuestion question = QuestionOf(made.entry->active, grain, calendar);
    question.is_own = false;
    DateRange wanted{question.shown.start, question.shown.start};
    if (other.buckets.has_value()) {
      question.stored = calendar::AlignToGrain(
          *calendar, grain,
          {calendar->DateAt(other.buckets->start), calendar->DateAt(other.buckets->end) + 1});
      wanted = *question.stored;
    }
    question.wanted = Shared(wanted, ComputableDates(*calendar, grain));
    if (other.marks.has_value()) AddMarks(*other.marks, question);
    made.questions.push_back(questions_.size());
    questions_.push_back(std::move(question));
  }

  // With all but what jobs must cover.
  HistoryQuestion QuestionOf(const MetricDefinition& metric, Grain grain,
                             const std::shared_ptr<const calendar::Calendar>& calendar) {
    HistoryQuestion question{.metric = metric.id(),
                             .version = metric.version,
                             .grain = grain,
                             .rows = RowSourcesOf(metric, grain, finder_),
                             .calendar = calendar,
                             .create_time = metric.create_time};
    question.shape = absl::StrCat(static_cast<int>(grain));
    for (const RowSource& source : question.rows.sources) {
      absl::StrAppend(&question.shape, "\n", TextOf(source));
    }
    const auto [place, fresh] = shown_.try_emplace(question.shape);
    if (fresh) place->second = ShownOf(question);
    question.shown = place->second.dates;
    question.rows_end = place->second.rows_end;
    return question;
  }

  struct Shown {
    DateRange dates;          // from the first bucket that may show rows to the last
    absl::CivilDay rows_end;  // see HistoryQuestion
  };

  Shown ShownOf(const HistoryQuestion& question) const {
    Shown shown{.dates = {}, .rows_end = absl::CivilDay::min()};
    for (const RowSource& source : question.rows.sources) {
      const DatasetStatistics& rows = grounds_.at(source.dataset).statistics;
      if (!rows.oldest.has_value() || !rows.newest.has_value()) continue;
      const DateRange dates = {question.calendar->DateAt(*rows.oldest),
                               question.calendar->DateAt(*rows.newest) + 1};
      const DateRange wanted = WantedDates(*question.calendar, source, question.grain, dates);
      shown.dates = Hull(shown.dates, wanted);
      shown.rows_end =
          std::max(shown.rows_end, RowsEnd(*question.calendar, source, question.grain, dates));
    }
    return shown;
  }

  const Grounds& grounds_;
  SourceFinder finder_;
  std::vector<Case> cases_;
  std::vector<HistoryQuestion> questions_;
  std::map<std::string, Shown> shown_;  // by shape
};

}  // namespace

absl::StatusOr<std::vector<MetricFreshness>> FreshnessReader::Read(
    int32_t project_id, const std::vector<CatalogEntryPtr>& metrics,
    const CatalogSnapshot& snapshot, const CallBounds& bounds) {
  const std::vector<CatalogEntryPtr> entries = WithUpstream(metrics, snapshot);
  ASSIGN_OR_RETURN(const Grounds grounds,
                   ReadGrounds(datasets_, calendars_, project_id, entries, bounds));
  std::optional<Cases> cases;
  NewestBuckets newest;
  History history;
  const auto read = [&](pg::Transaction& transaction) -> absl::Status {
    cases.emplace(entries, grounds, snapshot);
    ASSIGN_OR_RETURN(newest, ReadNewestBuckets(transaction, project_id, entries));
    ASSIGN_OR_RETURN(const StoredGrains stored,
                     ReadStoredGrains(transaction, project_id, entries, newest));
    cases->Add(stored);
    ASSIGN_OR_RETURN(history, ReadHistory(transaction, project_id, cases->questions()));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadOnlySnapshot, read));
  const auto judged = cases->Judge(history, newest);
  std::vector<MetricFreshness> freshness;
  freshness.reserve(metrics.size());
  for (const CatalogEntryPtr& metric : metrics) freshness.push_back(judged.at(metric->active.id()));
  return freshness;
}

}  // namespace metricstore::registry
