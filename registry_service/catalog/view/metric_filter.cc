#include "registry_service/catalog/view/metric_filter.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/view/filter_condition.h"
#include "registry_service/catalog/view/filter_text.h"

namespace metricstore::registry {
namespace {

using Condition = FilterCondition;
using Operation = FilterOperation;

constexpr size_t kMaxBytes = 2048;
constexpr int kMaxDepth = 32;

struct Operator {
  std::string_view text;
  Operation operation;
  bool negated = false;
};
// Longer ones before their beginnings.
constexpr Operator kOperators[] = {{"!=", Operation::kEqual, true}, {"<=", Operation::kLessOrEqual},
                                   {">=", Operation::kMoreOrEqual}, {"=", Operation::kEqual},
                                   {"<", Operation::kLess},         {">", Operation::kMore},
                                   {":", Operation::kEqual}};

Condition Not(Condition condition) {
  Condition negation{.operation = Operation::kNot};
  negation.parts.push_back(std::move(condition));
  return negation;
}

// The grammar of AIP-160, in which OR binds tighter than AND, without functions and bare literals:
//   expression = sequence {"AND" sequence}      factor = term {"OR" term}
//   sequence = factor {factor}                  term = ["NOT" | "-"] simple
//   simple = "(" expression ")" | field operator value
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<Condition> Parse() {
    if (text_.AtEnd()) return Condition{.operation = Operation::kAll};
    ASSIGN_OR_RETURN(Condition condition, Expression());
    if (!text_.AtEnd()) return text_.Fail(text_.Place(), "this \")\" closes nothing");
    return condition;
  }

 private:
  // Conditions side by side must all hold, like those with AND between them.
  absl::StatusOr<Condition> Expression() {
    Condition all{.operation = Operation::kAll};
    bool more = true;
    while (more) {
      ASSIGN_OR_RETURN(all.parts.emplace_back(), Factor());
      more = text_.TakeWord("AND") || (!text_.AtEnd() && !text_.AtClose());
    }
    return all;
  }

  absl::StatusOr<Condition> Factor() {
    Condition any{.operation = Operation::kAny};
    do {
      ASSIGN_OR_RETURN(any.parts.emplace_back(), Term());
    } while (text_.TakeWord("OR"));
    return any;
  }

  absl::StatusOr<Condition> Term() {
    const bool negated = text_.TakeWord("NOT") || text_.Take("-");
    ASSIGN_OR_RETURN(Condition simple, Simple());
    return negated ? Not(std::move(simple)) : simple;
  }

  absl::StatusOr<Condition> Simple() {
    const size_t start = text_.Place();
    if (!text_.Take("(")) return Restriction();
    if (++depth_ > kMaxDepth) {
      return text_.Fail(start, absl::StrCat("parentheses are nested deeper than ", kMaxDepth));
    }
    ASSIGN_OR_RETURN(Condition inner, Expression());
    if (!text_.Take(")")) return text_.Fail(start, "this \"(\" is not closed");
    --depth_;
    return inner;
  }

  absl::StatusOr<Condition> Restriction() {
    const size_t start = text_.Place();
    const std::string name(text_.NextWord());
    text_.Take(name);
    const Operator* used = TakeOperator();
    if (name.empty() || used == nullptr) return NoCondition(start, name);
    const FilterField* field = FindFilterField(name);
    if (field == nullptr) {
      return text_.Fail(start, absl::StrCat("no field is named \"", Excerpt(name), "\""),
                        status::ClosestMatch(name, FilterFieldNames()));
    }
    RETURN_IF_ERROR(CheckOperator(start, *field, *used));
    ASSIGN_OR_RETURN(FilterValue value, text_.TakeValue());
    Condition condition{.operation = used->operation, .parts = {}, .field = field};
    RETURN_IF_ERROR(CheckValue(*field, value, condition.number));
    condition.pattern = std::move(value.pattern);
    return used->negated ? Not(std::move(condition)) : condition;
  }

  const Operator* TakeOperator() {
    for (const Operator& candidate : kOperators) {
      if (text_.Take(candidate.text)) return &candidate;
    }
    return nullptr;
  }

  absl::Status CheckOperator(size_t start, const FilterField& field, const Operator& used) const {
    const std::string name(field.name);
    const bool has = used.text == ":";
    if (field.list != nullptr && !has) {
      return text_.Fail(start, absl::StrCat(name, " is a list: write ", name, ":\"...\""));
    }
    if (field.list == nullptr && has) {
      return text_.Fail(start, absl::StrCat(name, " is no list: write ", name, " = \"...\""));
    }
    if (field.text != nullptr && used.operation != Operation::kEqual) {
      return text_.Fail(start, absl::StrCat(name, " is a text: it takes = and !="));
    }
    return absl::OkStatus();
  }

  absl::Status CheckValue(const FilterField& field, const FilterValue& value, int& number) const {
    const std::string name(field.name);
    if (field.number != nullptr && !absl::SimpleAtoi(value.text, &number)) {
      return text_.Fail(value.place, absl::StrCat(name, " is compared with whole numbers"));
    }
    if (field.choices == nullptr || !value.pattern.exact()) return absl::OkStatus();
    const std::vector<std::string> choices = field.choices();
    if (std::count(choices.begin(), choices.end(), value.text) > 0) return absl::OkStatus();
    return text_.Fail(value.place, absl::StrCat(name, " is one of ", absl::StrJoin(choices, ", ")),
                      status::ClosestMatch(absl::AsciiStrToLower(value.text), choices));
  }

  absl::Status NoCondition(size_t start, const std::string& word) const {
    const std::string upper = absl::AsciiStrToUpper(word);
    if (upper == "AND" || upper == "OR" || upper == "NOT") {
      if (upper == word) return text_.Fail(start, absl::StrCat(word, " needs a condition here"));
      return text_.Fail(start, absl::StrCat(word, " is written in capital letters"), upper);
    }
    return text_.Fail(start,
                      "a condition is a field, an operator and a value, such as "
                      "name = \"*revenue*\"; to find metrics by words, use SearchMetrics");
  }

  FilterText text_;
  int depth_ = 0;
};

}  // namespace

struct MetricFilter::Node {
  Condition condition;
};

absl::StatusOr<MetricFilter> MetricFilter::Parse(std::string_view text) {
  if (text.size() > kMaxBytes) {
    return FilterText(text).Fail(kMaxBytes,
                                 absl::StrCat("a filter has at most ", kMaxBytes, " bytes"));
  }
  ASSIGN_OR_RETURN(Condition condition, Parser(text).Parse());
  return MetricFilter(std::make_unique<const Node>(Node{std::move(condition)}));
}

MetricFilter::MetricFilter(std::unique_ptr<const Node> root) : root_(std::move(root)) {}
MetricFilter::~MetricFilter() = default;
MetricFilter::MetricFilter(MetricFilter&&) noexcept = default;
MetricFilter& MetricFilter::operator=(MetricFilter&&) noexcept = default;

bool MetricFilter::Matches(const MetricDefinition& metric) const {
  return Holds(root_->condition, metric);
}

}  // namespace metricstore::registry
