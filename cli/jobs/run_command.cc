#include <nlohmann/json.hpp>
#include <utility>

#include "cli/core/date_range.h"
#include "cli/core/option_values.h"
#include "cli/jobs/backfill_command.h"
#include "cli/jobs/backfill_watch.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/status/macros.h"
#include "metricstore/compute/v1/compute_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using compute::v1::ComputeService;
using compute::v1::RunDayRequest;
using compute::v1::RunDayResponse;
using registry::v1::Backfill;

// As long as one stream of a watch lives; what takes longer is watched at the registry.
constexpr absl::Duration kStreamDeadline = absl::Minutes(10);

absl::StatusOr<RunDayRequest> RequestOf(const Invocation& invocation,
                                        const RunDayOptions& options) {
  RunDayRequest request;
  ASSIGN_OR_RETURN(const absl::CivilDay date, ParseDateOption("--date", options.date));
  request.set_project(invocation.connection.project());
  request.mutable_metrics()->Assign(options.metrics.begin(), options.metrics.end());
  request.mutable_entities()->Assign(options.entities.begin(), options.entities.end());
  request.set_date(FormatDate(date));
  request.set_request_id(options.request_id);
  return request;
}

void PrintStarted(const Backfill& job, std::ostream& err) {
  err << "backfill " << job.id() << ": " << MetricsText(job) << " in "
      << FormatCountOf(job.shards_total(), "shard") << ", " << DatesText(job.dates()) << '\n';
}

}  // namespace

absl::StatusOr<int> RunDay(Invocation& invocation, const RunDayOptions& options) {
  RETURN_IF_ERROR(RefuseCsv(invocation.format, "run"));
  ASSIGN_OR_RETURN(const RunDayRequest request, RequestOf(invocation, options));
  ASSIGN_OR_RETURN(const absl::Duration stall_timeout, ParseStallTimeout(options.stall_timeout));
  ASSIGN_OR_RETURN(const auto channel, invocation.connection.ChannelTo(Peer::kCompute));
  const auto stub = ComputeService::NewStub(channel);
  rpc::BoundedContext context(
      {.deadline = absl::Now() + kStreamDeadline, .cancel = invocation.connection.interrupt()});
  const auto stream = stub->RunDay(context.get(), request);
  const auto finish = [&] {
    return invocation.connection.Explain(Peer::kCompute, stream->Finish());
  };
  RunDayResponse message;
  if (!stream->Read(&message)) {
    RETURN_IF_ERROR(finish());
    return Failure("compute did not say which job it runs");
  }
  PrintStarted(message.backfill(), invocation.terminal.err);
  BackfillWatch watch(invocation, message.backfill(), {.stall_timeout = stall_timeout});
  const auto next = [&](Backfill* job) {
    if (!stream->Read(&message)) return false;
    *job = message.backfill();
    return true;
  };
  const absl::StatusOr<int> result = watch.RunFrom(next, finish);
  if (invocation.format == OutputFormat::kJson && watch.has_ended()) {
    PrintJsonValue(watch.Summary(), invocation.terminal.out);
  }
  return result;
}

void AddRunCommand(CLI::App& app, ChosenCommand& chosen) {
  const auto [command, options] =
      AddCommand(app, chosen, "run", "Compute one date of metrics now and store it", &RunDay);
  command->add_option("METRIC", options->metrics, "Metrics' ids, or patterns: intraday/*, *_us")
      ->required();
  command->add_option("--date", options->date, "The date, YYYY-MM-DD")->required();
  Repeatable(command->add_option("--entity", options->entities,
                                 "Whose series (repeatable); default: all that have rows"));
  command->add_option("--stall-timeout", options->stall_timeout,
                      "Stop waiting when no worker does anything for so long; default: 60s");
  command->add_option("--request-id", options->request_id,
                      "The same id gives the same job for ever: for scripts that try again");
  command->footer(
      "The date is one of the datasets' calendars; of weekly and coarser metrics the bucket that "
      "holds it\n"
      "is computed whole. It is a backfill of one date: Ctrl-C leaves it running.\n\n"
      "Examples:\n"
      "  metricctl run rth_close --date 2024-03-04\n"
      "  metricctl run 'intraday/*' --entity SPY --date 2024-03-04 -o json");
}

}  // namespace metricstore::cli
