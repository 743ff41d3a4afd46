#include "cli/data/ingest_command.h"

#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_join.h"
#include "cli/core/option_values.h"
#include "cli/csv/csv_file.h"
#include "cli/csv/input_file.h"
#include "cli/data/ingest_report.h"
#include "cli/data/ingest_stream.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/output/progress_bar.h"
#include "common/status/macros.h"
#include "common/time/iso8601.h"
#include "metricstore/registry/v1/dataset_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::DatasetService;

// The options as values.
struct IngestPlan {
  MappingRequest mapping;
  ParseOptions parsing;
  absl::Duration retry_for;
};

// "--map ts=ts_utc" and "--set symbol=SPY" as maps.
absl::StatusOr<std::map<std::string, std::string>> ParsePairs(
    std::string_view option, const std::vector<std::string>& texts) {
  std::map<std::string, std::string> pairs;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return UsageError(Concat(option, " ", Quoted(text), " is not of the form column=",
                               option == "--map" ? "header" : "value"));
    }
    const std::string column = text.substr(0, equals);
    if (!pairs.emplace(column, text.substr(equals + 1)).second) {
      return UsageError(Concat(option, " gives column ", column, " twice"));
    }
  }
  return pairs;
}

absl::StatusOr<IngestPlan> PlanOf(const IngestOptions& options) {
  IngestPlan plan;
  ASSIGN_OR_RETURN(plan.mapping.headers, ParsePairs("--map", options.map));
  ASSIGN_OR_RETURN(plan.mapping.constants, ParsePairs("--set", options.set));
  plan.parsing.null_text = options.null_text;
  if (!absl::LoadTimeZone(options.time_zone, &plan.parsing.zone)) {
    return WithHint(
        UsageError(Concat("--timezone ", Quoted(options.time_zone), " is not a known time zone")),
        "give an IANA name: America/New_York, Europe/London, UTC");
  }
  const auto retry_for = ParseSpan("--retry-for", options.retry_for);
  if (!retry_for.ok() && options.retry_for != "0") {
    return UsageError(Concat("--retry-for ", Quoted(options.retry_for),
                             " is not a span of time such as 30s, 5m or 0"));
  }
  plan.retry_for = retry_for.ok() ? *retry_for : absl::ZeroDuration();
  return plan;
}

absl::StatusOr<DatasetShape> GetShape(Invocation& invocation, const std::string& dataset) {
  registry::v1::GetDatasetRequest request;
  request.set_project(invocation.connection.project());
  request.set_name(dataset);
  ASSIGN_OR_RETURN(
      const auto response,
      invocation.connection.Call(Peer::kRegistry, &DatasetService::Stub::GetDataset, request));
  DatasetShape shape{response.dataset().name(), {}, response.dataset().time_column()};
  for (const auto& column : response.dataset().columns()) {
    shape.columns.push_back(
        {column.name(), static_cast<columns::ColumnType>(column.type()), column.nullable()});
  }
  return shape;
}

void PrintMappingNotes(const ColumnMapping& mapping, std::ostream& err) {
  if (!mapping.ignored_headers.empty()) {
    err << "note: ignored headers: " << absl::StrJoin(mapping.ignored_headers, ", ") << '\n';
  }
  if (!mapping.null_columns.empty()) {
    err << "note: columns that no header fills are stored as NULL: "
        << absl::StrJoin(mapping.null_columns, ", ") << '\n';
  }
}

void PrintRejects(const std::vector<Reject>& rejects, int64_t total, std::ostream& err) {
  for (const Reject& reject : rejects) err << RejectText(reject) << '\n';
  const int64_t more = total - static_cast<int64_t>(rejects.size());
  if (more > 0) err << "and " << FormatCountOf(more, "more rejected line") << '\n';
}

// The whole file is read before anything is sent: too many rejects, and nothing is stored.
absl::StatusOr<FileCheck> CheckWholeFile(Invocation& invocation, std::string_view text,
                                         const RowParser& parser, int64_t max_rejects) {
  ProgressBar bar(invocation.terminal, invocation.clock);
  ASSIGN_OR_RETURN(const FileCheck check,
                   CheckFile(text, parser, invocation.connection.interrupt(), [&](double fraction) {
                     bar.Show({"checking", fraction, ""});
                   }));
  bar.Clear();
  PrintRejects(check.rejects, check.rejected, invocation.terminal.err);
  if (check.rejected <= max_rejects && check.accepted() > 0) return check;
  const absl::Status refusal =
      Failure(Concat(FormatCount(check.rejected), " of ", FormatCountOf(check.rows, "row"),
                     " rejected; nothing was stored"));
  if (check.accepted() == 0) return refusal;
  return WithHint(refusal, Concat("--max-rejects ", check.rejected, " stores the other rows"));
}

std::vector<DatasetShape::ColumnShape> MappedColumns(const ColumnMapping& mapping) {
  std::vector<DatasetShape::ColumnShape> columns;
  for (const ColumnSource& source : mapping.sources) columns.push_back(source.column);
  return columns;
}

// One ingest after its file has been found good.
class Sending {
 public:
  Sending(Invocation& invocation, const IngestOptions& options, absl::Duration retry_for,
          const FileCheck& check, BatchSource& source)
      : invocation_(invocation),
        check_(check),
        source_(source),
        bar_(invocation.terminal, invocation.clock),
        start_(invocation.clock.Now()),
        retry_for_(retry_for) {
    report_.dataset = options.dataset;
    report_.rows_read = check.rows;
    report_.rejected = check.rejected;
  }

  absl::Status Run() {
    IngestStream stream(
        invocation_, {.dataset = report_.dataset, .retry_for = retry_for_},
        [this] { return Next(); },
        [this](const PreparedBatch& batch, const registry::v1::BatchResult& result) {
          report_.Add(batch, result);
          ShowProgress();
        },
        [this](const absl::Status& why) {
          bar_.Clear();
          invocation_.terminal.err << "note: " << std::string(why.message()) << "; trying again\n";
        });
    const absl::Status status = stream.Run();
    bar_.Clear();
    return status;
  }

  IngestReport& report() { return report_; }

 private:
  absl::StatusOr<std::optional<PreparedBatch>> Next() {
    ASSIGN_OR_RETURN(auto batch, source_.Next());
    if (!batch.has_value() && source_.rejected() != check_.rejected) {
      return Failure("the file changed while it was read");
    }
    return batch;
  }

  void ShowProgress() {
    const double seconds = absl::ToDoubleSeconds(invocation_.clock.Now() - start_);
    const auto settled = static_cast<double>(report_.rows_settled());
    bar_.Show({report_.dataset, settled / static_cast<double>(check_.accepted()),
               Concat(FormatCount(report_.rows_settled()), " rows  ",
                      FormatRate(seconds > 0 ? settled / seconds : 0, "rows"))});
  }

  Invocation& invocation_;
  const FileCheck& check_;
  BatchSource& source_;
  ProgressBar bar_;
  absl::Time start_;
  absl::Duration retry_for_;
  IngestReport report_;
};

constexpr std::string_view kResumeHint =
    "running the same command again resumes: what is stored is not stored twice";

constexpr std::string_view kStoredBeforeHint =
    "hint: these batches were stored before; if rows changed since, --run NAME stores them again";

// Says how the ingest ended, and gives its exit status.
absl::StatusOr<int> Conclude(Invocation& invocation, const IngestReport& report,
                             const absl::Status& status, int64_t max_rejects) {
  Terminal& terminal = invocation.terminal;
  PrintRejects(report.registry_rejects, static_cast<int64_t>(report.registry_rejects.size()),
               terminal.err);
  if (!status.ok()) {
    terminal.err << (absl::IsCancelled(status) ? "interrupted: " : "stopped: ")
                 << FormatCount(report.rows_settled()) << " of "
                 << FormatCountOf(report.rows_read, "row") << " are stored\n";
    if (invocation.connection.interrupt().cancelled()) {
      terminal.err << kResumeHint << '\n';
      return kExitInterrupted;
    }
    return WithHint(status, kResumeHint);
  }
  terminal.err << report.Text() << '\n';
  if (report.batches_already_stored > 0) terminal.err << kStoredBeforeHint << '\n';
  if (invocation.format == OutputFormat::kJson) terminal.out << report.Json() << '\n';
  if (report.rejected > max_rejects) {
    return Failure(Concat("the registry rejected rows; ", FormatCount(report.rejected),
                          " were not stored, the others were"));
  }
  return kExitOk;
}

}  // namespace

void AddIngestCommand(CLI::App& app, ChosenCommand& chosen) {
  const auto [command, options] =
      AddCommand(app, chosen, "ingest", "Store the rows of a CSV file in a dataset", &RunIngest);
  command->add_option("DATASET", options->dataset, "The dataset's name")->required();
  command->add_option("FILE", options->path, "A CSV file with a header line; - reads stdin")
      ->required();
  command->add_option("--timezone", options->time_zone,
                      "IANA zone of times that bring no offset; default: UTC");
  Repeatable(command->add_option("--map", options->map,
                                 "column=header: fill a column from another header (repeatable)"));
  Repeatable(command->add_option("--set", options->set,
                                 "column=value: fill a column with one value (repeatable)"));
  command->add_option("--null", options->null_text, "Text that means NULL, beside an empty field");
  WholeNumber(command->add_option("--max-rejects", options->max_rejects,
                                  "Store the good rows if at most this many are bad; default: 0"),
              0, std::numeric_limits<int64_t>::max());
  command->add_option("--retry-for", options->retry_for,
                      "How long to try again after a broken connection; default: 60s");
  command->add_option("--run", options->run,
                      "A name that makes the batches new: to store an older file over a newer one");
  command->footer(
      "The whole file is checked before anything is sent. Columns take the header of the same "
      "name,\n"
      "whatever its case. Times are ISO 8601; those without an offset are read in --timezone (UTC\n"
      "unless given), and of two equal local times the earlier is meant. Rows are known by the\n"
      "dataset's grain and batches by their content: running the same command again changes "
      "nothing,\n"
      "and resumes after a break.\n\n"
      "Examples:\n"
      "  metricctl ingest fact_bars bars.csv\n"
      "  metricctl ingest fact_bars spy.csv --timezone America/New_York --map ts=ts_ny_local\n"
      "  metricctl ingest fact_bars aapl.csv --set symbol=AAPL --max-rejects 10\n"
      "  zcat bars.csv.gz | metricctl ingest fact_bars -");
}

absl::StatusOr<int> RunIngest(Invocation& invocation, const IngestOptions& options) {
  RETURN_IF_ERROR(RefuseCsv(invocation.format, "ingest"));
  ASSIGN_OR_RETURN(const IngestPlan plan, PlanOf(options));
  ASSIGN_OR_RETURN(const InputFile file, InputFile::Open(options.path));
  ASSIGN_OR_RETURN(const auto headers, ReadHeader(file.content()));
  ASSIGN_OR_RETURN(const DatasetShape shape, GetShape(invocation, options.dataset));
  ASSIGN_OR_RETURN(ColumnMapping mapping, MapColumns(shape, headers, plan.mapping));
  PrintMappingNotes(mapping, invocation.terminal.err);
  ASSIGN_OR_RETURN(const RowParser parser, RowParser::Create(std::move(mapping), plan.parsing));
  const absl::Time start = invocation.clock.Now();
  const auto check = CheckWholeFile(invocation, file.content(), parser, options.max_rejects);
  if (absl::IsCancelled(check.status())) {
    invocation.terminal.err << "interrupted; nothing was stored\n";
    return kExitInterrupted;
  }
  RETURN_IF_ERROR(check.status());
  BatchBuilder builder(options.dataset, MappedColumns(parser.mapping()), options.run);
  BatchSource source(file.content(), parser, std::move(builder));
  Sending sending(invocation, options, plan.retry_for, *check, source);
  const absl::Status status = sending.Run();
  sending.report().elapsed = invocation.clock.Now() - start;
  return Conclude(invocation, sending.report(), status, options.max_rejects);
}

}  // namespace metricstore::cli
