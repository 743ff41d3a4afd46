// Gathers the faults of a calendar's definition, so that its author sees all of them at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace metricstore::calendar {

class SpecFaults {
 public:
  void Add(std::string_view field, std::string_view description) {
    violations_.push_back({std::string(field), std::string(description)});
  }
  bool empty() const { return violations_.empty(); }

  // OK if there are none, else INVALID_ARGUMENT (DEFINITION_INVALID).
  absl::Status ToStatus(const std::string& calendar) const {
    if (violations_.empty()) return absl::OkStatus();
    const auto& first = violations_.front();
    status::ErrorBuilder error(
        absl::StatusCode::kInvalidArgument, "DEFINITION_INVALID",
        absl::StrCat("calendar \"", calendar, "\": ", first.field, ": ", first.description));
    error.Metadata("field", first.field);
    for (const auto& violation : violations_) error.Field(violation.field, violation.description);
    return error.Build();
  }

 private:
  std::vector<status::FieldViolation> violations_;
};

}  // namespace metricstore::calendar
