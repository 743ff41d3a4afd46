// Early return on error, for functions that return absl::Status or absl::StatusOr.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define METRICSTORE_CONCAT_INNER_(a, b) a##b
#define METRICSTORE_CONCAT_(a, b) METRICSTORE_CONCAT_INNER_(a, b)

// RETURN_IF_ERROR(expr): returns expr's status if it is an error.
#define RETURN_IF_ERROR(expr)                                                       \
  do {                                                                              \
    if (absl::Status return_if_error_status = (expr); !return_if_error_status.ok()) \
      return return_if_error_status;                                                \
  } while (false)

// ASSIGN_OR_RETURN(lhs, expr): assigns the value of a StatusOr or returns its status.
#define ASSIGN_OR_RETURN(lhs, expr) \
  METRICSTORE_ASSIGN_OR_RETURN_(METRICSTORE_CONCAT_(status_or_, __LINE__), lhs, expr)
#define METRICSTORE_ASSIGN_OR_RETURN_(var, lhs, expr) \
  auto var = (expr);                                  \
  if (!var.ok()) return std::move(var).status();      \
  lhs = *std::move(var)
