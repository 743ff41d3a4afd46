// Rows that a statement returned, read by column place and C++ type.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace metricstore::pg {

// One row. Valid as long as its Result. Getters other than IsNull and the Optional ones require a
// non-NULL value of that SQL type; a mismatch is a programming error and aborts in debug, since
// statements and code live side by side.
class Row {
 public:
  bool IsNull(int column) const;
  std::string_view Text(int column) const;
  int64_t Int64(int column) const;
  int32_t Int32(int column) const;
  double Float64(int column) const;
  bool Bool(int column) const;
  absl::Time Time(int column) const;      // timestamptz
  absl::CivilDay Date(int column) const;  // date
  std::string Bytes(int column) const;    // bytea
  std::vector<std::string> TextArray(int column) const;
  std::optional<int64_t> OptionalInt64(int column) const;
  std::optional<absl::Time> OptionalTime(int column) const;

 private:
  friend class Result;
  friend struct ResultAccess;
  struct Rep;
  Row(const Rep* rep, int row) : rep_(rep), row_(row) {}
  const Rep* rep_;
  int row_;
};

// All rows of one statement. Movable, cheap to copy.
class Result {
 public:
  Result();
  int size() const;
  bool empty() const { return size() == 0; }
  int64_t affected_rows() const;
  Row operator[](int row) const;
  // The only row's first column, for SELECT count(*) and the like.
  Row Single() const { return (*this)[0]; }

  class Iterator {
   public:
    Iterator(const Result* result, int row) : result_(result), row_(row) {}
    Row operator*() const { return (*result_)[row_]; }
    Iterator& operator++() {
      ++row_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return row_ != other.row_; }

   private:
    const Result* result_;
    int row_;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size()}; }

 private:
  friend struct ResultAccess;
  std::shared_ptr<const Row::Rep> rep_;
};

}  // namespace metricstore::pg
