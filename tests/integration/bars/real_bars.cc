#include "tests/integration/bars/real_bars.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/columns/column_batch.h"
#include "common/time/cancellation.h"
#include "compute_service/evaluation/row_evaluation.h"
#include "tests/integration/calendars/market_pack.h"

namespace metricstore::compute {
namespace {

using columns::Column;
using columns::ColumnType;

std::filesystem::path DataFolder() { return registry::SourceFolder() / "../shared/data"; }

double Number(const std::string& text) {
  double number = 0;
  EXPECT_TRUE(absl::SimpleAtod(text, &number)) << text;
  return number;
}

absl::Time Instant(const std::string& text, absl::TimeZone zone) {
  absl::Time time;
  std::string error;
  for (const char* format : {"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"}) {
    if (absl::ParseTime(format, text, zone, &time, &error)) return time;
  }
  ADD_FAILURE() << text << ": " << error;
  return time;
}

Dataset BarsDataset() {
  const auto number = [](const char* name) {
    return expression::SchemaColumn{name, ColumnType::kFloat64, false};
  };
  return {.name = "fact_bars",
          .schema = {{"symbol", ColumnType::kText, false},
                     {"ts", ColumnType::kTimestamp, false},
                     number("open"),
                     number("high"),
                     number("low"),
                     number("close"),
                     number("volume")},
          .time_column = "ts",
          .entity_column = "symbol",
          .timeframe = absl::Minutes(1),
          .rollups = {{"open", "first"},
                      {"high", "max"},
                      {"low", "min"},
                      {"close", "last"},
                      {"volume", "sum"}}};
}

columns::ColumnBatch BatchOf(const std::vector<Bar>& bars) {
  columns::DictionaryBuilder symbols;
  Column symbol{.name = "symbol", .type = ColumnType::kText};
  Column ts{.name = "ts", .type = ColumnType::kTimestamp};
  for (const Bar& bar : bars) {
    symbol.codes.push_back(symbols.CodeOf(bar.symbol));
    ts.int64.push_back(absl::ToUnixMicros(bar.start));
  }
  symbol.dictionary = symbols.Take();
  columns::ColumnBatch batch{.rows = bars.size(), .columns = {std::move(symbol), std::move(ts)}};
  using Value = std::pair<const char*, double Bar::*>;
  for (const auto& [name, value] :
       {Value{"open", &Bar::open}, Value{"high", &Bar::high}, Value{"low", &Bar::low},
        Value{"close", &Bar::close}, Value{"volume", &Bar::volume}}) {
    Column column{.name = name, .type = ColumnType::kFloat64};
    for (const Bar& bar : bars) column.float64.push_back(bar.*value);
    batch.columns.push_back(std::move(column));
  }
  return batch;
}

}  // namespace

void RealBarsTest::SetUp() {
  if (!std::filesystem::exists(DataFolder())) GTEST_SKIP() << "no real bars: " << DataFolder();
}

std::vector<Line> RealBarsTest::ReadLines(const std::string& file) {
  std::ifstream stream(DataFolder() / file);
  EXPECT_TRUE(stream.good()) << file;
  std::string text;
  std::getline(stream, text);
  absl::string_view header = absl::StripAsciiWhitespace(text);
  absl::ConsumePrefix(&header, "\xEF\xBB\xBF");
  const std::vector<std::string> names = absl::StrSplit(absl::AsciiStrToLower(header), ',');
  std::vector<Line> lines;
  while (std::getline(stream, text)) {
    const std::vector<std::string> cells = absl::StrSplit(absl::StripAsciiWhitespace(text), ',');
    if (cells.size() < names.size()) continue;
    Line line;
    for (size_t i = 0; i < names.size(); ++i) line[names[i]] = cells[i];
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<Bar> RealBarsTest::ReadBars(const std::string& file, const Stamps& stamps,
                                        const std::string& symbol) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(stamps.zone, &zone)) << stamps.zone;
  std::vector<Bar> bars;
  for (Line& line : ReadLines(file)) {
    if (!symbol.empty() && line["symbol"] != symbol) continue;
    const std::string& label = line.at(stamps.column);
    bars.push_back({.symbol = line["symbol"],
                    .label = label,
                    .start = Instant(label, zone) + stamps.shift,
                    .open = Number(line.at("open")),
                    .high = Number(line.at("high")),
                    .low = Number(line.at("low")),
                    .close = Number(line.at("close")),
                    .volume = Number(line.at("volume"))});
  }
  std::stable_sort(bars.begin(), bars.end(),
                   [](const Bar& a, const Bar& b) { return a.start < b.start; });
  return bars;
}

std::shared_ptr<const calendar::Calendar> RealBarsTest::CalendarNamed(const std::string& name) {
  auto calendar = registry::PackCalendar(name);
  EXPECT_TRUE(calendar.ok()) << calendar.status();
  return calendar.ok() ? *std::move(calendar) : nullptr;
}

DatedValues RealBarsTest::Evaluate(const BarMetric& metric, const calendar::Calendar& calendar,
                                   const std::vector<Bar>& bars) {
  const auto window = calendar::ParseWindow(metric.window);
  EXPECT_TRUE(window.ok()) << window.status();
  if (!window.ok()) return {};
  const auto results = EvaluateMetric({.ref = {"bars/metric", 1},
                                       .dataset = "fact_bars",
                                       .grain = metric.grain,
                                       .expression = metric.expression,
                                       .window = *window,
                                       .timeframe = metric.timeframe,
                                       .alignment = metric.alignment},
                                      BarsDataset(), calendar, BatchOf(bars), CallBounds());
  EXPECT_TRUE(results.ok()) << results.status();
  if (!results.ok()) return {};
  EXPECT_EQ(results->size(), 1u);
  DatedValues values;
  for (const auto& [entity, points] : *results) {
    for (size_t i = 0; i < points.values.size(); ++i) {
      if (points.statuses[i] != vector::PointStatus::kOk) continue;
      values[calendar.DateAt(absl::FromUnixMicros(points.bucket_start_micros[i]))] =
          points.values[i];
    }
  }
  return values;
}

absl::CivilDay DateOf(const std::string& text) {
  absl::CivilDay date;
  EXPECT_TRUE(absl::ParseCivilTime(text.substr(0, 10), &date)) << text;
  return date;
}

}  // namespace metricstore::compute
