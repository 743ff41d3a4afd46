// Where values meet: a date and a literal beside it are read as the same type, so that a clock word
// may stand beside text and not beside a time.
//
// A literal with a clock word is followed through CASE, COALESCE and the like, casts to text,
// sub-selects, WITH queries and UNION. It is refused where it is cast to a date or time, is
// compared, combined or merged with one, or is an argument that has to be one. Everywhere else it
// is text: status = 'today' is a condition like any other. What a column of text holds is not known
// here; the executor reads no clock words out of rows.

#include "common/expression/literals.h"
#include "common/expression/select/walker.h"
#include "common/status/macros.h"

namespace metricstore::expression::select {

absl::Status Walker::RefuseClock(const json& literal) {
  const json& constant = literal.at("A_Const");
  return Refuse(literal, WhyNoClockWord(ClockWordIn(TextPart(constant.at("sval"), "sval"))));
}

// `value` becomes what both may be.
absl::Status Walker::Meet(const Value& other, Value* value) {
  if (value->is_time && other.clock != nullptr) return RefuseClock(*other.clock);
  if (other.is_time && value->clock != nullptr) return RefuseClock(*value->clock);
  value->is_time = value->is_time || other.is_time;
  if (value->clock == nullptr) value->clock = other.clock;
  if (value->recursion == nullptr) value->recursion = other.recursion;
  return absl::OkStatus();
}

// One of the values of `list`.
absl::StatusOr<Value> Walker::Alternatives(const json& list, const Place& place) {
  Value any;
  for (const json& item : list) {
    ASSIGN_OR_RETURN(const Value value, Expression(item, place));
    RETURN_IF_ERROR(Meet(value, &any));
  }
  return any;
}

// The values of a row, however nested, or the one value.
absl::StatusOr<std::vector<Value>> Walker::Parts(const json& node, const Place& place) {
  const json* const row = Part(node, "RowExpr");
  if (row == nullptr) {
    ASSIGN_OR_RETURN(const Value value, Expression(node, place));
    return std::vector<Value>{value};
  }
  std::vector<Value> parts;
  for (const json& item : ListPart(*row, "args")) {
    ASSIGN_OR_RETURN(const std::vector<Value> inner, Parts(item, place));
    parts.insert(parts.end(), inner.begin(), inner.end());
  }
  return parts;
}

// A condition on two values or rows.
absl::StatusOr<Value> Walker::Compare(const std::vector<Value>& left,
                                      const std::vector<Value>& right) {
  Value condition;
  for (size_t i = 0; i < left.size() && i < right.size(); ++i) {
    Value both = left[i];
    RETURN_IF_ERROR(Meet(right[i], &both));
    if (condition.recursion == nullptr) condition.recursion = both.recursion;
  }
  return condition;
}

// WHERE, ON and HAVING: what may end a recursive query.
absl::Status Walker::Condition(const json* node, const Place& place) {
  ASSIGN_OR_RETURN(const Value condition, Optional(node, place));
  if (condition.recursion != nullptr) condition.recursion->is_bounded = true;
  return absl::OkStatus();
}

// The columns of UNION and VALUES, place by place.
absl::Status Walker::MeetColumns(const Columns& added, Columns* columns) {
  for (size_t i = 0; i < columns->size() && i < added.size(); ++i) {
    RETURN_IF_ERROR(Meet(added[i].value, &(*columns)[i].value));
  }
  return absl::OkStatus();
}

}  // namespace metricstore::expression::select
