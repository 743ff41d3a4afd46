#include "registry_service/catalog/definition/faults.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace metricstore::registry {

namespace {

// The violation's name: where the fault stands in a file, or which field of an edited metric it is.
std::string PlaceOf(const Fault& fault) {
  if (!fault.path.empty()) return absl::StrCat(fault.path, ":", fault.line);
  const auto field = fault.metadata.find("field");
  if (field == fault.metadata.end() || field->second.empty()) return "metric";
  return absl::StrCat("metric.", field->second);
}

// The message without the field that `place` ends with: "metric.window: window: ..." says it twice.
std::string TextBehind(const std::string& place, const std::string& message) {
  const size_t colon = message.find(": ");
  if (colon == std::string::npos || colon == 0) return message;
  const bool named = place == absl::StrCat("metric.", message.substr(0, colon));
  return named ? message.substr(colon + 2) : message;
}

}  // namespace

absl::Status Faults::ToStatus() const {
  if (faults_.empty()) return absl::OkStatus();
  std::vector<const Fault*> ordered;
  for (const Fault& fault : faults_) ordered.push_back(&fault);
  std::stable_sort(ordered.begin(), ordered.end(), [](const Fault* a, const Fault* b) {
    return std::tie(a->path, a->line) < std::tie(b->path, b->line);
  });
  const auto text_of = [](const Fault& fault) { return TextBehind(PlaceOf(fault), fault.message); };
  const Fault& first = *ordered.front();
  const std::string count =
      ordered.size() == 1 ? "" : absl::StrCat(ordered.size(), " faults; the first: ");
  status::ErrorBuilder error(absl::StatusCode::kInvalidArgument, first.reason,
                             absl::StrCat(count, PlaceOf(first), ": ", text_of(first)));
  if (!first.path.empty()) {
    error.Metadata("path", first.path).Metadata("line", absl::StrCat(first.line));
  }
  for (const auto& [key, value] : first.metadata) error.Metadata(key, value);
  for (const Fault* fault : ordered) error.Field(PlaceOf(*fault), text_of(*fault));
  return error.Build();
}

}  // namespace metricstore::registry
