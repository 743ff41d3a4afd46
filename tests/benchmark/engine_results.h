// What one side of the engine's benchmark computed, to be compared before anybody speaks of speed.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace metricstore::benchmark {

// One number for each metric, symbol and day; NaN where there is none.
class Results {
 public:
  Results(size_t metrics, size_t symbols, size_t days)
      : symbols_(symbols),
        days_(days),
        values_(metrics * symbols * days, std::numeric_limits<double>::quiet_NaN()) {}

  double& At(size_t metric, size_t symbol, size_t day) {
    return values_.at((metric * symbols_ + symbol) * days_ + day);
  }
  size_t metrics() const { return values_.size() / (symbols_ * days_); }

  // "" if both hold the same numbers, else the first difference. Numbers are the same up to 1e-9 of
  // their size, or of one: differences of prices are near zero, where rounding is all there is.
  std::string DifferenceFrom(const Results& other) const;

 private:
  size_t symbols_;
  size_t days_;
  std::vector<double> values_;
};

// The metric that a result column named "m12" is of.
size_t MetricOfColumn(std::string_view column);

// Takes the rows of a file: comma-separated with a header, the columns symbol, day and some of the
// metrics, empty where NULL. Ends the program for a file that is not of that form.
void AddCsv(const std::string& path, Results* results);

}  // namespace metricstore::benchmark
