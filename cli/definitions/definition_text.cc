#include "cli/definitions/definition_text.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_join.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"

namespace metricstore::cli {

using registry::v1::DefinitionReport;
using registry::v1::ImportOutcome;

void OutcomeCount::Add(const ImportOutcome& outcome) {
  switch (outcome.action()) {
    case ImportOutcome::ACTION_CREATED:
      ++created;
      break;
    case ImportOutcome::ACTION_CHANGED:
      ++changed;
      break;
    case ImportOutcome::ACTION_RESTORED:
      ++restored;
      break;
    default:
      ++unchanged;
  }
}

std::string OutcomeCount::Text() const {
  return Concat(FormatCount(created), " created, ", FormatCount(changed), " changed, ",
                restored > 0 ? Concat(FormatCount(restored), " restored, ") : "",
                FormatCount(unchanged), " unchanged");
}

absl::Status RequireKind(const google::protobuf::RepeatedPtrField<DefinitionReport>& reports,
                         const std::string& kind) {
  constexpr int64_t kNamed = 5;
  std::string named;
  int64_t others = 0;
  for (const DefinitionReport& report : reports) {
    // Without a kind it could not be read; the import says why.
    if (report.kind().empty() || report.kind() == kind || ++others > kNamed) continue;
    named += Concat(others > 1 ? "; " : "", report.path(), " defines ", report.kind(), " ",
                    Quoted(report.name()));
  }
  if (others == 0) return absl::OkStatus();
  if (others > kNamed) named += Concat("; and ", others - kNamed, " more");
  return WithHint(Failure(Concat("not only ", kind, "s: ", named)),
                  "metricctl import and validate take definitions of every kind");
}

std::vector<std::vector<std::string>> GroupsOf(const SameMeaning& pairs) {
  std::map<std::string, size_t> places;
  std::vector<std::set<std::string>> sets;
  for (const auto& [one, other] : pairs) {
    const size_t place = places.emplace(one, sets.size()).first->second;
    if (place == sets.size()) sets.push_back({one});
    const auto [found, is_new] = places.emplace(other, place);
    sets[place].insert(other);
    if (is_new || found->second == place) continue;
    // Two groups are one.
    const std::set<std::string> joined = std::exchange(sets[found->second], {});
    for (const std::string& metric : joined) places[metric] = place;
    sets[place].insert(joined.begin(), joined.end());
  }
  std::vector<std::vector<std::string>> groups;
  for (const auto& set : sets) {
    if (!set.empty()) groups.emplace_back(set.begin(), set.end());
  }
  std::sort(groups.begin(), groups.end());
  return groups;
}

std::string SameMeaningText(const std::vector<std::string>& group) {
  constexpr size_t kNamed = 10;
  std::vector<std::string> others(group.begin() + 1, group.end());
  if (others.size() > kNamed) {
    const size_t more = others.size() - kNamed;
    others.resize(kNamed);
    others.push_back(Concat(more, " more"));
  }
  return Concat(group.front(), " says the same as ", absl::StrJoin(others, ", "),
                ": keep one of them, with the other names as synonyms");
}

}  // namespace metricstore::cli
