#include "registry_service/catalog/sources/row_sources.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/calendar/buckets.h"
#include "common/calendar/grain_steps.h"

namespace metricstore::registry {
namespace {

using calendar::Calendar;

// An offset in the units that dates are counted in.
struct Offset {
  int64_t hours = 0, days = 0, months = 0;
};

Offset ParseOffset(const std::string& text) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits(' ', 1));
  int64_t count = 0;
  if (!absl::SimpleAtoi(parts.first, &count)) return {};
  const auto is = [&](std::string_view unit) {
    return parts.second.substr(0, unit.size()) == unit;
  };
  if (is("hour")) return {.hours = count};
  if (is("day")) return {.days = count};
  if (is("week")) return {.days = 7 * count};
  if (is("month")) return {.months = count};
  if (is("quarter")) return {.months = 3 * count};
  return {.months = 12 * count};
}

// The first date from which so many months back are `date` or later. Going back ends on the last of
// a month that has no such day.
absl::CivilDay MonthsOn(absl::CivilDay date, int64_t months) {
  const absl::CivilMonth month = absl::CivilMonth(date) + months;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  return std::min(absl::CivilDay(month) + (date.day() - 1), last + 1);
}

// The first date at or after `date` on which a bucket starts.
absl::CivilDay NextStart(const Calendar& calendar, Grain grain, absl::CivilDay date) {
  const absl::CivilDay start = calendar::StepStart(calendar, grain, date);
  return start == date ? date : calendar::NextStep(grain, start);
}

class SourceCollector {
 public:
  explicit SourceCollector(SourceFinder& finder) : finder_(finder) {}

  // Of the metric's points at `grain`.
  const std::vector<RowSource>& Collect(const MetricDefinition& metric, Grain grain) {
    const auto [place, fresh] = known_.try_emplace({metric.id(), grain});
    if (!fresh) return place->second;
    std::vector<RowSource> sources;
    std::set<std::string> texts;
    const auto add = [&](RowSource source) {
      if (sources.size() >= kMostRowSources) {
        is_cut_ = true;
      } else if (texts.insert(TextOf(source)).second) {
        sources.push_back(std::move(source));
      }
    };
    const Grain evaluated = GrainOfWindow(metric, grain);
    if (!metric.dataset.empty()) add({metric.dataset, metric.window, evaluated, {}});
    for (const MetricCall& call : finder_.Of(metric).calls) {
      const MetricDefinition* read = finder_.Find(call.id);
      if (read == nullptr) continue;
      for (RowSource source : Collect(*read, evaluated)) {
        source.steps.push_back({evaluated, call.offset});
        add(std::move(source));
      }
    }
    return known_[{metric.id(), grain}] = std::move(sources);
  }

  bool is_cut() const { return is_cut_; }

 private:
  SourceFinder& finder_;
  std::map<std::pair<std::string, Grain>, std::vector<RowSource>> known_;
  bool is_cut_ = false;
};

}  // namespace

Grain GrainOfWindow(const MetricDefinition& metric, Grain grain) {
  return !metric.rollup.empty() && grain > metric.grain ? metric.grain : grain;
}

std::string TextOf(const RowSource& source) {
  std::string text = absl::StrCat(source.dataset, "|", calendar::WindowText(source.window), "|",
                                  static_cast<int>(source.grain));
  for (const RowSource::Step& step : source.steps) {
    absl::StrAppend(&text, "|", static_cast<int>(step.grain), " ", step.offset);
  }
  return text;
}

RowSources RowSourcesOf(const MetricDefinition& metric, Grain grain, SourceFinder& finder) {
  SourceCollector collector(finder);
  RowSources found;
  found.sources = collector.Collect(metric, grain);
  found.is_cut = collector.is_cut();
  return found;
}

DateRange DatesOfReaders(const Calendar& calendar, Grain grain, const std::string& offset,
                         DateRange dates) {
  if (offset.empty() || dates.start >= dates.end) return dates;
  const Offset by = ParseOffset(offset);
  if (by.hours > 0) {
    const TimeRange extent = calendar.ExtentOf(dates);
    return {calendar.DateAt(extent.start + absl::Hours(by.hours)),
            calendar.DateAt(extent.end + absl::Hours(by.hours)) + 1};
  }
  DateRange read = {MonthsOn(dates.start, by.months) + by.days,
                    MonthsOn(dates.end, by.months) + by.days};
  // The clock may show another date's hour where it is set to another time.
  if (grain == Grain::kHour) read = {read.start - 1, read.end + 1};
  // What is read is the bucket that holds the date so long before the reader's first.
  read = {NextStart(calendar, grain, read.start), NextStart(calendar, grain, read.end)};
  return {read.start, std::max(read.start, read.end)};
}

DateRange DatesThatRead(const Calendar& calendar, Grain grain, const std::string& offset,
                        DateRange dates) {
  dates = calendar::KnownSteps(calendar, grain, dates);
  if (offset.empty() || dates.start >= dates.end) return dates;
  const DateRange read = DatesOfReaders(calendar, grain, offset, dates);
  if (read.start >= read.end) return read;
  return calendar::KnownSteps(calendar, grain, read);
}

DateRange DatesThatShow(const Calendar& calendar, const RowSource& source, Grain grain,
                        DateRange dates) {
  dates = calendar::DatesThatShow(calendar, source.window, source.grain, dates);
  for (const RowSource::Step& step : source.steps) {
    if (dates.start >= dates.end) return dates;
    dates = DatesThatRead(calendar, step.grain, step.offset, dates);
  }
  if (dates.start >= dates.end) return dates;
  return calendar::KnownSteps(calendar, grain, dates);
}

int64_t DaysOfOffsets(const RowSource& source) {
  int64_t days = 0;
  for (const RowSource::Step& step : source.steps) {
    const Offset offset = ParseOffset(step.offset);
    days += offset.hours / 24 + offset.days + 31 * offset.months;
    if (!step.offset.empty()) ++days;
  }
  return days;
}

}  // namespace metricstore::registry
