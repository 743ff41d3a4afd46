#include "registry_service/backfills/grain_choice.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/window.h"
#include "common/status/error.h"
#include "registry_service/catalog/sources/row_sources.h"

namespace metricstore::registry {
namespace {

// Finds why metrics cannot be computed at some grain, each once.
class GrainCheck {
 public:
  GrainCheck(const calendar::Calendar& calendar, SourceFinder& finder)
      : calendar_(calendar), finder_(finder) {}

  // "" if it can.
  std::string WhyNotAt(const MetricDefinition& metric, Grain grain) {
    const auto [place, fresh] = known_.try_emplace({metric.id(), metric.version, grain});
    if (!fresh) return place->second;
    return known_[{metric.id(), metric.version, grain}] = Find(metric, grain);
  }

 private:
  std::string Find(const MetricDefinition& metric, Grain grain) {
    const std::string not_by = absl::StrCat("not by ", std::string(GrainName(grain)), ": ");
    if (!metric.rollup.empty() && metric.grain == Grain::kWeek && grain > Grain::kWeek) {
      return absl::StrCat(not_by, "weeks cross its ends, so they do not fold into it by rollup");
    }
    const Grain evaluated = GrainOfWindow(metric, grain);
    const absl::Status fits = calendar::CheckWindow(metric.window, calendar_, evaluated);
    if (!fits.ok()) return absl::StrCat(not_by, fits.message());
    for (const MetricCall& call : finder_.Of(metric).calls) {
      if (absl::StrContains(call.offset, "hour") && evaluated != Grain::kHour) {
        return absl::StrCat(not_by, "it reads ", call.id, " by an offset of ", call.offset,
                            ", which is for grain hour");
      }
      const MetricDefinition* read = finder_.Find(call.id);
      const std::string why = read == nullptr ? "" : WhyNotAt(*read, evaluated);
      if (!why.empty()) return absl::StrCat(not_by, "it reads ", call.id, ", computed ", why);
    }
    return "";
  }

  const calendar::Calendar& calendar_;
  SourceFinder& finder_;
  std::map<std::tuple<std::string, int, Grain>, std::string> known_;
};

absl::Status Refused(const SkippedMetric& metric, Grain grain) {
  return status::FieldInvalid("grains", GrainName(grain),
                              absl::StrCat("metric ", metric.id, " is computed ", metric.reason));
}

}  // namespace

absl::StatusOr<std::vector<ChosenGrain>> ChooseGrains(MetricChoice& choice,
                                                      const std::vector<std::string>& globs,
                                                      const std::vector<Grain>& grains,
                                                      const Calendars& calendars,
                                                      SourceFinder& finder) {
  const std::set<Grain> wanted(grains.begin(), grains.end());
  std::map<const calendar::Calendar*, GrainCheck> checks;
  std::vector<ChosenGrain> chosen;
  absl::Status first_refusal;
  for (const MetricDefinition& metric : choice.computed) {
    const calendar::Calendar& calendar = *calendars.at(finder.Of(metric).home);
    GrainCheck& check = checks.try_emplace(&calendar, calendar, finder).first->second;
    for (const Grain grain : wanted.empty() ? std::set<Grain>{metric.grain} : wanted) {
      SkippedMetric skipped{metric.id(), check.WhyNotAt(metric, grain)};
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
