// Builds and reads errors that keep a machine-readable reason from where they arise to the caller.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace metricstore::status {

// One bad field of a request or of a definition file.
struct FieldViolation {
  std::string field;        // path of the field: "dates.end_date", "metrics/a.yaml:7"
  std::string description;  // what is wrong and what would be right
};

// What an error carries beside code and message; travels as
// google.rpc.{ErrorInfo,BadRequest,RetryInfo}.
struct ErrorDetails {
  std::string reason;  // name of a metricstore.common.v1.ErrorReason without its prefix
  std::map<std::string, std::string> metadata;
  std::vector<FieldViolation> violations;
  std::optional<absl::Duration> retry_after;
};

// Domain of every ErrorInfo of ours.
inline constexpr std::string_view kErrorDomain = "metricstore";

// Messages are cut to this size, so that details fit into HTTP/2 trailers.
inline constexpr size_t kMaxMessageBytes = 1024;
// At most this many violations travel; the last one then says how many were left out.
inline constexpr size_t kMaxViolations = 20;

// Collects the parts of an error. `reason` must be the name of an ErrorReason
// ("DATASET_NOT_FOUND").
class ErrorBuilder {
 public:
  ErrorBuilder(absl::StatusCode code, std::string_view reason, std::string_view message);

  ErrorBuilder& Metadata(std::string_view key, std::string_view value) &;
  ErrorBuilder&& Metadata(std::string_view key, std::string_view value) &&;
  ErrorBuilder& Field(std::string_view field, std::string_view description) &;
  ErrorBuilder&& Field(std::string_view field, std::string_view description) &&;
  ErrorBuilder& RetryAfter(absl::Duration delay) &;
  ErrorBuilder&& RetryAfter(absl::Duration delay) &&;

  absl::Status Build() const;

 private:
  absl::StatusCode code_;
  std::string message_;
  ErrorDetails details_;
};

// The details that ErrorBuilder put in, or nullopt for a status made elsewhere.
std::optional<ErrorDetails> DetailsOf(const absl::Status& status);

// The reason of `status`, or "" if it has none.
std::string ReasonOf(const absl::Status& status);

// The same error with `prefix` before its message; details are kept.
absl::Status WithPrefix(const absl::Status& status, std::string_view prefix);

// Common refusals. All are INVALID_ARGUMENT with one field violation.
absl::Status FieldRequired(std::string_view field);
absl::Status FieldInvalid(std::string_view field, std::string_view value,
                          std::string_view description);
// INTERNAL: a fault of ours. The text goes to the log; callers see it capped.
absl::Status InternalError(std::string_view message);

// The candidate that is `word` in other case, else the closest one by edit distance, or "" if none
// is near: for "did you mean".
std::string ClosestMatch(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace metricstore::status
