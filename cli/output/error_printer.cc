#include "cli/output/error_printer.h"

#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/str_split.h"
#include "cli/output/concat.h"
#include "cli/output/number_text.h"
#include "common/status/error.h"

namespace metricstore::cli {
namespace {

// Payloads that never leave the process.
constexpr char kUsagePayload[] = "metricctl/usage";
constexpr char kHintPayload[] = "metricctl/hint";

struct ReasonHint {
  std::string_view reason;
  std::string_view hint;
};
constexpr ReasonHint kReasonHints[] = {
    {"DATASET_NOT_FOUND", "metricctl datasets list shows what is registered"},
    {"CALENDAR_NOT_FOUND", "metricctl calendars list shows what is stored"},
    {"METRIC_NOT_FOUND", "metricctl metrics list shows what is defined"},
    {"METRIC_AMBIGUOUS", "give the id: category/name"},
    {"METRIC_VERSION_NOT_FOUND", "metricctl metrics versions NAME shows them"},
    {"METRIC_EXISTS", "metricctl metrics update changes it"},
    {"METRIC_DELETED", "metricctl metrics undelete brings it back"},
    {"COLUMN_NOT_FOUND", "metricctl columns list TABLE shows them"},
    {"COMPUTE_UNAVAILABLE",
     "compute_service runs the tests of metrics; --no-tests leaves them out"},
    {"BACKFILL_NOT_FOUND", "metricctl backfills list shows the jobs"},
    {"ENTITY_NOT_FOUND", "metricctl datasets show NAME shows how many entities have rows"},
    {"DATASET_CHANGE_REFUSED", "rows are stored already; give the changed dataset another name"},
    {"DATABASE_UNAVAILABLE", "the registry runs but its database does not answer; try again soon"},
    {"DATABASE_EXHAUSTED", "PostgreSQL is out of disk, memory or connections"},
    {"OVERLOADED", "the service is busy; try again soon"},
    {"DRAINING", "the service is shutting down; try again soon"},
    {"SCHEMA_VERSION", "run registry_migrate of the registry's release"},
};

// What to do, from what the error itself carries.
std::string DerivedHint(const absl::Status& status,
                        const std::optional<status::ErrorDetails>& details) {
  if (!details.has_value()) return "";
  const auto suggestion = details->metadata.find("suggestion");
  if (suggestion != details->metadata.end() && !suggestion->second.empty()) {
    return Concat("did you mean ", Quoted(suggestion->second), "?");
  }
  const auto candidates = details->metadata.find("candidates");
  if (candidates != details->metadata.end() && !candidates->second.empty()) {
    return Concat("give the id: one of ", candidates->second);
  }
  const auto etag = details->metadata.find("etag");
  if (details->reason == "ETAG_MISMATCH" && etag != details->metadata.end()) {
    return Concat("look at it again (metricctl metrics show), then give --etag ", etag->second);
  }
  const auto dependents = details->metadata.find("dependents");
  if (dependents != details->metadata.end() && !dependents->second.empty()) {
    return Concat("change or delete its readers first: ", dependents->second);
  }
  for (const ReasonHint& entry : kReasonHints) {
    if (entry.reason == details->reason) return std::string(entry.hint);
  }
  const auto trace = details->metadata.find("trace_id");
  if (status.code() == absl::StatusCode::kInternal && trace != details->metadata.end()) {
    return Concat("the service's log has the details under trace id ", trace->second);
  }
  return "";
}

}  // namespace

absl::Status UsageError(std::string_view message) {
  absl::Status status = absl::InvalidArgumentError(std::string(message));
  status.SetPayload(kUsagePayload, absl::Cord());
  return status;
}

absl::Status Failure(std::string_view message) {
  return absl::FailedPreconditionError(std::string(message));
}

absl::Status WithHint(const absl::Status& status, std::string_view hint) {
  if (status.ok()) return status;
  absl::Status hinted = status;
  const std::string before = HintOf(status);
  const std::string hints = Concat(before, before.empty() ? "" : "\n", hint);
  hinted.SetPayload(kHintPayload, absl::Cord(hints));
  return hinted;
}

std::string HintOf(const absl::Status& status) {
  const auto hint = status.GetPayload(kHintPayload);
  return hint.has_value() ? std::string(*hint) : "";
}

int ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return kExitOk;
  return status.GetPayload(kUsagePayload).has_value() ? kExitUsage : kExitFailure;
}

void PrintError(const absl::Status& status, std::ostream& err) {
  const auto details = status::DetailsOf(status);
  err << "error: " << std::string(status.message()) << '\n';
  if (details.has_value()) {
    err << "  reason: " << details->reason << '\n';
    for (const auto& violation : details->violations) {
      err << "  " << violation.field << ": " << violation.description << '\n';
    }
  }
  // What the service knows comes before what holds in general.
  const std::string hint = Concat(DerivedHint(status, details), "\n", HintOf(status));
  for (const absl::string_view line : absl::StrSplit(hint, '\n', absl::SkipEmpty())) {
    err << "  hint: " << line << '\n';
  }
  err.flush();
}

}  // namespace metricstore::cli
