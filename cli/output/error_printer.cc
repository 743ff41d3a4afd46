#include "cli/output/error_printer.h"

#include <algorithm>
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
    {"COLUMN_NOT_FOUND", "metricctl columns list TABLE shows them"},
    {"COMPUTE_UNAVAILABLE",
     "compute_service runs the tests of metrics; --no-tests leaves them out"},
    {"TEST_FAILED",
     "change the test along with the definition (metricctl import), or leave tests out: "
     "--no-tests"},
    {"BACKFILL_NOT_FOUND", "metricctl backfills list shows the jobs"},
    {"ENTITY_NOT_FOUND", "metricctl datasets show NAME shows how many entities have rows"},
    {"DATASET_CHANGE_REFUSED", "rows are stored already; give the changed dataset another name"},
    {"DATABASE_UNAVAILABLE", "the registry runs but its database does not answer; try again soon"},
    {"DATABASE_EXHAUSTED", "PostgreSQL is out of disk, memory or connections"},
    {"OVERLOADED", "the service is busy; try again soon"},
    {"DRAINING", "the service is shutting down; try again soon"},
    {"SCHEMA_VERSION", "run registry_migrate of the registry's release"},
};

std::string ValueOf(const status::ErrorDetails& details, const std::string& key) {
  const auto found = details.metadata.find(key);
  return found == details.metadata.end() ? "" : found->second;
}

// Whether the message, or what is listed below it, says `text` already.
bool Says(const absl::Status& status, const status::ErrorDetails& details, std::string_view text) {
  if (std::string(status.message()).find(text) != std::string::npos) return true;
  return std::any_of(details.violations.begin(), details.violations.end(), [&](const auto& bad) {
    return bad.description.find(text) != std::string::npos;
  });
}

// "HINT: LIST", or the hint alone where the message has the list.
std::string HintWithList(const absl::Status& status, const status::ErrorDetails& details,
                         std::string_view hint, const std::string& list) {
  return Says(status, details, list) ? std::string(hint) : Concat(hint, ": ", list);
}

// What to do, from what the error itself carries.
std::string DerivedHint(const absl::Status& status, const status::ErrorDetails& details) {
  const std::string suggestion = ValueOf(details, "suggestion");
  if (!suggestion.empty() && !Says(status, details, "did you mean")) {
    return Concat("did you mean ", Quoted(suggestion), "?");
  }
  const std::string candidates = ValueOf(details, "candidates");
  if (!candidates.empty()) {
    return HintWithList(status, details, "give the id, category/name", candidates);
  }
  const std::string etag = ValueOf(details, "etag");
  if (details.reason == "ETAG_MISMATCH" && !etag.empty()) {
    return Concat("look at it again (metricctl metrics show), then give --etag ", etag);
  }
  const std::string dependents = ValueOf(details, "dependents");
  if (!dependents.empty()) {
    return HintWithList(status, details, "change or delete its readers first", dependents);
  }
  if (details.reason == "METRIC_DELETED") {
    const std::string metric = ValueOf(details, "metric");
    return Concat("metricctl metrics undelete ", metric.empty() ? "ID" : metric, " brings it back");
  }
  if (!suggestion.empty()) return "";
  for (const ReasonHint& entry : kReasonHints) {
    if (entry.reason == details.reason) return std::string(entry.hint);
  }
  const std::string trace = ValueOf(details, "trace_id");
  if (status.code() == absl::StatusCode::kInternal && !trace.empty()) {
    return Concat("the service's log has the details under trace id ", trace);
  }
  return "";
}

// The message, without the fault that it takes from the list below it.
std::string Headline(std::string_view message, const status::ErrorDetails& details) {
  if (details.violations.size() < 2) return std::string(message);
  for (const auto& violation : details.violations) {
    const std::string first = Concat("; the first: ", violation.field, ": ", violation.description);
    if (message.ends_with(first))
      return std::string(message.substr(0, message.size() - first.size()));
  }
  return std::string(message);
}

void PrintViolations(std::string_view headline, const status::ErrorDetails& details,
                     std::ostream& err) {
  for (const auto& violation : details.violations) {
    // One alone is most often the message itself.
    if (headline.find(violation.description) != std::string_view::npos) continue;
    err << "  " << violation.field << ": " << violation.description << '\n';
  }
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
  std::string hint = HintOf(status);
  if (details.has_value()) {
    const std::string headline = Headline(std::string(status.message()), *details);
    err << "error: " << headline << "\n  reason: " << details->reason << '\n';
    PrintViolations(headline, *details, err);
    // What the service knows comes before what holds in general.
    hint = Concat(DerivedHint(status, *details), "\n", hint);
  } else {
    err << "error: " << std::string(status.message()) << '\n';
  }
  for (const absl::string_view line : absl::StrSplit(hint, '\n', absl::SkipEmpty())) {
    err << "  hint: " << line << '\n';
  }
  err.flush();
}

}  // namespace metricstore::cli
