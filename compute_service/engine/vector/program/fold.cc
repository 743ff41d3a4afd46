#include "compute_service/engine/vector/program/fold.h"

#include <array>
#include <utility>

namespace metricstore::compute::vector {

using columns::ColumnType;

std::optional<Fold> ParseFold(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Fold>, 6> kFolds{{{"first", Fold::kFirst},
                                                                     {"last", Fold::kLast},
                                                                     {"min", Fold::kMin},
                                                                     {"max", Fold::kMax},
                                                                     {"sum", Fold::kSum},
                                                                     {"avg", Fold::kAvg}}};
  for (const auto& [known, fold] : kFolds) {
    if (known == name) return fold;
  }
  return std::nullopt;
}

std::optional<ColumnType> FoldedType(Fold fold, ColumnType type) {
  const bool is_number = type == ColumnType::kFloat64 || type == ColumnType::kInt64;
  const bool is_ordered = is_number || type == ColumnType::kTimestamp || type == ColumnType::kDate;
  switch (fold) {
    case Fold::kFirst:
    case Fold::kLast:
      return type;
    case Fold::kMin:
    case Fold::kMax:
      return is_ordered ? std::optional(type) : std::nullopt;
    case Fold::kSum:
      return is_number ? std::optional(type) : std::nullopt;
    case Fold::kAvg:
      break;
  }
  return is_number ? std::optional(ColumnType::kFloat64) : std::nullopt;
}

}  // namespace metricstore::compute::vector
