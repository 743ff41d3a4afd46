#include "registry_service/backfills/grain_choice.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/window.h"
#include "common/status/error.h"

namespace metricstore::registry {
namespace {

// Why the metric cannot be computed at that grain; "" if it can.
std::string WhyNotAt(const MetricDefinition& metric, Grain grain,
                     const calendar::Calendar& calendar) {
  if (!metric.rollup.empty() && metric.grain == Grain::kWeek && grain > Grain::kWeek) {
    return absl::StrCat("not by ", std::string(GrainName(grain)),
                        ": weeks cross its ends, so they do not fold into it by rollup");
  }
  const absl::Status fits =
      calendar::CheckWindow(metric.window, calendar, GrainOfWindow(metric, grain));
  if (fits.ok()) return "";
  return absl::StrCat("not by ", std::string(GrainName(grain)), ": ", fits.message());
}

absl::Status Refused(const SkippedMetric& metric, Grain grain) {
  return status::FieldInvalid("grains", GrainName(grain),
                              absl::StrCat("metric ", metric.id, " is computed ", metric.reason));
}

}  // namespace

Grain GrainOfWindow(const MetricDefinition& metric, Grain grain) {
  return !metric.rollup.empty() && grain > metric.grain ? metric.grain : grain;
}

absl::StatusOr<std::vector<ChosenGrain>> ChooseGrains(MetricChoice& choice,
                                                      const std::vector<std::string>& globs,
                                                      const std::vector<Grain>& grains,
                                                      const Calendars& calendars) {
  const std::set<Grain> wanted(grains.begin(), grains.end());
  std::vector<ChosenGrain> chosen;
  absl::Status first_refusal;
  for (const MetricDefinition& metric : choice.computed) {
    for (const Grain grain : wanted.empty() ? std::set<Grain>{metric.grain} : wanted) {
      SkippedMetric skipped{metric.id(), WhyNotAt(metric, grain, *calendars.at(metric.dataset))};
      if (skipped.reason.empty()) {
        chosen.push_back({&metric, grain});
        continue;
      }
      if (IsNamed(metric, globs)) return Refused(skipped, grain);
      if (first_refusal.ok()) first_refusal = Refused(skipped, grain);
      choice.skipped.push_back(std::move(skipped));
    }
  }
  if (chosen.empty()) return first_refusal;
  std::stable_sort(choice.skipped.begin(), choice.skipped.end(),
                   [](const auto& a, const auto& b) { return a.id < b.id; });
  return chosen;
}

}  // namespace metricstore::registry
