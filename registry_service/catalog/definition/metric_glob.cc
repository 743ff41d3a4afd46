#include "registry_service/catalog/definition/metric_glob.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "registry_service/catalog/definition/excerpt.h"

namespace metricstore::registry {
namespace {

// A pattern is longer than what it fits only by its stars, so few that matching stays cheap.
constexpr size_t kMaxPatternBytes = 200;

}  // namespace

bool MatchesGlob(std::string_view glob, std::string_view text) {
  size_t g = 0;
  size_t t = 0;
  // Where to go on if the text since the last star turns out to be longer.
  size_t star = std::string_view::npos;
  size_t star_text = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      star_text = t;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
      ++g;
      ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

bool MetricFits(std::string_view glob, std::string_view id, std::string_view name) {
  return MatchesGlob(glob, glob.find('/') == std::string_view::npos ? name : id);
}

absl::Status CheckPatterns(const std::vector<std::string>& globs) {
  for (const std::string& glob : globs) {
    if (glob.size() <= kMaxPatternBytes) continue;
    return status::FieldInvalid("metrics", Excerpt(glob),
                                absl::StrCat("must be at most ", kMaxPatternBytes, " bytes each"));
  }
  return absl::OkStatus();
}

}  // namespace metricstore::registry
