#include <utility>
#include <vector>

#include "cli/calendars/calendar_commands.h"
#include "cli/core/date_range.h"
#include "cli/core/option_values.h"
#include "cli/core/paging.h"
#include "cli/messages/proto_text.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/output/table_printer.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::DatasetService;
using registry::v1::ResolveWindowRequest;
using registry::v1::ResolveWindowResponse;
using registry::v1::WindowPiece;

constexpr int kPageSize = 20'000;

struct ResolveOptions {
  std::string calendar;
  std::string window = "full_day";
  std::string grain = "day";
  std::string from;
  std::string to;
  int version = 0;
};

absl::StatusOr<ResolveWindowRequest> RequestOf(const ResolveOptions& options) {
  ResolveWindowRequest request;
  ASSIGN_OR_RETURN(const DateRange dates, ParseDateRange(options.from, options.to));
  ASSIGN_OR_RETURN(const registry::v1::Grain grain, ParseGrainOption(options.grain));
  request.set_calendar(options.calendar);
  request.set_calendar_version(options.version);
  request.set_window_text(options.window);
  request.set_grain(grain);
  ToProto(dates, request.mutable_dates());
  request.set_page_size(kPageSize);
  return request;
}

// Pieces in one format: CSV as they come, the others at the end.
class PieceWriter {
 public:
  explicit PieceWriter(Invocation& invocation)
      : invocation_(invocation),
        out_(invocation.terminal.out),
        table_{{{"trade_date"}, {"start_utc"}, {"end_utc"}}, {}} {
    if (invocation.format == OutputFormat::kCsv) PrintTable(table_, invocation.format, out_);
    if (invocation.format == OutputFormat::kJson) table_.columns.push_back({"bucket_start_utc"});
  }

  void Add(const ResolveWindowResponse& page) {
    if (first_page_) Begin(page);
    first_page_ = false;
    for (const WindowPiece& piece : page.pieces()) AddPiece(piece);
  }

  void Finish() {
    if (invocation_.format != OutputFormat::kCsv) PrintTable(table_, invocation_.format, out_);
    invocation_.summary() << FormatCountOf(pieces_, "piece") << " in "
                          << FormatCountOf(buckets_, "bucket") << '\n';
  }

 private:
  // People see how the window was understood, and local times.
  void Begin(const ResolveWindowResponse& page) {
    if (invocation_.format != OutputFormat::kTable) return;
    known_zone_ = absl::LoadTimeZone(page.time_zone(), &zone_);
    out_ << page.window_text() << ", calendar version " << page.calendar_version() << ", "
         << page.time_zone() << '\n';
    table_.columns.push_back({"start_local"});
    table_.columns.push_back({"end_local"});
  }

  void AddPiece(const WindowPiece& piece) {
    ++pieces_;
    const absl::Time bucket = InstantOf(piece.bucket_start_time());
    buckets_ += pieces_ == 1 || bucket != bucket_;
    bucket_ = bucket;
    std::vector<std::string> cells = {piece.trade_date(), TimeText(true, piece.start_time()),
                                      TimeText(true, piece.end_time())};
    if (invocation_.format == OutputFormat::kCsv) {
      out_ << CsvLine(cells);
      return;
    }
    if (invocation_.format == OutputFormat::kJson) {
      cells.push_back(TimeText(true, piece.bucket_start_time()));
    } else {
      cells.push_back(ZoneText(piece.start_time()));
      cells.push_back(ZoneText(piece.end_time()));
    }
    table_.rows.push_back(std::move(cells));
  }

  std::string ZoneText(const google::protobuf::Timestamp& time) const {
    return known_zone_ ? LocalText(InstantOf(time), zone_) : "";
  }

  Invocation& invocation_;
  std::ostream& out_;
  Table table_;
  bool first_page_ = true;
  absl::TimeZone zone_;
  bool known_zone_ = false;
  absl::Time bucket_;
  int64_t pieces_ = 0;
  int64_t buckets_ = 0;
};

absl::StatusOr<int> Resolve(Invocation& invocation, const ResolveOptions& options) {
  ASSIGN_OR_RETURN(ResolveWindowRequest request, RequestOf(options));
  request.set_project(invocation.connection.project());
  // The first page decides whether there is anything to print.
  ASSIGN_OR_RETURN(
      const ResolveWindowResponse first,
      invocation.connection.Call(Peer::kRegistry, &DatasetService::Stub::ResolveWindow, request));
  PieceWriter writer(invocation);
  writer.Add(first);
  if (!first.next_page_token().empty()) {
    request.set_page_token(first.next_page_token());
    RETURN_IF_ERROR(ForEachPage(invocation.connection, &DatasetService::Stub::ResolveWindow,
                                request, [&](const auto& page) { writer.Add(page); }));
  }
  writer.Finish();
  return kExitOk;
}

}  // namespace

void AddResolve(CLI::App& group, ChosenCommand& chosen) {
  const auto [resolve, options] =
      AddCommand(group, chosen, "resolve",
                 "Show the instants that a window shows, bucket by bucket", &Resolve);
  resolve->add_option("--calendar", options->calendar, "The calendar's name")->required();
  resolve->add_option("--window", options->window,
                      "rth, first_30m of globex, 09:30-10:00, rolling_20_sessions of rth, "
                      "month_to_date, previous of rth ...; default: full_day");
  resolve->add_option("--grain", options->grain,
                      "hour, day, week, month, quarter or year; default: day");
  resolve->add_option("--from", options->from, "First date, YYYY-MM-DD")->required();
  resolve->add_option("--to", options->to, "Last date, included")->required();
  WholeNumber(resolve->add_option("--version,--calendar-version", options->version,
                                  "A version of the calendar; default: the newest"));
  resolve->footer(
      "It is what a metric with this window sees. A window with a break, or one that reaches over\n"
      "several sessions, has several rows in a bucket; a bucket of which it shows nothing has "
      "none.\n"
      "-o csv prints trade_date,start_utc,end_utc; the end is the first instant after.\n\n"
      "Examples:\n"
      "  metricctl calendars resolve --calendar XNYS --window first_30m --from 2024-03-08 \\\n"
      "      --to 2024-03-11\n"
      "  metricctl calendars resolve --calendar XHKG --window rth --from 2024-05-06 \\\n"
      "      --to 2024-05-10 -o csv\n"
      "  metricctl calendars resolve --calendar XNYS --window 'rolling_20_sessions of rth' \\\n"
      "      --grain week --from 2024-01-01 --to 2024-01-31 -o json");
}

}  // namespace metricstore::cli
