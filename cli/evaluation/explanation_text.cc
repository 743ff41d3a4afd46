#include "cli/evaluation/explanation_text.h"

#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "cli/core/date_range.h"
#include "cli/evaluation/row_cells.h"
#include "cli/messages/proto_text.h"
#include "cli/messages/window_text.h"
#include "cli/output/concat.h"
#include "cli/output/field_printer.h"
#include "cli/output/number_text.h"
#include "cli/output/plain_text.h"
#include "cli/output/table_printer.h"
#include "common/status/macros.h"

namespace metricstore::cli {
namespace {

using compute::v1::EvaluatedPoint;
using compute::v1::ExplainedPart;
using compute::v1::ExplainMetricResponse;

std::string PointText(const EvaluatedPoint& point) {
  switch (point.status()) {
    case registry::v1::POINT_STATUS_OK:
      return point.text().empty() ? FormatNumber(point.value()) : point.text();
    case registry::v1::POINT_STATUS_NULL:
      return "NULL";
    case registry::v1::POINT_STATUS_NOT_FINITE:
      return "none: the expression gave NaN or an infinity";
    case registry::v1::POINT_STATUS_TOO_LARGE:
      return "none: the text or vector is larger than 64 KiB";
    default:
      return "none";
  }
}

std::string ValueText(const ExplainMetricResponse& answer) {
  if (answer.has_point()) {
    const bool plain = answer.point().status() == registry::v1::POINT_STATUS_OK;
    const std::string unit = plain ? answer.definition().unit() : "";
    return Concat(PointText(answer.point()), unit.empty() ? "" : " ", unit);
  }
  if (answer.definition().dataset().empty()) {
    return "no point: none of the metrics that it reads has one";
  }
  if (answer.slice_count() == 0) return "no point: the window shows nothing of the bucket";
  if (answer.row_count() == 0) return "no point: no row is stored in the window";
  return "no point: no row of the window passed the filters";
}

std::string BucketName(const ExplainMetricResponse& answer) {
  const std::string grain = EnumText(answer.grain(), "GRAIN_");
  const std::string dates = DatesText(answer.bucket_dates());
  const bool hour = answer.grain() == registry::v1::GRAIN_HOUR && answer.has_point();
  return Concat(grain, " ", dates,
                hour ? Concat(", from ", TimeText(true, answer.point().bucket_start_time())) : "");
}

std::string CalendarText(const ExplainMetricResponse& answer) {
  if (answer.calendar().empty()) return "";
  return Concat(answer.calendar(), " version ", answer.calendar_version(), ", ",
                answer.time_zone());
}

std::string VersionText(int version) {
  return version == 0 ? "not stored" : Concat("version ", version);
}

std::string ExecutorText(const ExplainMetricResponse& answer) {
  return Concat(EnumText(answer.executor(), "EXECUTOR_"),
                answer.executor_reason().empty() ? "" : ": ", answer.executor_reason());
}

// Of what this release does not run, only the definition is known.
Fields UnevaluatedSummary(const ExplainMetricResponse& answer) {
  const auto& definition = answer.definition();
  return {{"value", "none: this release does not compute the metric"},
          {"metric", definition.id()},
          {"definition", VersionText(answer.version())},
          {"expression", answer.canonical_expression()},
          {"sql", definition.sql()},
          {"executor", ExecutorText(answer)}};
}

// A metric that reads others alone has rows through them only.
std::string RowsText(const ExplainMetricResponse& answer) {
  if (answer.definition().dataset().empty()) return "";
  return Concat(FormatCount(answer.row_count()), " in the window, ",
                FormatCount(answer.counted_row_count()), " counted");
}

Fields Summary(const ExplainMetricResponse& answer, const std::string& entity) {
  if (answer.executor() == compute::v1::EXECUTOR_SQL) return UnevaluatedSummary(answer);
  const auto& definition = answer.definition();
  // Nothing that says which rows are read has an effect on a metric that reads others alone.
  const bool reads_rows = !definition.dataset().empty();
  return {{"value", ValueText(answer)},
          {"metric", definition.id()},
          {"entity", entity},
          {"bucket", BucketName(answer)},
          {"definition", VersionText(answer.version())},
          {"expression", answer.canonical_expression()},
          {"filters", reads_rows ? absl::StrJoin(definition.filters(), "\n") : ""},
          {"table", definition.dataset()},
          {"window", reads_rows ? WindowText(definition.window()) : ""},
          {"calendar", CalendarText(answer)},
          {"columns", absl::StrJoin(answer.columns(), ", ")},
          {"rows", RowsText(answer)},
          {"computed by", ExecutorText(answer)}};
}

void PrintSlices(const ExplainMetricResponse& answer, std::ostream& out) {
  if (answer.slices().empty()) return;
  absl::TimeZone zone;
  const bool known = absl::LoadTimeZone(answer.time_zone(), &zone);
  Table table{{{"start_utc"}, {"end_utc"}}, {}};
  if (known) {
    table.columns.push_back({"start_local"});
    table.columns.push_back({"end_local"});
  }
  for (const auto& slice : answer.slices()) {
    std::vector<std::string> cells = {TimeText(true, slice.start_time()),
                                      TimeText(true, slice.end_time())};
    if (known) {
      cells.push_back(LocalText(InstantOf(slice.start_time()), zone));
      cells.push_back(LocalText(InstantOf(slice.end_time()), zone));
    }
    table.rows.push_back(std::move(cells));
  }
  const bool all = answer.slice_count() <= answer.slices_size();
  out << "\nwhat the window shows: " << FormatCountOf(answer.slice_count(), "piece")
      << (all ? "" : Concat(", the first and the last of them")) << '\n';
  PrintTable(table, OutputFormat::kTable, out);
}

void PrintParts(const ExplainMetricResponse& answer, MetricBuckets& buckets, std::ostream& out) {
  if (answer.parts().empty()) return;
  Table table{{{"part"}, {"version"}, {"bucket"}, {"value"}}, {}};
  for (const ExplainedPart& part : answer.parts()) {
    const std::string bucket = part.has_bucket_start_time()
                                   ? buckets.Text(answer.definition().id(), answer.grain(),
                                                  InstantOf(part.bucket_start_time()))
                                   : "";
    table.rows.push_back({OneLine(part.expression()),
                          part.version() == 0 ? "" : std::to_string(part.version()), bucket,
                          part.has_point() ? OneLine(PointText(part.point())) : "no point"});
  }
  out << "\nwhat it was made of\n";
  PrintTable(table, OutputFormat::kTable, out);
}

void PrintPlan(const ExplainMetricResponse& answer, std::ostream& out) {
  if (answer.plan().empty()) return;
  out << "\nhow it is computed\n";
  for (int i = 0; i < answer.plan_size(); ++i) {
    out << "  " << i + 1 << ". " << OneLine(answer.plan(i)) << '\n';
  }
}

absl::Status PrintRows(const ExplainMetricResponse& answer, std::ostream& out) {
  const int64_t shown = answer.rows().row_count();
  if (shown == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Table table, RowTable(answer.rows()));
  const bool all = shown >= answer.row_count();
  out << "\nrows of the window: "
      << (all ? FormatCountOf(shown, "row")
              : Concat("the first and the last of ", FormatCountOf(answer.row_count(), "row")))
      << '\n';
  PrintTable(table, OutputFormat::kTable, out);
  return absl::OkStatus();
}

}  // namespace

absl::Status PrintExplanation(const ExplainMetricResponse& answer, const std::string& entity,
                              MetricBuckets& buckets, std::ostream& out) {
  PrintFields(Summary(answer, entity), out);
  PrintSlices(answer, out);
  PrintParts(answer, buckets, out);
  PrintPlan(answer, out);
  return PrintRows(answer, out);
}

}  // namespace metricstore::cli
