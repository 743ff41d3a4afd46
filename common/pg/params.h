// Values for a statement's $1, $2, ... in the text format of PostgreSQL.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace metricstore::pg {

// Append-only list; each Add is the next parameter. Numbers round-trip exactly.
class Params {
 public:
  Params& Add(std::string_view text);
  Params& Add(const char* text) { return Add(std::string_view(text)); }
  Params& Add(const std::string& text) { return Add(std::string_view(text)); }
  Params& Add(int32_t value) { return Add(static_cast<int64_t>(value)); }
  Params& Add(int64_t value);
  Params& Add(double value);
  Params& Add(bool value);
  Params& Add(absl::Time value);             // timestamptz
  Params& Add(absl::CivilDay value);         // date
  Params& AddBytes(std::string_view bytes);  // bytea
  Params& AddNull();
  // Arrays, for `= ANY($1)` and unnest($1).
  Params& AddArray(std::span<const std::string> values);
  Params& AddArray(std::span<const int64_t> values);
  Params& AddArray(std::span<const int32_t> values);
  Params& AddArray(std::span<const double> values);
  Params& AddArray(std::span<const absl::Time> values);
  Params& AddArray(std::span<const absl::CivilDay> values);
  template <typename T>
  Params& AddOptional(const std::optional<T>& value) {
    return value.has_value() ? Add(*value) : AddNull();
  }

  const std::vector<std::optional<std::string>>& values() const { return values_; }

 private:
  std::vector<std::optional<std::string>> values_;
};

}  // namespace metricstore::pg
