#include "common/expression/catalog/function_catalog.h"

#include <algorithm>
#include <iterator>

#include "common/expression/catalog/foreign_names.h"
#include "common/expression/catalog/tables.h"
#include "common/status/error.h"

namespace metricstore::expression {
namespace {

// Other names for functions.
constexpr struct {
  std::string_view alias;
  std::string_view name;
} kAliases[] = {
    {"ceiling", "ceil"},       {"log", "log10"},          {"pow", "power"},
    {"isnan", "is_nan"},       {"isfinite", "is_finite"}, {"substr", "substring"},
    {"char_length", "length"}, {"btrim", "trim"},         {"datediff", "date_diff"},
};

// Names that leave open what is meant, without the ends that say it.
constexpr struct {
  std::string_view name;
  std::string_view stem;
} kUnclearNames[] = {
    {"stddev", "stddev"}, {"stdev", "stddev"},      {"std", "stddev"},
    {"variance", "var"},  {"var", "var"},           {"skewness", "skewness"},
    {"skew", "skewness"}, {"kurtosis", "kurtosis"}, {"kurt", "kurtosis"},
    {"covar", "covar"},   {"covariance", "covar"},  {"cov", "covar"},
    {"zscore", "zscore"},
};

const FunctionSpec* FindIn(std::span<const FunctionSpec> specs, std::string_view name) {
  const auto found = std::find_if(specs.begin(), specs.end(),
                                  [name](const FunctionSpec& spec) { return spec.name == name; });
  return found == specs.end() ? nullptr : &*found;
}

std::vector<const FunctionSpec*> BySpecs() {
  std::vector<const FunctionSpec*> specs;
  // Functions first: what has a name and a sign, like power, is written with its name.
  for (const std::span<const FunctionSpec> table : {Functions(), Operators()}) {
    for (const FunctionSpec& spec : table) {
      const auto at = static_cast<size_t>(spec.function);
      if (at >= specs.size()) specs.resize(at + 1, nullptr);
      if (specs[at] == nullptr) specs[at] = &spec;
    }
  }
  return specs;
}

}  // namespace

std::span<const FunctionSpec> Functions() {
  static const std::vector<FunctionSpec>* const kAll = [] {
    auto* all = new std::vector<FunctionSpec>();
    for (const std::span<const FunctionSpec> table :
         {catalog::AggregateTable(), catalog::OrderedFunctionTable(), catalog::RowFunctionTable(),
          catalog::TextFunctionTable()}) {
      all->insert(all->end(), table.begin(), table.end());
    }
    return all;
  }();
  return *kAll;
}

std::span<const FunctionSpec> Operators() { return catalog::OperatorTable(); }

const FunctionSpec* FindFunction(std::string_view name) {
  const auto* const alias = std::find_if(std::begin(kAliases), std::end(kAliases),
                                         [name](const auto& each) { return each.alias == name; });
  return FindIn(Functions(), alias == std::end(kAliases) ? name : alias->name);
}

const FunctionSpec* FindOperator(std::string_view name) { return FindIn(Operators(), name); }

const FunctionSpec* FindWithinGroup(std::string_view name) {
  for (const FunctionSpec& spec : Functions()) {
    if (!name.empty() && spec.within_group == name) return &spec;
  }
  return nullptr;
}

const FunctionSpec& SpecOf(Function function) {
  static const std::vector<const FunctionSpec*>* const kSpecs =
      new std::vector<const FunctionSpec*>(BySpecs());
  return *(*kSpecs)[static_cast<size_t>(function)];
}

std::string_view CanonicalName(Function function) { return SpecOf(function).name; }

std::vector<std::string> ClearerNames(std::string_view name) {
  for (const auto& unclear : kUnclearNames) {
    if (unclear.name != name) continue;
    const std::string stem(unclear.stem);
    return {stem + "_samp", stem + "_pop"};
  }
  return {};
}

std::string NearestFunction(std::string_view name) {
  if (const std::string_view form = FormOfForeignName(name); !form.empty()) {
    return std::string(form);
  }
  std::vector<std::string> names = {"coalesce", "nullif",  "greatest",
                                    "least",    "extract", "position"};
  for (const FunctionSpec& spec : Functions()) {
    names.emplace_back(spec.name);
    if (!spec.within_group.empty()) names.emplace_back(spec.within_group);
  }
  for (const auto& each : kAliases) names.emplace_back(each.alias);
  for (const auto& each : kUnclearNames) names.emplace_back(each.name);
  const std::string nearest = status::ClosestMatch(name, names);
  const std::vector<std::string> clearer = ClearerNames(nearest);
  return clearer.empty() ? nearest : clearer.front();
}

}  // namespace metricstore::expression
