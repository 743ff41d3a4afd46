// The text of a filter as its parser reads it: words, values, places of faults.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "registry_service/catalog/view/filter_fields.h"

namespace metricstore::registry {

// The right side of a comparison.
struct FilterValue {
  size_t place = 0;
  std::string text;  // without quotes and escapes
  StarPattern pattern;
};

// Not thread-safe; the text must outlive it. Places are bytes of the text.
class FilterText {
 public:
  explicit FilterText(std::string_view text) : text_(text) {}

  // Each of these skips spaces first.
  bool AtEnd();
  bool AtClose() { return !AtEnd() && text_[place_] == ')'; }
  size_t Place();
  // The bare word that comes next; empty if something else does.
  std::string_view NextWord();
  // Takes the token if it comes next.
  bool Take(std::string_view token);
  bool TakeWord(std::string_view word) { return NextWord() == word && Take(word); }
  // A bare word, or a text in quotes of either kind, in which a backslash makes the next character
  // stand for itself. FILTER_INVALID if there is none.
  absl::StatusOr<FilterValue> TakeValue();

  // INVALID_ARGUMENT (FILTER_INVALID, metadata position and, unless empty, suggestion).
  absl::Status Fail(size_t place, std::string_view problem,
                    const std::string& suggestion = "") const;

 private:
  absl::StatusOr<FilterValue> TakeQuoted();

  const std::string_view text_;
  size_t place_ = 0;
};

}  // namespace metricstore::registry
