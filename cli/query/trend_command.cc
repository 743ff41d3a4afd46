#include "cli/query/trend_command.h"

#include <google/protobuf/util/json_util.h>

#include <nlohmann/json.hpp>

#include "cli/core/date_range.h"
#include "cli/core/option_values.h"
#include "cli/core/paging.h"
#include "cli/messages/proto_text.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/query/query_commands.h"
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
constexpr int kValue = 6;

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

std::string ValueText(const TrendSeries& series, int i) {
  const bool ok = series.statuses().empty() || series.statuses(i) == registry::v1::POINT_STATUS_OK;
  return ok ? FormatNumber(series.values(i)) : "";
}

std::string PointJson(const std::vector<std::string>& cells) {
  nlohmann::ordered_json point;
  for (int i = 0; i <= kValue; ++i) point[PointColumns()[i]] = cells[i];
  point["version"] = nlohmann::json::parse(cells[kVersion]);
  point["dimensions"] = nlohmann::json::parse(cells[kDimensions]);
  point["value"] =
      cells[kValue].empty() ? nlohmann::json(nullptr) : nlohmann::json::parse(cells[kValue]);
  return point.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

// The cells that differ between points; the title holds the others.
Table PointTable(const std::vector<std::vector<std::string>>& rows) {
  bool dimensions = false;
  for (const auto& row : rows) dimensions = dimensions || row[kDimensions] != "{}";
  Table table{{{"entity"}, {"bucket_start"}}, {}};
  if (dimensions) table.columns.push_back({"dimensions"});
  table.columns.push_back({"value", true});
  for (const auto& row : rows) {
    std::vector<std::string> cells = {row[kEntity], row[kBucketStart]};
    if (dimensions) cells.push_back(row[kDimensions]);
    cells.push_back(row[kValue].empty() ? "NULL" : row[kValue]);
    table.rows.push_back(std::move(cells));
  }
  return table;
}

std::string Title(const QueryTrendResponse& page) {
  return Concat(page.metric(), "  version ", page.version(), ", ", EnumText(page.grain(), "GRAIN_"),
                page.unit().empty() ? "" : ", ", page.unit());
}

absl::StatusOr<QueryTrendRequest> RequestOf(const TrendOptions& options) {
  QueryTrendRequest request;
  ASSIGN_OR_RETURN(const DateRange dates, ParseDateRange(options.from, options.to));
  ASSIGN_OR_RETURN(const registry::v1::Grain grain, ParseGrainOption(options.grain));
  request.set_metric(options.metric);
  request.set_version(options.version);
  for (const std::string& entity : options.entities) request.add_entities(entity);
  ToProto(dates, request.mutable_dates());
  request.set_grain(grain);
  return request;
}

std::string BackfillHint(const TrendOptions& options) {
  std::string entities;
  for (const std::string& entity : options.entities) entities += " --entity " + entity;
  const std::string grain = options.grain.empty() ? "" : " --grain " + options.grain;
  return Concat("note: no points are stored there; metricctl backfill --metrics ", options.metric,
                entities, grain, " --from ", options.from, " --to ", options.to,
                " computes them\n");
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
  if (title_.empty()) {
    title_ = Title(page);
    if (format_ == OutputFormat::kCsv) out_ << CsvLine(PointColumns());
    if (format_ == OutputFormat::kJson) out_ << '[';
  }
  for (const TrendSeries& series : page.series()) {
    entities_.insert(series.entity());
    const std::string dimensions = DimensionsText(series.dimensions());
    for (int i = 0; i < series.bucket_start_times_size(); ++i) {
      const absl::Time start = InstantOf(series.bucket_start_times(i));
      AddPoint({page.metric(), std::to_string(page.version()), series.entity(), dimensions,
                EnumText(page.grain(), "GRAIN_"),
                format_ == OutputFormat::kTable ? start_text_(page.metric(), page.grain(), start)
                                                : FormatInstant(start),
                ValueText(series, i)});
    }
  }
}

void TrendWriter::AddPoint(std::vector<std::string> cells) {
  ++points_;
  switch (format_) {
    case OutputFormat::kCsv:
      out_ << CsvLine(cells);
      break;
    case OutputFormat::kJson:
      out_ << (points_ > 1 ? ",\n " : "\n ") << PointJson(cells);
      break;
    case OutputFormat::kTable:
      rows_.push_back(std::move(cells));
      break;
  }
}

void TrendWriter::Finish() {
  if (format_ == OutputFormat::kJson) out_ << (points_ > 0 ? "\n]\n" : "]\n");
  if (format_ != OutputFormat::kTable) return;
  out_ << title_ << '\n';
  PrintTable(PointTable(rows_), OutputFormat::kTable, out_);
}

void AddTrendCommand(CLI::App& app, ChosenCommand& chosen) {
  const auto [command, options] =
      AddCommand(app, chosen, "trend", "Show the stored points of a metric", &RunTrend);
  command
      ->add_option("METRIC", options->metric,
                   "The id category/name, or the name alone if it is unique")
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
      "entity, dimensions, grain, bucket_start (UTC), value (empty for NULL). The table shows "
      "dates\n"
      "for grains of a day and longer.\n\n"
      "Examples:\n"
      "  metricctl trend rth_close --entity SPY --from 2013-10-04 --to 2013-10-11\n"
      "  metricctl trend price/daily_range_us --entity SPY --entity BAC --from 2013-10-01 \\\n"
      "      --to 2013-10-31 --grain day -o csv");
}

absl::StatusOr<int> RunTrend(Invocation& invocation, const TrendOptions& options) {
  ASSIGN_OR_RETURN(const QueryTrendRequest request, RequestOf(options));
  MetricBuckets buckets(invocation.connection);
  TrendWriter writer(invocation.format, invocation.terminal.out,
                     [&](const std::string& metric, registry::v1::Grain grain, absl::Time start) {
                       return buckets.Text(metric, grain, start);
                     });
  RETURN_IF_ERROR(ForEachPage(invocation.connection, &QueryService::Stub::QueryTrend, request,
                              [&](const QueryTrendResponse& page) { writer.Add(page); }));
  writer.Finish();
  PrintMissingEntities(options, writer.entities(), invocation.terminal.err);
  if (writer.points() == 0) invocation.terminal.err << BackfillHint(options);
  return kExitOk;
}

}  // namespace metricstore::cli
