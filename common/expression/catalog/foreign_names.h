// Names that other systems have for what expressions spell otherwise, or refuse.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace metricstore::expression {

struct ForeignName {
  std::string_view name;
  std::string_view form;  // what to write: a function's name, or a form with x, c, t for arguments
};

// None of them is a function of expressions.
std::span<const ForeignName> ForeignNames();

// "" for any other name.
std::string_view FormOfForeignName(std::string_view name);
// The same for signs, with a and b for what stands beside them: "==" is "=".
std::string_view FormOfForeignOperator(std::string_view symbol);

// Why a function can never be called: "now reads the clock: ...". "" for one whose value follows
// from its arguments, and for names that nobody knows.
std::string WhyNotOfRows(std::string_view name);

}  // namespace metricstore::expression
