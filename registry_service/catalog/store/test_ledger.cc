#include "registry_service/catalog/store/test_ledger.h"

#include <utility>

#include "common/status/macros.h"
#include "registry_service/calendars/calendar_json.h"
#include "registry_service/catalog/definition/metric_json.h"

namespace metricstore::registry {
namespace {

bool SameCalendar(const calendar::Calendar* a, const calendar::Calendar* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a == b || CalendarToJson(a->spec()) == CalendarToJson(b->spec());
}

bool SameDataset(const std::optional<Dataset>& a, const Dataset* b) {
  if (!a.has_value() || b == nullptr) return a.has_value() == (b != nullptr);
  return SameDefinition(*a, *b);
}

}  // namespace

bool TestLedger::IsOf(const Entry& entry, const MetricUnderTest& metric) {
  return MetricToJson(entry.metric) == MetricToJson(*metric.metric) &&
         SameDataset(entry.dataset, metric.dataset) &&
         SameCalendar(entry.calendar.get(), metric.calendar.get());
}

void TestLedger::Begin(bool looking) {
  wanted_.clear();
  looking_ = looking;
  stopped_ = false;
}

absl::Status TestLedger::Stop() {
  stopped_ = true;
  return absl::CancelledError("metric tests are to be run first");
}

std::optional<std::vector<TestReport>> TestLedger::Find(
    const std::vector<MetricUnderTest>& metrics) {
  std::vector<TestReport> reports;
  for (const MetricUnderTest& metric : metrics) {
    const auto found = reported_.find(metric.metric->id());
    if (found != reported_.end() && IsOf(found->second, metric)) {
      reports.push_back(found->second.report);
      continue;
    }
    Entry& wanted = wanted_.emplace_back();
    wanted.metric = *metric.metric;
    if (metric.dataset != nullptr) wanted.dataset = *metric.dataset;
    wanted.calendar = metric.calendar;
  }
  if (!wanted_.empty()) return std::nullopt;
  return reports;
}

absl::Status TestLedger::Run(MetricTestRunner& runner, const CallBounds& bounds) {
  std::vector<Entry> entries = std::exchange(wanted_, {});
  if (entries.empty()) return absl::OkStatus();
  std::vector<TestedMetric> tested;
  for (const Entry& entry : entries) {
    tested.push_back({&entry.metric, entry.dataset.has_value() ? &*entry.dataset : nullptr,
                      entry.calendar.get()});
  }
  ASSIGN_OR_RETURN(std::vector<TestReport> reports, runner.Run(tested, bounds));
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i].report = std::move(reports[i]);
    std::string id = entries[i].metric.id();
    reported_.insert_or_assign(std::move(id), std::move(entries[i]));
  }
  return absl::OkStatus();
}

}  // namespace metricstore::registry
