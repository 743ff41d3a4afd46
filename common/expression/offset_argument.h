// Lets users write metric('category/name', offset => '1 month'), though OFFSET is a reserved word.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace metricstore::expression {

// A statement whose arguments named OFFSET are quoted, and how places in it go back to the
// original.
class QuotedOffsets {
 public:
  // Quotes every unquoted OFFSET that "=>" or ":=" follows and "(" or "," precedes: as a reserved
  // word it could mean nothing there. Everything else stays byte for byte.
  explicit QuotedOffsets(const std::string& statement);

  const std::string& statement() const { return statement_; }
  // The byte of the original where the byte `place` of statement() came from.
  size_t OriginalPlace(size_t place) const;
  // Turns all places of the parse tree of statement() into those of the original.
  void RestorePlaces(nlohmann::json* tree) const;

 private:
  std::string statement_;
  std::vector<size_t> quoted_;  // where in the original, ascending
};

}  // namespace metricstore::expression
