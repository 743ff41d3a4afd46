#include "tests/benchmark/engine_results.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace metricstore::benchmark {
namespace {

constexpr double kTolerance = 1e-9;

bool AreSame(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return std::fabs(a - b) <= kTolerance * std::max({std::fabs(a), std::fabs(b), 1.0});
}

[[noreturn]] void Fail(const std::string& problem) {
  std::cerr << problem << "\n";
  std::exit(1);
}

}  // namespace

std::string Results::DifferenceFrom(const Results& other) const {
  if (values_.size() != other.values_.size()) return "another number of results";
  for (size_t i = 0; i < values_.size(); ++i) {
    if (AreSame(values_[i], other.values_[i])) continue;
    return absl::StrCat("metric ", i / (symbols_ * days_), " of symbol ", i / days_ % symbols_,
                        " on day ", i % days_, ": ", values_[i], " and ", other.values_[i]);
  }
  return "";
}

size_t MetricOfColumn(std::string_view column) {
  size_t metric = 0;
  const bool is_metric =
      column.size() > 1 && column[0] == 'm' &&
      std::from_chars(column.data() + 1, column.data() + column.size(), metric).ptr ==
          column.data() + column.size();
  if (!is_metric) Fail(absl::StrCat("the column ", std::string(column), " is of no metric"));
  return metric;
}

void AddCsv(const std::string& path, Results* results) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) Fail(absl::StrCat(path, " has no header"));
  std::vector<size_t> metrics;
  const std::vector<std::string> header = absl::StrSplit(line, ',');
  for (size_t i = 2; i < header.size(); ++i) metrics.push_back(MetricOfColumn(header[i]));
  while (std::getline(file, line)) {
    const std::vector<absl::string_view> cells = absl::StrSplit(line, ',');
    size_t symbol = 0;
    size_t day = 0;
    if (cells.size() != header.size() || !absl::SimpleAtoi(cells[0], &symbol) ||
        !absl::SimpleAtoi(cells[1], &day)) {
      Fail(absl::StrCat(path, ": ", line.substr(0, 200)));
    }
    for (size_t i = 2; i < cells.size(); ++i) {
      double value = 0;
      if (cells[i].empty()) continue;
      if (!absl::SimpleAtod(cells[i], &value)) Fail(absl::StrCat(path, ": ", cells[i]));
      results->At(metrics[i - 2], symbol, day) = value;
    }
  }
}

}  // namespace metricstore::benchmark
