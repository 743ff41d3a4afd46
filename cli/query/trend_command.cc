#include "cli/query/trend_command.h"

#include <google/protobuf/util/json_util.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_join.h"
#include "cli/core/date_range.h"
#include "cli/core/metric_ref.h"
#include "cli/core/option_values.h"
#include "cli/core/paging.h"
#include "cli/messages/proto_text.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/query/query_commands.h"
#include "cli/query/shown_metrics.h"
#include "common/status/macros.h"
#include "metricstore/registry/v1/query_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::QueryService;
using registry::v1::QueryTrendRequest;
using registry::v1::QueryTrendResponse;
using registry::v1::TrendSeries;

// The columns of a point; programs rely on names and order.
constexpr int kMetric = 0;
constexpr int kVersion = 1;
constexpr int kEntity = 2;
constexpr int kDimensions = 3;
constexpr int kGrain = 4;
constexpr int kBucketStart = 5;

const std::vector<std::string>& PointColumns() {
  static const auto* columns = new std::vector<std::string>{
      "metric", "version", "entity", "dimensions", "grain", "bucket_start", "value"};
  return *columns;
}

// Compact JSON with sorted keys: equal dimensions give equal text.
std::string DimensionsText(const google::protobuf::Struct& dimensions) {
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(dimensions, &json).ok()) return "{}";
  return nlohmann::json::parse(json).dump();
}

std::string PointJson(const TrendRow& row) {
  nlohmann::ordered_json point;
  for (size_t i = 0; i < row.cells.size(); ++i) point[PointColumns()[i]] = row.cells[i];
  point["version"] = nlohmann::json::parse(row.cells[kVersion]);
  point["dimensions"] = nlohmann::json::parse(row.cells[kDimensions]);
  AddValue(row.value, &point);
  return point.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

// The cells that differ between points; the title holds the others.
Table PointTable(const std::vector<TrendRow>& rows) {
  bool dimensions = false;
  bool texts = false;
  for (const TrendRow& row : rows) {
    dimensions = dimensions || row.cells[kDimensions] != "{}";
    texts = texts || row.value.kind == PointValue::Kind::kText ||
            row.value.kind == PointValue::Kind::kVector;
  }
  Table table{{{"entity"}, {"bucket_start"}}, {}};
  if (dimensions) table.columns.push_back({"dimensions"});
  table.columns.push_back({"value", !texts});
  for (const TrendRow& row : rows) {
    std::vector<std::string> cells = {row.cells[kEntity], row.cells[kBucketStart]};
    if (dimensions) cells.push_back(row.cells[kDimensions]);
    cells.push_back(ShownValue(row.value));
    table.rows.push_back(std::move(cells));
  }
  return table;
}

std::string Title(const PointsOrigin& origin) {
  return Concat(origin.metric, "  ",
                origin.version == 0 ? "not stored" : Concat("version ", origin.version), ", ",
                EnumText(origin.grain, "GRAIN_"), origin.unit.empty() ? "" : ", ", origin.unit);
}

absl::StatusOr<QueryTrendRequest> RequestOf(const TrendOptions& options) {
  QueryTrendRequest request;
  ASSIGN_OR_RETURN(const DateRange dates, ParseDateRange(options.from, options.to));
  ASSIGN_OR_RETURN(const registry::v1::Grain grain, ParseGrainOption(options.grain));
  ASSIGN_OR_RETURN(const auto ref, ParseMetricRef(options.metric, options.version));
  request.set_metric(ref.id());
  request.set_version(ref.version());
  for (const std::string& entity : options.entities) request.add_entities(entity);
  ToProto(dates, request.mutable_dates());
  request.set_grain(grain);
  return request;
}

std::string BackfillHint(const TrendOptions& options) {
  std::string entities;
  for (const std::string& entity : options.entities) entities += " --entity " + entity;
  const std::string grain = options.grain.empty() ? "" : " --grain " + options.grain;
  return Concat("note: no points are stored there; metricctl backfill --metrics ",
                options.metric.substr(0, options.metric.find('@')), entities, grain, " --from ",
                options.from, " --to ", options.to, " computes them\n");
}

// Entities that were asked for and have no series: most often a typing error.
void PrintMissingEntities(const TrendOptions& options, const std::set<std::string>& found,
                          std::ostream& err) {
  for (const std::string& entity : options.entities) {
    if (found.contains(entity)) continue;
    err << "note: no stored points for entity " << Quoted(entity) << '\n';
  }
}

}  // namespace

void TrendWriter::Add(const QueryTrendResponse& page) {
  const PointsOrigin origin{page.metric(), page.version(), page.grain(), page.unit()};
  Begin();
  // What has no points has its title all the same.
  if (format_ == OutputFormat::kTable) BlockOf(origin);
  for (const TrendSeries& series : page.series()) Add(origin, series);
}

void TrendWriter::Add(const PointsOrigin& origin, const TrendSeries& series) {
  Begin();
  entities_.insert(series.entity());
  const std::string dimensions = DimensionsText(series.dimensions());
  const SeriesValues values(series);
  // Tables and CSV show vectors as their texts.
  const bool vectors = format_ == OutputFormat::kJson && values.holds_texts() &&
                       GivesVectors(lookups_.expression(origin.metric, origin.version));
  for (int i = 0; i < series.bucket_start_times_size(); ++i) {
    const absl::Time start = InstantOf(series.bucket_start_times(i));
    AddPoint(origin, {{origin.metric, std::to_string(origin.version), series.entity(), dimensions,
                       EnumText(origin.grain, "GRAIN_"),
                       format_ == OutputFormat::kTable
                           ? lookups_.start_text(origin.metric, origin.grain, start)
                           : FormatInstant(start)},
                      values.At(i, vectors)});
  }
}

void TrendWriter::Begin() {
  if (std::exchange(begun_, true)) return;
  if (format_ == OutputFormat::kCsv) out_ << CsvLine(PointColumns());
  if (format_ == OutputFormat::kJson) out_ << '[';
}

TrendWriter::Block& TrendWriter::BlockOf(const PointsOrigin& origin) {
  const std::string title = Title(origin);
  for (Block& block : blocks_) {
    if (block.title == title) return block;
  }
  return blocks_.emplace_back(Block{title, {}});
}

void TrendWriter::AddPoint(const PointsOrigin& origin, TrendRow row) {
  ++points_;
  if (row.value.kind == PointValue::Kind::kNone) ++missing_[row.value.status];
  switch (format_) {
    case OutputFormat::kCsv:
      row.cells.push_back(row.value.text);
      out_ << CsvLine(row.cells);
      break;
    case OutputFormat::kJson:
      out_ << (points_ > 1 ? ",\n " : "\n ") << PointJson(row);
      break;
    case OutputFormat::kTable:
      BlockOf(origin).rows.push_back(std::move(row));
      break;
  }
}

void TrendWriter::Finish() {
  Begin();
  if (format_ == OutputFormat::kJson) out_ << (points_ > 0 ? "\n]\n" : "]\n");
  for (size_t i = 0; i < blocks_.size(); ++i) {
    out_ << (i == 0 ? "" : "\n") << blocks_[i].title << '\n';
    PrintTable(PointTable(blocks_[i].rows), OutputFormat::kTable, out_);
  }
}

void TrendWriter::PrintNotes(std::ostream& err) const {
  if (format_ != OutputFormat::kCsv) return;
  std::vector<std::string> notes;
  for (const auto& [status, count] : missing_) {
    if (status == registry::v1::POINT_STATUS_NULL) continue;
    notes.push_back(Concat(FormatCountOf(count, "point"), count == 1 ? " is " : " are ",
                           ShownValue({.status = status})));
  }
  if (notes.empty()) return;
  err << "note: " << absl::StrJoin(notes, ", ")
      << ": empty values beside those that are NULL; -o json says which\n";
}

void AddTrendCommand(CLI::App& app, ChosenCommand& chosen) {
  const auto [command, options] =
      AddCommand(app, chosen, "trend", "Show the stored points of a metric", &RunTrend);
  command
      ->add_option("METRIC", options->metric,
                   "The id category/name, or the name alone if it is unique; NAME@2: version 2")
      ->required();
  Repeatable(command->add_option("--entity", options->entities,
                                 "Whose points (repeatable); default: all"));
  command->add_option("--from", options->from, "First date, YYYY-MM-DD")->required();
  command->add_option("--to", options->to, "Last date, included")->required();
  command->add_option("--grain", options->grain,
                      "hour, day, week, month, quarter or year; default: the metric's own");
  WholeNumber(command->add_option("--version,--metric-version", options->version,
                                  "A version; default: the active one"));
  command->footer(
      "Dates are those of the dataset's calendar, both included. -o csv prints metric, version,\n"
      "entity, dimensions, grain, bucket_start (UTC), value (empty for none; texts as they are, "
      "vectors\n"
      "as JSON arrays). -o json says why there is no value: status null, not_finite (NaN or an\n"
      "infinity) or too_large. The table shows dates for grains of a day and longer.\n\n"
      "Examples:\n"
      "  metricctl trend rth_close --entity SPY --from 2013-10-04 --to 2013-10-11\n"
      "  metricctl trend price/daily_range_us --entity SPY --entity BAC --from 2013-10-01 \\\n"
      "      --to 2013-10-31 --grain day -o csv");
}

absl::StatusOr<int> RunTrend(Invocation& invocation, const TrendOptions& options) {
  ASSIGN_OR_RETURN(const QueryTrendRequest request, RequestOf(options));
  MetricBuckets buckets(invocation.connection);
  ShownMetrics metrics(invocation.connection);
  TrendWriter writer(
      invocation.format, invocation.terminal.out,
      {.start_text = [&](const std::string& metric, registry::v1::Grain grain,
                         absl::Time start) { return buckets.Text(metric, grain, start); },
       .expression = [&](const std::string& metric,
                         int version) { return metrics.Find(metric, version).expression(); }});
  RETURN_IF_ERROR(ForEachPage(invocation.connection, &QueryService::Stub::QueryTrend, request,
                              [&](const QueryTrendResponse& page) { writer.Add(page); }));
  writer.Finish();
  writer.PrintNotes(invocation.terminal.err);
  PrintMissingEntities(options, writer.entities(), invocation.terminal.err);
  if (writer.points() == 0) invocation.terminal.err << BackfillHint(options);
  return kExitOk;
}

}  // namespace metricstore::cli
