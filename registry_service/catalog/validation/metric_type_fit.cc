#include "registry_service/catalog/validation/metric_type_fit.h"

#include <string_view>

#include "absl/strings/str_cat.h"

namespace metricstore::registry {
namespace {

using expression::SyntaxKind;
using expression::SyntaxNode;

bool IsDivision(const SyntaxNode& syntax) {
  if (syntax.kind != SyntaxKind::kOperator) return false;
  if (syntax.text == "/") return true;
  const bool keeps_value = syntax.text == "COALESCE" || syntax.text == "NULLIF";
  return keeps_value && !syntax.arguments.empty() && IsDivision(syntax.arguments.front());
}

bool SaysNothing(MetricType type) {
  return type == MetricType::kDerived || type == MetricType::kCumulative ||
         type == MetricType::kCounter || type == MetricType::kSql;
}

}  // namespace

std::optional<MetricType> TellingType(const SyntaxNode& syntax) {
  if (IsDivision(syntax)) return MetricType::kRatio;
  if (syntax.kind == SyntaxKind::kOperator &&
      (syntax.text == "count(*)" || syntax.text == "count(DISTINCT)")) {
    return MetricType::kCount;
  }
  if (syntax.kind != SyntaxKind::kFunction) return std::nullopt;
  for (const MetricType type : {MetricType::kSum, MetricType::kCount, MetricType::kAvg,
                                MetricType::kMin, MetricType::kMax}) {
    if (syntax.text == MetricTypeName(type)) return type;
  }
  return std::nullopt;
}

std::optional<std::string> TypeMisfit(MetricType type, const SyntaxNode& syntax) {
  const std::optional<MetricType> telling = TellingType(syntax);
  if (SaysNothing(type) || telling == type) return std::nullopt;
  const std::string name(MetricTypeName(type));
  const std::string wanted = type == MetricType::kRatio
                                 ? "whose outermost operation is a division"
                                 : absl::StrCat("whose outermost call is ", name, "(...)");
  const std::string better =
      telling.has_value()
          ? absl::StrCat("type ", std::string(MetricTypeName(*telling)), " fits, and ")
          : "";
  return absl::StrCat("type ", name, " is for an expression ", wanted, "; ", better,
                      "derived fits any expression");
}

}  // namespace metricstore::registry
