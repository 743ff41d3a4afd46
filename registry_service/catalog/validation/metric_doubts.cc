#include "registry_service/catalog/validation/metric_doubts.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/expression/syntax.h"
#include "common/time/iso8601.h"
#include "registry_service/catalog/validation/metric_rules.h"
#include "registry_service/catalog/validation/metric_type_fit.h"

namespace metricstore::registry {
namespace {

using expression::SyntaxKind;
using expression::SyntaxNode;

// ISO 4217, without funds, metals and test codes; sorted.
constexpr std::string_view kCurrencies[] = {
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT",
    "BGN", "BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD",
    "CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD",
    "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ",
    "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD",
    "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR",
    "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR",
    "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN",
    "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR",
    "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB",
    "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS",
    "VES", "VND", "VUV", "WST", "XAF", "XCD", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG"};

// Aggregates that keep the unit of what they aggregate.
constexpr std::string_view kKeepUnit[] = {"sum", "avg", "min", "max", "first", "last"};

bool KeepsUnit(std::string_view function) {
  return std::find(std::begin(kKeepUnit), std::end(kKeepUnit), function) != std::end(kKeepUnit);
}

// The division itself, under coalesce and nullif.
const SyntaxNode* DivisionIn(const SyntaxNode& syntax) {
  const SyntaxNode* node = &syntax;
  while (node->kind == SyntaxKind::kOperator && !node->arguments.empty()) {
    if (node->text == "/") return node;
    if (node->text != "COALESCE" && node->text != "NULLIF") return nullptr;
    node = &node->arguments.front();
  }
  return nullptr;
}

class DoubtSearch {
 public:
  DoubtSearch(const MetricDefinition& metric, const Dataset* dataset)
      : metric_(metric), dataset_(dataset) {}

  std::vector<Finding> Run() && {
    if (const std::string why = WhyNotComputed(metric_); !why.empty()) {
      Add("NOT_COMPUTED", metric_.expression.empty() ? "sql" : "expression",
          absl::StrCat("this release keeps the metric and does not compute it: ", why));
    }
    if (metric_.type == MetricType::kCount && IsCurrency(metric_.unit)) {
      Add("UNIT_DOUBTFUL", "unit", absl::StrCat("a count in ", metric_.unit, " is not a count"));
    }
    if (!metric_.expression.empty()) {
      const auto syntax = expression::ParseSyntax(metric_.expression);
      if (syntax.ok()) CheckExpression(*syntax);
    }
    if (metric_.grain == Grain::kHour && metric_.timeframe > absl::Hours(1)) {
      Add("TIMEFRAME_DOUBTFUL", "timeframe",
          absl::StrCat("bars of ", FormatSpan(*metric_.timeframe),
                       " are longer than an hour, the metric's grain, which cuts them"));
    }
    if (metric_.description.empty()) {
      Add("NO_DESCRIPTION", "description", "nobody says what the metric measures");
    }
    if (metric_.owner.empty())
      Add("NO_OWNER", "owner", "nobody answers questions about the metric");
    return std::move(doubts_);
  }

 private:
  void Add(std::string reason, std::string field, std::string message,
           std::string suggestion = "") {
    doubts_.push_back({Severity::kWarning, std::move(reason), std::move(field), 0,
                       std::move(message), std::move(suggestion)});
  }

  void CheckExpression(const SyntaxNode& syntax) {
    const auto telling = TellingType(syntax);
    if (metric_.type == MetricType::kDerived && telling.has_value() &&
        telling != MetricType::kRatio) {
      const std::string name(MetricTypeName(*telling));
      Add("TYPE_DOUBTFUL", "type", absl::StrCat("type ", name, " says more of this expression"),
          name);
    }
    if (ReadsMetricsAlone(syntax)) CheckIdleFields();
    CheckColumnUnit(syntax);
    const SyntaxNode* const division = DivisionIn(syntax);
    if (metric_.type == MetricType::kRatio && division != nullptr) CheckRatio(*division);
  }

  // What says which rows a metric sees, where it sees none; a running total takes its window from
  // what it reads too.
  void CheckIdleFields() {
    const std::pair<const char*, bool> fields[] = {{"window", metric_.window != calendar::Window{}},
                                                   {"filters", !metric_.filters.empty()},
                                                   {"timeframe", metric_.timeframe.has_value()}};
    for (const auto& [field, given] : fields) {
      if (!given) continue;
      Add("NO_EFFECT", field,
          absl::StrCat("has no effect: the expression reads other metrics and no rows; write the ",
                       field, " on the metrics that it reads"));
    }
  }

  // The unit of the one column whose aggregate this is; "" for anything else.
  std::string UnitOf(const SyntaxNode& syntax) const {
    if (dataset_ == nullptr || syntax.kind != SyntaxKind::kFunction || !KeepsUnit(syntax.text) ||
        syntax.arguments.size() != 1 || syntax.arguments[0].kind != SyntaxKind::kColumn) {
      return "";
    }
    const DatasetColumn* const column = dataset_->Find(syntax.arguments[0].text);
    return column == nullptr ? "" : column->unit;
  }

  void CheckColumnUnit(const SyntaxNode& syntax) {
    const std::string unit = UnitOf(syntax);
    if (unit.empty() || metric_.unit.empty() || unit == metric_.unit) return;
    Add("UNIT_DOUBTFUL", "unit",
        absl::StrCat("column \"", syntax.arguments[0].text, "\" is in ", unit, ", the metric in ",
                     metric_.unit),
        unit);
  }

  void CheckRatio(const SyntaxNode& division) {
    const SyntaxNode& over = division.arguments.front();
    const SyntaxNode& under = division.arguments.back();
    const std::string unit = UnitOf(over);
    if (!unit.empty() && unit == UnitOf(under)) {
      if (metric_.unit.empty() || metric_.unit == "ratio" || metric_.unit == "percent") return;
      Add("UNIT_DOUBTFUL", "unit",
          absl::StrCat("a ratio of ", unit, " to ", unit, " is not in ", metric_.unit), "ratio");
    } else if (IsCurrency(metric_.unit) && dataset_ != nullptr &&
               (!ReadsUnit(over, metric_.unit) || ReadsUnit(under, metric_.unit))) {
      Add("UNIT_DOUBTFUL", "unit",
          absl::StrCat("a ratio in ", metric_.unit, " is one of ", metric_.unit,
                       " to something else, which this is not"));
    }
  }

  bool ReadsUnit(const SyntaxNode& syntax, const std::string& unit) const {
    if (syntax.kind == SyntaxKind::kColumn) {
      const DatasetColumn* const column = dataset_->Find(syntax.text);
      return column != nullptr && column->unit == unit;
    }
    return std::any_of(syntax.arguments.begin(), syntax.arguments.end(),
                       [&](const SyntaxNode& argument) { return ReadsUnit(argument, unit); });
  }

  const MetricDefinition& metric_;
  const Dataset* const dataset_;
  std::vector<Finding> doubts_;
};

}  // namespace

std::vector<Finding> MetricDoubts(const MetricDefinition& metric, const Dataset* dataset) {
  return DoubtSearch(metric, dataset).Run();
}

bool IsCurrency(std::string_view unit) {
  return std::binary_search(std::begin(kCurrencies), std::end(kCurrencies), unit);
}

}  // namespace metricstore::registry
