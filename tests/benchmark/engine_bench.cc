// The vector engine over minute bars, beside DuckDB in the same process and beside PostgreSQL's
// answers in files: bench_engine.py writes the metrics and runs this.
//
//   engine_bench bars CASES              the bars as CSV, for PostgreSQL
//   engine_bench compare CASES           ours and DuckDB's seconds, one JSON object a case
//   engine_bench ours CASES              our seconds alone
//   engine_bench check CASES NAME CSV... compares what PostgreSQL gave
//   engine_bench alone CASES             small windows, memory bandwidth, rolling windows
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <span>
#include <utility>

#include "common/calendar/buckets.h"
#include "common/calendar/window.h"
#include "common/expression/bound_texts.h"
#include "compute_service/engine/vector/evaluator.h"
#include "compute_service/engine/vector/kept_memory.h"
#include "nlohmann/json.hpp"
#include "tests/benchmark/engine_bars.h"
#include "tests/benchmark/engine_duckdb.h"
#include "tests/benchmark/engine_results.h"
#include "tests/benchmark/processor_time.h"

namespace metricstore::benchmark {
namespace {

using compute::vector::Evaluator;
using compute::vector::MetricPoints;
using compute::vector::MetricTask;
using compute::vector::PointStatus;
using nlohmann::json;

[[noreturn]] void Fail(const std::string& problem) {
  std::cerr << problem << "\n";
  std::exit(1);
}

template <typename T>
T Checked(absl::StatusOr<T> made) {
  if (!made.ok()) Fail(made.status().ToString());
  return *std::move(made);
}

double SecondsOf(const std::function<void()>& action) {
  const double start = ProcessorSeconds();
  action();
  return ProcessorSeconds() - start;
}

// The least of several runs: what disturbs a run only ever makes it longer.
double LeastSecondsOf(int runs, const std::function<void()>& action) {
  double least = SecondsOf(action);
  for (int run = 1; run < runs; ++run) least = std::min(least, SecondsOf(action));
  return least;
}

struct Bars {
  explicit Bars(const BarsSize& size)
      : calendar(BarsCalendar()),
        dates(TradeDates(*calendar, size.days)),
        symbols(MakeBars(*calendar, dates, size)) {}

  std::vector<int> Months() const {
    std::vector<int> months;
    for (const absl::CivilDay& date : dates) {
      months.push_back(static_cast<int>(date.year()) * 12 + date.month());
    }
    return months;
  }

  std::shared_ptr<const calendar::Calendar> calendar;
  std::vector<absl::CivilDay> dates;
  std::vector<columns::ColumnBatch> symbols;
};

// From the texts of definitions to an evaluator, as a shard's worker makes it.
class Definitions {
 public:
  Definitions(const Bars& bars, DateRange dates) : bars_(bars), dates_(dates) {}

  std::unique_ptr<Evaluator> Compile(const json& metrics) {
    std::vector<MetricTask> tasks;
    for (const json& metric : metrics) {
      tasks.push_back({.expression = Checked(
                           texts_.Metric(metric["expression"].get<std::string>(), BarsSchema())),
                       .filters = {},
                       .buckets = BucketsOf(metric["window"].get<std::string>())});
    }
    return Checked(Evaluator::Create(std::move(tasks), "ts", BarsSchema()));
  }

 private:
  std::shared_ptr<const calendar::WindowBuckets> BucketsOf(const std::string& window) {
    auto& buckets = buckets_[window];
    if (buckets == nullptr) {
      buckets = std::make_shared<const calendar::WindowBuckets>(Checked(calendar::ResolveBuckets(
          *bars_.calendar, Checked(calendar::ParseWindow(window)), Grain::kDay, dates_)));
    }
    return buckets;
  }

  const Bars& bars_;
  const DateRange dates_;
  expression::BoundTexts texts_;
  std::map<std::string, std::shared_ptr<const calendar::WindowBuckets>> buckets_;
};

DateRange AllDates(const Bars& bars) { return {bars.dates.front(), bars.dates.back() + 1}; }

std::vector<MetricPoints> Evaluate(const Evaluator& evaluator, const columns::ColumnBatch& rows) {
  return Checked(evaluator.Evaluate(rows, CallBounds()));
}

// The same bars some microseconds later: in the same buckets, but of other times, so that nothing
// that an evaluator remembers of the times before helps.
columns::ColumnBatch Later(columns::ColumnBatch rows, size_t micros) {
  for (int64_t& time : rows.columns[0].int64) time += static_cast<int64_t>(micros);
  return rows;
}

// No two symbols have the same times.
Bars WithTimesOfTheirOwn(Bars bars) {
  for (size_t symbol = 0; symbol < bars.symbols.size(); ++symbol) {
    bars.symbols[symbol] = Later(std::move(bars.symbols[symbol]), symbol);
  }
  return bars;
}

// Of one evaluation of these rows for the first time, but for the definitions.
double SecondsOfOne(int runs, const Evaluator& evaluator, const columns::ColumnBatch& rows) {
  const columns::ColumnBatch later = Later(rows, 1);
  return LeastSecondsOf(runs,
                        [&] {
                          Evaluate(evaluator, rows);
                          Evaluate(evaluator, later);
                        }) /
         2;
}

// Everything from the definitions' texts to the points of all symbols.
void EvaluateAll(const Bars& bars, const json& metrics,
                 const std::function<void(size_t, const std::vector<MetricPoints>&)>& take) {
  const auto evaluator = Definitions(bars, AllDates(bars)).Compile(metrics);
  for (size_t symbol = 0; symbol < bars.symbols.size(); ++symbol) {
    take(symbol, Evaluate(*evaluator, bars.symbols[symbol]));
  }
}

Results OurResults(const Bars& bars, const json& metrics) {
  std::map<int64_t, size_t> day_of;
  for (size_t day = 0; day < bars.dates.size(); ++day) {
    day_of[ToMicros(bars.calendar->ExtentOf(bars.dates[day]).start)] = day;
  }
  Results results(metrics.size(), bars.symbols.size(), bars.dates.size());
  EvaluateAll(bars, metrics, [&](size_t symbol, const std::vector<MetricPoints>& points) {
    for (size_t metric = 0; metric < points.size(); ++metric) {
      const MetricPoints& of = points[metric];
      for (size_t i = 0; i < of.values.size(); ++i) {
        if (of.statuses[i] != PointStatus::kOk) continue;
        results.At(metric, symbol, day_of.at(of.bucket_start_micros[i])) = of.values[i];
      }
    }
  });
  return results;
}

double OurSeconds(const Bars& bars, const json& metrics) {
  return LeastSecondsOf(
      3, [&] { EvaluateAll(bars, metrics, [](size_t, const std::vector<MetricPoints>&) {}); });
}

// DuckDB's best form, checked before it is timed.
json DuckDbSeconds(DuckDbBars& duckdb, const json& forms, const Results& ours, size_t symbols,
                   size_t days) {
  json seconds;
  for (const auto& [form, statements] : forms.items()) {
    const auto texts = statements.get<std::vector<std::string>>();
    Results theirs(ours.metrics(), symbols, days);
    double least = duckdb.Run(texts, &theirs);
    const std::string difference = ours.DifferenceFrom(theirs);
    if (!difference.empty()) Fail("DuckDB, " + form + ": " + difference);
    // What takes long is disturbed little.
    constexpr double kLongSeconds = 10;
    const int more = least < kLongSeconds ? 2 : 0;
    for (int run = 0; run < more; ++run) least = std::min(least, duckdb.Run(texts, nullptr));
    seconds[form] = least;
  }
  return seconds;
}

void Print(const json& line) { std::cout << line.dump() << std::endl; }

void Compare(const json& cases, const Bars& bars) {
  DuckDbBars duckdb(bars.symbols, bars.Months());
  const Bars apart = WithTimesOfTheirOwn(bars);
  for (const auto& [name, one] : cases["cases"].items()) {
    const json& metrics = one["metrics"];
    const Results ours = OurResults(bars, metrics);
    Print({{"case", name},
           {"metrics", metrics.size()},
           {"ours", OurSeconds(bars, metrics)},
           {"ours_apart", OurSeconds(apart, metrics)},
           {"duckdb",
            DuckDbSeconds(duckdb, one["duckdb"], ours, bars.symbols.size(), bars.dates.size())}});
  }
}

void Ours(const json& cases, const Bars& bars) {
  for (const auto& [name, one] : cases["cases"].items()) {
    Print({{"case", name}, {"ours", OurSeconds(bars, one["metrics"])}});
  }
}

void Check(const json& cases, const Bars& bars, const std::string& name,
           std::span<char* const> files) {
  const json& metrics = cases["cases"][name]["metrics"];
  Results theirs(metrics.size(), bars.symbols.size(), bars.dates.size());
  for (const char* const file : files) AddCsv(file, &theirs);
  const std::string difference = OurResults(bars, metrics).DifferenceFrom(theirs);
  if (!difference.empty()) Fail("PostgreSQL: " + difference);
}

void WriteBars(const Bars& bars) {
  const std::vector<int> months = bars.Months();
  for (size_t symbol = 0; symbol < bars.symbols.size(); ++symbol) {
    const auto& columns = bars.symbols[symbol].columns;
    for (size_t row = 0; row < bars.symbols[symbol].rows; ++row) {
      const size_t day = row / kMinutes;
      std::printf("%zu,%zu,%d,%zu", symbol, day, months[day], row % kMinutes);
      for (size_t c = 1; c <= 4; ++c) std::printf(",%.2f", columns[c].float64[row]);
      std::printf(",%ld,%ld\n", static_cast<long>(columns[5].int64[row]),
                  static_cast<long>(columns[6].int64[row]));
    }
  }
}

void PrintCase(const std::string& name, const char* unit, double ours, json peer = nullptr,
               json peer_name = nullptr) {
  Print({{"case", name}, {"unit", unit}, {"ours", ours}, {"peer", peer}, {"peer_name", peer_name}});
}

// One session of one symbol: what an alert or a dashboard asks for.
void SmallWindow(const json& one) {
  const Bars bars({.symbols = 1, .days = 1});
  const auto evaluator = Definitions(bars, AllDates(bars)).Compile(one["metrics"]);
  const double ours = SecondsOfOne(2000, *evaluator, bars.symbols[0]);
  DuckDbBars duckdb(bars.symbols, bars.Months());
  const Results results = OurResults(bars, one["metrics"]);
  double theirs = 1e9;
  const json forms = DuckDbSeconds(duckdb, one["duckdb"], results, 1, 1);
  for (const auto& seconds : forms) theirs = std::min(theirs, seconds.get<double>());
  PrintCase("one session, 100 metrics", "us", ours * 1e6, theirs * 1e6, "duckdb");
}

// Times and closes of the bars, again and again, until they are far more than a cache holds. No two
// batches have the same times.
std::vector<columns::ColumnBatch> ManyCloses(const Bars& bars) {
  constexpr size_t kRows = size_t{1} << 26;
  std::vector<columns::ColumnBatch> many;
  for (size_t rows = 0; rows < kRows; rows += many.back().rows) {
    const columns::ColumnBatch& all = bars.symbols[many.size() % bars.symbols.size()];
    many.push_back(
        Later({.rows = all.rows, .columns = {all.columns[0], all.columns[4]}}, many.size()));
  }
  return many;
}

// Of a metric of one column, which reads that column and the times, and of a plain loop that does.
void Bandwidth(const Bars& bars) {
  const std::vector<columns::ColumnBatch> batches = ManyCloses(bars);
  const json metrics = json::array({{{"window", "rth"}, {"expression", "sum(close)"}}});
  const auto evaluator = Definitions(bars, AllDates(bars)).Compile(metrics);
  double bytes = 0;
  for (const auto& batch : batches) bytes += 16.0 * static_cast<double>(batch.rows);
  const double ours = LeastSecondsOf(5, [&] {
    for (const auto& batch : batches) Evaluate(*evaluator, batch);
  });
  volatile uint64_t sink = 0;
  const double plain = LeastSecondsOf(5, [&] {
    uint64_t sum = 0;
    for (const auto& batch : batches) {
      const auto* const times = reinterpret_cast<const uint64_t*>(batch.columns[0].int64.data());
      const auto* const close = reinterpret_cast<const uint64_t*>(batch.columns[1].float64.data());
      for (size_t row = 0; row < batch.rows; ++row) sum += times[row];
      for (size_t row = 0; row < batch.rows; ++row) sum += close[row];
    }
    sink = sink + sum;
  });
  PrintCase("one metric of one column", "GB/s", bytes / ours / 1e9, bytes / plain / 1e9,
            "plain read loop");
}

// Five years of one symbol.
// More sessions than twice the longest window, so that each of them slides.
void RollingWindows() {
  const Bars bars({.symbols = 1, .days = 4200});
  for (const char* const expression :
       {"sum(close)", "stddev_samp(close)", "max(high)", "median(close)", "count(DISTINCT close)",
        "stddev_samp(log_return(close))"}) {
    for (const char* const window : {"rolling_20_sessions of rth", "rolling_200_sessions of rth",
                                     "rolling_2000_sessions of rth", "year_to_date of rth"}) {
      const json metrics = json::array({{{"window", window}, {"expression", expression}}});
      const auto evaluator = Definitions(bars, AllDates(bars)).Compile(metrics);
      const double seconds = SecondsOfOne(5, *evaluator, bars.symbols[0]);
      PrintCase(std::string(expression) + " over " + window, "ms", seconds * 1e3);
    }
  }
}

int Main(int argc, char** argv) {
  if (argc < 3) Fail("engine_bench bars|compare|check|alone CASES ...");
  compute::vector::KeepFreedMemory();  // as the service does
  const std::string command = argv[1];
  std::ifstream file(argv[2]);
  const json cases = json::parse(file);
  const Bars bars({.symbols = cases["symbols"].get<int>(), .days = cases["days"].get<int>()});
  if (command == "bars") {
    WriteBars(bars);
  } else if (command == "compare") {
    Compare(cases, bars);
  } else if (command == "ours") {
    Ours(cases, bars);
  } else if (command == "check" && argc > 4) {
    Check(cases, bars, argv[3], std::span(argv + 4, static_cast<size_t>(argc - 4)));
  } else if (command == "alone") {
    SmallWindow(cases["cases"]["metrics=100"]);
    Bandwidth(bars);
    RollingWindows();
  } else {
    Fail("no command " + command);
  }
  return 0;
}

}  // namespace
}  // namespace metricstore::benchmark

int main(int argc, char** argv) { return metricstore::benchmark::Main(argc, argv); }
