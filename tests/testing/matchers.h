// GoogleTest matchers for absl::Status and absl::StatusOr.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/status/error.h"
#include "gmock/gmock.h"

namespace metricstore::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& value) {
  return value.status();
}

// Matches an OK Status or StatusOr.
MATCHER(IsOk, negation ? "is an error" : "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// Matches an error by its code and the name of its reason ("DATASET_NOT_FOUND").
MATCHER_P2(StatusIs, code, reason,
           "has code " + absl::StatusCodeToString(code) + " and reason " + std::string(reason)) {
  const absl::Status& status = StatusOf(arg);
  const std::string found = status::ReasonOf(status);
  *result_listener << status.ToString() << ", reason \"" << found << "\"";
  return status.code() == code && found == reason;
}

// Matches an error's code alone.
MATCHER_P(StatusIs, code, "has code " + absl::StatusCodeToString(code)) {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code;
}

// Matches an OK StatusOr whose value matches `inner`.
MATCHER_P(IsOkAndHolds, inner, "is OK and holds what matches") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  return ::testing::ExplainMatchResult(inner, *arg, result_listener);
}

// Matches an error that has metadata `key` = `value`.
MATCHER_P2(HasMetadata, key, value,
           "has metadata " + std::string(key) + " = \"" + std::string(value) + "\"") {
  const auto details = status::DetailsOf(StatusOf(arg));
  if (!details.has_value()) {
    *result_listener << "has no details: " << StatusOf(arg).ToString();
    return false;
  }
  const auto found = details->metadata.find(std::string(key));
  if (found == details->metadata.end()) {
    *result_listener << "lacks that key";
    return false;
  }
  *result_listener << "has \"" << found->second << "\"";
  return found->second == value;
}

// Matches an error with a violation of field `field`.
MATCHER_P(ViolatesField, field, "has a violation of field " + std::string(field)) {
  const auto details = status::DetailsOf(StatusOf(arg));
  *result_listener << StatusOf(arg).ToString();
  if (!details.has_value()) return false;
  for (const auto& violation : details->violations) {
    if (violation.field == field) return true;
    *result_listener << "; " << violation.field << ": " << violation.description;
  }
  return false;
}

}  // namespace metricstore::testing

#define ASSERT_OK(expr) ASSERT_THAT((expr), ::metricstore::testing::IsOk())
#define EXPECT_OK(expr) EXPECT_THAT((expr), ::metricstore::testing::IsOk())
