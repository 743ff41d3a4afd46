#include "common/pg/sqlstate.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace metricstore::pg {
namespace {

constexpr absl::Duration kUnavailableRetry = absl::Seconds(1);
constexpr absl::Duration kExhaustedRetry = absl::Seconds(5);

// What a code, or a class of codes named by its first two characters, means to callers. The first
// rule that fits wins.
struct Rule {
  std::string_view sqlstate_prefix;
  absl::StatusCode code;
  std::string_view reason;
  absl::Duration retry_after = absl::InfiniteDuration();  // infinite: no RetryInfo
  bool ends_connection = false;
};

const Rule kRules[] = {
    {"40001", absl::StatusCode::kAborted, "TRANSACTION_CONFLICT"},
    {"40P01", absl::StatusCode::kAborted, "TRANSACTION_CONFLICT"},
    {"55P03", absl::StatusCode::kAborted, "TRANSACTION_CONFLICT"},
    {"57014", absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"},
    {"08", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", kUnavailableRetry, true},
    {"57P", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", kUnavailableRetry, true},
    {"25006", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", kUnavailableRetry, true},
    {"25P03", absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", kUnavailableRetry, true},
    {"53", absl::StatusCode::kResourceExhausted, "DATABASE_EXHAUSTED", kExhaustedRetry},
    {"23505", absl::StatusCode::kAlreadyExists, "CONSTRAINT_VIOLATED"},
    {"23P01", absl::StatusCode::kAlreadyExists, "CONSTRAINT_VIOLATED"},
    {"23", absl::StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATED"},
    {"22021", absl::StatusCode::kInvalidArgument, "FIELD_INVALID"},
    {"22P05", absl::StatusCode::kInvalidArgument, "FIELD_INVALID"},
};

const Rule* FindRule(std::string_view sqlstate) {
  const auto* rule = std::find_if(std::begin(kRules), std::end(kRules), [&](const Rule& candidate) {
    return sqlstate.starts_with(candidate.sqlstate_prefix);
  });
  return rule == std::end(kRules) ? nullptr : rule;
}

bool IsSqlState(std::string_view text) {
  return text.size() == 5 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isdigit(c) || (c >= 'A' && c <= 'Z');
         });
}

std::string_view FirstLine(std::string_view text) { return text.substr(0, text.find('\n')); }

}  // namespace

DatabaseError ParseErrorText(std::string_view text) {
  constexpr std::string_view kSeverityEnd = ":  ";
  constexpr std::string_view kConstraintLine = "\nCONSTRAINT NAME:  ";
  DatabaseError error;
  for (size_t at = text.find(kSeverityEnd); at != std::string_view::npos;
       at = text.find(kSeverityEnd, at + 1)) {
    const std::string_view rest = text.substr(at + kSeverityEnd.size());
    if (rest.size() < 7 || !IsSqlState(rest.substr(0, 5)) || rest.substr(5, 2) != ": ") continue;
    error.sqlstate = std::string(rest.substr(0, 5));
    error.message = std::string(FirstLine(rest.substr(7)));
    break;
  }
  if (const size_t at = text.find(kConstraintLine); at != std::string_view::npos) {
    error.constraint = std::string(FirstLine(text.substr(at + kConstraintLine.size())));
  }
  return error;
}

absl::Status StatusFor(const DatabaseError& error, std::string_view what) {
  const Rule* rule = FindRule(error.sqlstate);
  std::string message = absl::StrCat(std::string(what), ": ",
                                     error.message.empty() ? "the database failed" : error.message);
  if (rule == nullptr && error.connection_lost) {
    return DatabaseUnavailable(
        absl::StrCat(std::string(what), ": ",
                     error.message.empty() ? "the connection was lost" : error.message));
  }
  if (rule == nullptr) {
    status::ErrorBuilder builder(absl::StatusCode::kInternal, "INTERNAL", message);
    if (!error.sqlstate.empty()) builder.Metadata("sqlstate", error.sqlstate);
    return builder.Build();
  }
  status::ErrorBuilder builder(rule->code, rule->reason, message);
  builder.Metadata("sqlstate", error.sqlstate);
  if (!error.constraint.empty()) builder.Metadata("constraint", error.constraint);
  if (rule->retry_after != absl::InfiniteDuration()) builder.RetryAfter(rule->retry_after);
  return builder.Build();
}

bool IsTransactionConflict(const DatabaseError& error) {
  return error.sqlstate == "40001" || error.sqlstate == "40P01";
}

bool EndsConnection(const DatabaseError& error) {
  const Rule* rule = FindRule(error.sqlstate);
  return error.connection_lost || (rule != nullptr && rule->ends_connection);
}

absl::Status DatabaseUnavailable(std::string_view message) {
  return status::ErrorBuilder(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", message)
      .RetryAfter(kUnavailableRetry)
      .Build();
}

}  // namespace metricstore::pg
