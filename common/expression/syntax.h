// What the grammar says an expression is, before names and types are looked up.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace metricstore::expression {

inline constexpr size_t kMaxTextBytes = 16 * 1024;
inline constexpr int kMaxDepth = 64;
inline constexpr int kMaxNodes = 2000;

enum class SyntaxKind {
  kNull,
  kInteger,
  kReal,
  kBool,
  kText,
  kDate,       // DATE 'text'
  kTimestamp,  // TIMESTAMP 'text'
  kColumn,
  kOperator,  // text is a name of Operators()
  kFunction,  // text is a name, of a construct with words (EXTRACT) that of its function
  kCast,      // text is a name of a ColumnType
};

struct SyntaxNode {
  SyntaxKind kind = SyntaxKind::kNull;
  size_t offset = 0;    // in bytes
  std::string text;     // kText, kDate, kTimestamp, kColumn, kOperator, kFunction, kCast
  std::string written;  // kFunction: its name in the text
  int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  bool distinct = false;      // kFunction: of DISTINCT before its arguments
  bool of_filter = false;     // kOperator CASE: written as FILTER (WHERE ...)
  bool within_group = false;  // kFunction: WITHIN GROUP (ORDER BY ...) holds its first argument
  std::vector<SyntaxNode> arguments;
};

// The expression that `text` is, by PostgreSQL's grammar. INVALID_ARGUMENT (EXPRESSION_INVALID,
// metadata position) for what does not parse, is more than one expression, uses a form that
// expressions do not have, or is above the limits. Thread-safe.
absl::StatusOr<SyntaxNode> ParseSyntax(std::string_view text);

// Where byte `offset` of `text` is, as errors say it: characters, counted from 1.
size_t PositionOf(std::string_view text, size_t offset);
// "position 14: unknown column ...", for errors that arise where names of metrics are looked up.
std::string AtPosition(size_t position, const std::string& message);
// The refusal of what stands at byte `offset` of `text`. `suggestion` may be empty.
absl::Status ErrorAt(std::string_view text, size_t offset, const std::string& message,
                     const std::string& suggestion = "");
// The same for whole SELECTs (SQL_INVALID).
absl::Status SqlErrorAt(std::string_view text, size_t offset, const std::string& message,
                        const std::string& suggestion = "");

}  // namespace metricstore::expression
