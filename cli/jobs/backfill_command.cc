#include "cli/jobs/backfill_command.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "cli/core/date_range.h"
#include "cli/core/option_values.h"
#include "cli/jobs/backfill_watch.h"
#include "cli/jobs/stale_backfills.h"
#include "cli/messages/proto_text.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/status/macros.h"
#include "metricstore/compute/v1/compute_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::Backfill;
using registry::v1::BackfillService;
using registry::v1::CreateBackfillRequest;
using registry::v1::CreateBackfillResponse;

// Cutting years of many entities into shards takes the registry longer than a look-up.
constexpr absl::Duration kCreateTimeout = absl::Minutes(2);

absl::StatusOr<CreateBackfillRequest> RequestOf(const BackfillOptions& options) {
  CreateBackfillRequest request;
  ASSIGN_OR_RETURN(const DateRange dates, ParseDateRange(options.from, options.to));
  ASSIGN_OR_RETURN(const auto grains, ParseGrains(options.grains));
  request.mutable_grains()->Assign(grains.begin(), grains.end());
  for (const std::string& metric : options.metrics) request.add_metrics(metric);
  for (const std::string& entity : options.entities) request.add_entities(entity);
  ToProto(dates, request.mutable_dates());
  request.set_request_id(options.request_id);
  request.set_latest_versions(options.latest);
  return request;
}

void PrintSkipped(const CreateBackfillResponse& response, std::ostream& err) {
  for (const auto& skipped : response.skipped()) {
    err << "skipped " << skipped.metric() << ", which is not computed: " << skipped.reason()
        << '\n';
  }
}

void PrintCreated(const CreateBackfillResponse& response, std::ostream& err) {
  const Backfill& backfill = response.backfill();
  if (response.existing()) {
    const bool running = backfill.state() == Backfill::STATE_RUNNING;
    err << (running ? "resuming backfill " : "found backfill ") << backfill.id() << ": "
        << ShardsText(backfill) << '\n';
    return;
  }
  err << "backfill " << backfill.id() << ": " << MetricsText(backfill) << " in "
      << FormatCountOf(backfill.shards_total(), "shard") << ", " << backfill.dates().start_date()
      << " to " << LastDate(backfill.dates()) << '\n';
}

nlohmann::ordered_json CreatedJson(const Backfill& backfill) {
  nlohmann::ordered_json json;
  json["backfill"] = backfill.id();
  json["state"] = EnumText(backfill.state(), "STATE_");
  json["shards_total"] = backfill.shards_total();
  json["shards_done"] = backfill.shards_done();
  return json;
}

// Which of the options is missing: --stale alone needs none of them.
absl::Status CheckRange(const BackfillOptions& options) {
  const std::pair<const char*, bool> required[] = {{"--metrics", options.metrics.empty()},
                                                   {"--from", options.from.empty()},
                                                   {"--to", options.to.empty()}};
  for (const auto& [option, missing] : required) {
    if (!missing) continue;
    return WithHint(UsageError(Concat(option, " is required")),
                    "or --stale, which takes the dates from metricctl freshness");
  }
  return absl::OkStatus();
}

}  // namespace

void AddBackfillCommand(CLI::App& app, ChosenCommand& chosen) {
  const auto [command, options] =
      AddCommand(app, chosen, "backfill", "Compute metrics over a range of dates and store them",
                 &RunBackfill);
  Repeatable(command->add_option("--metrics", options->metrics,
                                 "A metric's id, or a pattern: intraday/*, *_us (repeatable)"));
  command->add_option("METRIC", options->more_metrics, "The same, one after the other");
  Repeatable(command->add_option("--entity", options->entities,
                                 "Whose series (repeatable); default: all that have rows"));
  command->add_option("--from", options->from, "First date, YYYY-MM-DD");
  command->add_option("--to", options->to, "Last date, included");
  command->add_flag("--stale", options->stale,
                    "Compute the stale dates of stale metrics (metricctl freshness shows them)");
  Repeatable(command->add_option(
      "--grain", options->grains,
      "hour, day, week, month, quarter or year (repeatable); default: each metric's own"));
  command->add_flag("--latest", options->latest,
                    "Compute the newest versions, promoted or not, before readers are served them");
  command->add_flag("--detach", options->detach, "Create the job and do not wait for it");
  command->add_option("--stall-timeout", options->stall_timeout,
                      "Stop waiting when no worker does anything for so long; default: 60s");
  command->add_option("--request-id", options->request_id,
                      "The same id gives the same job for ever: for scripts that try again");
  command->footer(
      "Dates are those of the datasets' calendars, both included. The job runs on the services:\n"
      "Ctrl-C leaves it running, and the same command again resumes watching it.\n\n"
      "Examples:\n"
      "  metricctl backfill --metrics 'intraday/*' --entity SPY --from 2013-10-04 --to 2013-10-31\n"
      "  metricctl backfill --metrics '*_us' --from 2024-01-01 --to 2024-12-31 --grain hour "
      "--grain day\n"
      "  metricctl backfill --metrics rth_close --from 2024-01-01 --to 2024-01-31 --detach\n"
      "  metricctl backfill --metrics rth_close --latest --from 2024-01-01 --to 2024-01-31\n"
      "  metricctl backfill --stale\n"
      "  metricctl backfill --stale 'volume/*'");
}

absl::StatusOr<std::vector<registry::v1::Grain>> ParseGrains(
    const std::vector<std::string>& names) {
  std::vector<registry::v1::Grain> grains;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(grains.emplace_back(), ParseGrainOption(name));
  }
  return grains;
}

absl::Status CheckCompute(Invocation& invocation) {
  constexpr absl::Duration kTimeout = absl::Seconds(10);
  const auto status = invocation.connection.Call(
      Peer::kCompute, &compute::v1::ComputeService::Stub::GetWorkerStatus,
      compute::v1::GetWorkerStatusRequest(), kTimeout);
  if (!status.ok()) {
    invocation.terminal.err << "nothing was created; --detach leaves the job to workers to come\n";
    return status.status();
  }
  if (!status->registry_reachable()) {
    invocation.terminal.err << "warning: compute at "
                            << invocation.connection.endpoint(Peer::kCompute)
                            << " does not reach the registry: " << status->registry_error() << '\n';
  }
  return absl::OkStatus();
}

absl::StatusOr<CreateBackfillResponse> CreateJob(Invocation& invocation,
                                                 CreateBackfillRequest request) {
  request.set_project(invocation.connection.project());
  ASSIGN_OR_RETURN(
      const CreateBackfillResponse created,
      invocation.connection.Call(Peer::kRegistry, &BackfillService::Stub::CreateBackfill, request,
                                 kCreateTimeout));
  PrintSkipped(created, invocation.terminal.err);
  PrintCreated(created, invocation.terminal.err);
  return created;
}

absl::StatusOr<int> FollowJob(Invocation& invocation, const Backfill& job,
                              const JobOptions& options, nlohmann::ordered_json& summaries) {
  BackfillWatch watch(invocation, job, {.stall_timeout = options.stall_timeout});
  if (options.detach) {
    summaries.push_back(CreatedJson(job));
    if (HasNothingToRead(job)) return watch.Run();
    invocation.terminal.err << LaterText(job.id());
    return kExitOk;
  }
  const absl::StatusOr<int> result = watch.Run();
  if (watch.has_ended()) summaries.push_back(watch.Summary());
  return result;
}

absl::StatusOr<int> RunBackfill(Invocation& invocation, const BackfillOptions& given) {
  RETURN_IF_ERROR(RefuseCsv(invocation.format, "backfill"));
  BackfillOptions options = given;
  options.metrics.insert(options.metrics.end(), given.more_metrics.begin(),
                         given.more_metrics.end());
  if (options.stale) return RunStaleBackfills(invocation, options);
  RETURN_IF_ERROR(CheckRange(options));
  ASSIGN_OR_RETURN(CreateBackfillRequest request, RequestOf(options));
  ASSIGN_OR_RETURN(const absl::Duration stall_timeout, ParseStallTimeout(options.stall_timeout));
  if (!options.detach) RETURN_IF_ERROR(CheckCompute(invocation));
  auto summaries = nlohmann::ordered_json::array();
  ASSIGN_OR_RETURN(const CreateBackfillResponse created, CreateJob(invocation, std::move(request)));
  const auto result =
      FollowJob(invocation, created.backfill(),
                {.detach = options.detach, .stall_timeout = stall_timeout}, summaries);
  if (invocation.format == OutputFormat::kJson && !summaries.empty()) {
    PrintJsonValue(summaries.front(), invocation.terminal.out);
  }
  return result;
}

}  // namespace metricstore::cli
