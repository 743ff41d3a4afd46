#include "compute_service/evaluation/named_entities.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/time/iso8601.h"

namespace metricstore::compute {
namespace {

// All years of four digits: no row is of any other.
TimeRange AllTime() {
  const absl::TimeZone utc = absl::UTCTimeZone();
  return {absl::FromCivil(absl::CivilDay(1000, 1, 1), utc),
          absl::FromCivil(absl::CivilDay(9999, 12, 31), utc)};
}

absl::StatusOr<bool> IsStored(RegistryClient& registry, const std::string& project,
                              const std::string& dataset, const std::string& entity,
                              const CallBounds& bounds) {
  const WindowRequest request{.project = project,
                              .dataset = dataset,
                              .entities = {entity},
                              .interval = AllTime(),
                              .columns = {}};
  bool found = false;
  // The first row is enough: an error of the sink ends the stream.
  const auto sink = [&found](columns::ColumnBatch&& rows) {
    found = rows.rows > 0;
    return found ? absl::CancelledError("found") : absl::OkStatus();
  };
  const absl::Status read = registry.StreamWindow(request, sink, bounds).status();
  if (found) return true;
  RETURN_IF_ERROR(read);
  return false;
}

absl::Status NotFound(const std::string& entity, const std::set<std::string>& datasets) {
  return status::ErrorBuilder(absl::StatusCode::kNotFound, "ENTITY_NOT_FOUND",
                              absl::StrCat("no rows of entity \"", entity, "\" are stored in ",
                                           absl::StrJoin(datasets, " or ")))
      .Metadata("dataset", *datasets.begin())
      .Metadata("entity", entity)
      .Build();
}

}  // namespace

absl::Status NamedEntities::CheckKnown(RegistryClient& registry, const std::string& project,
                                       const CallBounds& bounds) const {
  if (datasets_.empty()) return absl::OkStatus();
  for (const std::string& entity : named_) {
    if (seen_.contains(entity)) continue;
    bool is_known = false;
    for (auto dataset = datasets_.begin(); dataset != datasets_.end() && !is_known; ++dataset) {
      ASSIGN_OR_RETURN(is_known, IsStored(registry, project, *dataset, entity, bounds));
    }
    if (!is_known) return NotFound(entity, datasets_);
  }
  return absl::OkStatus();
}

}  // namespace metricstore::compute
