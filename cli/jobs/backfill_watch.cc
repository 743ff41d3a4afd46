#include "cli/jobs/backfill_watch.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/str_join.h"
#include "cli/jobs/empty_backfill.h"
#include "cli/messages/proto_text.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/output/progress_bar.h"
#include "common/status/macros.h"
#include "common/time/backoff.h"
#include "common/time/iso8601.h"

namespace metricstore::cli {
namespace {

using registry::v1::Backfill;
using registry::v1::BackfillService;
using registry::v1::WatchBackfillRequest;
using registry::v1::WatchBackfillResponse;

// Without a terminal one line in so long tells a log that the job lives.
constexpr absl::Duration kPlainInterval = absl::Seconds(10);
// A stream is opened anew now and then, so that none outlives its server's grace.
constexpr absl::Duration kStreamDeadline = absl::Minutes(10);

bool HasEnded(const Backfill& backfill) {
  return backfill.state() != Backfill::STATE_RUNNING &&
         backfill.state() != Backfill::STATE_UNSPECIFIED;
}

double PerSecond(int64_t count, absl::Duration elapsed) {
  const double seconds = absl::ToDoubleSeconds(elapsed);
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

}  // namespace

absl::StatusOr<absl::Duration> ParseStallTimeout(const std::string& text) {
  const auto span = ParseSpan("--stall-timeout", text);
  if (span.ok()) return *span;
  return UsageError(
      Concat("--stall-timeout ", Quoted(text), " is not a span of time such as 60s or 5m"));
}

bool HasNothingToRead(const Backfill& backfill) {
  return backfill.state() == Backfill::STATE_SUCCEEDED && backfill.shards_total() == 0;
}

std::string ShardsText(const Backfill& backfill) {
  return Concat(FormatCount(backfill.shards_done()), " of ",
                FormatCountOf(backfill.shards_total(), "shard"), " done");
}

int64_t MetricCount(const Backfill& backfill) {
  std::set<std::string> ids;
  for (const auto& metric : backfill.metrics()) ids.insert(metric.metric().id());
  return static_cast<int64_t>(ids.size());
}

std::string MetricsText(const Backfill& backfill) {
  const int64_t count = MetricCount(backfill);
  const std::string metrics = FormatCountOf(count, "metric");
  if (count == backfill.metrics_size()) return metrics;
  std::set<registry::v1::Grain> grains;
  for (const auto& metric : backfill.metrics()) grains.insert(metric.grain());
  const std::string names = absl::StrJoin(
      grains, " and ",
      [](std::string* out, registry::v1::Grain grain) { out->append(EnumText(grain, "GRAIN_")); });
  return Concat(metrics, " at ", names);
}

std::string LaterText(int64_t id) {
  return Concat("  metricctl backfills watch ", id, "\n  metricctl backfills cancel ", id, "\n");
}

BackfillWatch::BackfillWatch(Invocation& invocation, Backfill before, WatchOptions options)
    : invocation_(invocation), options_(options), before_(std::move(before)), now_(before_) {}

absl::StatusOr<int> BackfillWatch::Run() {
  start_ = last_message_ = invocation_.clock.Now();
  Backoff backoff(invocation_.retry_delays.first, invocation_.retry_delays.longest);
  bool noted = false;
  while (!HasEnded(now_)) {
    const absl::Time message_before = last_message_;
    const absl::Status status = WatchOnce();
    if (HasEnded(now_)) break;
    if (invocation_.connection.interrupt().cancelled()) return TakeLeave();
    if (stalled_) return status;
    if (!status.ok() && !IsTransient(status)) return status;
    if (invocation_.clock.Now() - last_message_ >= options_.stall_timeout) {
      return WithHint(status, Concat("the job is stored; metricctl backfills watch ", now_.id(),
                                     " shows it when the registry is back"));
    }
    const bool progressed = last_message_ != message_before;
    if (progressed) backoff.Reset();
    // A stream that ends by its own deadline is no break.
    const bool broken = !status.ok() && !absl::IsDeadlineExceeded(status);
    if (broken && (progressed || !std::exchange(noted, true))) {
      invocation_.terminal.err << "note: " << std::string(status.message()) << "; trying again\n";
    }
    if (WaitForRetry(backoff.Next(), invocation_.connection.interrupt())) {
      invocation_.connection.ResetBackoff(Peer::kRegistry);
    }
  }
  return Conclude();
}

absl::StatusOr<int> BackfillWatch::RunFrom(const std::function<bool(registry::v1::Backfill*)>& next,
                                           const std::function<absl::Status()>& finish) {
  start_ = last_message_ = invocation_.clock.Now();
  absl::Status status;
  {
    ProgressBar bar(invocation_.terminal, invocation_.clock, kPlainInterval);
    do {
      ShowProgress(bar);
    } while (next(&now_));
    status = finish();
  }
  if (HasEnded(now_)) return Conclude();
  if (invocation_.connection.interrupt().cancelled()) return TakeLeave();
  if (!status.ok() && !IsTransient(status)) return status;
  invocation_.terminal.err << "note: "
                           << (status.ok() ? "the call ended before the job"
                                           : std::string(status.message()))
                           << "; watching the job at the registry\n";
  return Run();
}

int BackfillWatch::TakeLeave() const {
  invocation_.terminal.err << "backfill " << now_.id() << " goes on without you ("
                           << ShardsText(now_) << "):\n"
                           << LaterText(now_.id());
  return kExitInterrupted;
}

absl::Status BackfillWatch::WatchOnce() {
  ASSIGN_OR_RETURN(const auto channel, invocation_.connection.ChannelTo(Peer::kRegistry));
  const auto stub = BackfillService::NewStub(channel);
  rpc::BoundedContext context(
      {.deadline = absl::Now() + kStreamDeadline, .cancel = invocation_.connection.interrupt()});
  WatchBackfillRequest request;
  request.set_project(invocation_.connection.project());
  request.set_id(now_.id());
  const auto stream = stub->WatchBackfill(context.get(), request);
  connected_ = invocation_.clock.Now();
  ProgressBar bar(invocation_.terminal, invocation_.clock, kPlainInterval);
  WatchBackfillResponse message;
  absl::Status stall;
  while (stall.ok() && stream->Read(&message)) {
    stall = Follow(message);
    ShowProgress(bar);
  }
  if (!stall.ok()) context.get()->TryCancel();
  const grpc::Status ended = stream->Finish();
  return stall.ok() ? invocation_.connection.Explain(Peer::kRegistry, ended) : stall;
}

absl::Status BackfillWatch::Follow(const WatchBackfillResponse& message) {
  last_message_ = invocation_.clock.Now();
  now_ = message.backfill();
  if (HasEnded(now_)) return absl::OkStatus();
  // Time before this connection does not count: the job may have waited for hours, or its workers
  // for the registry.
  const absl::Duration idle = std::min(SpanOf(message.idle()), last_message_ - connected_);
  if (idle >= options_.stall_timeout) {
    stalled_ = true;
    return WithHint(
        Failure(Concat("no worker has touched backfill ", now_.id(), " for ", FormatElapsed(idle),
                       " (", ShardsText(now_), ")")),
        Concat("is compute_service running? The job is stored and goes on when it is; metricctl "
               "backfills watch ",
               now_.id(), " shows it"));
  }
  WarnIfIdle(idle);
  return absl::OkStatus();
}

void BackfillWatch::WarnIfIdle(absl::Duration idle) {
  const bool idle_now = idle >= options_.idle_warning;
  if (idle_now && !warned_) {
    invocation_.terminal.err << (invocation_.terminal.err_is_terminal ? "\r\x1b[K" : "")
                             << "warning: no worker has touched backfill " << now_.id() << " for "
                             << FormatElapsed(idle) << "; is compute_service running?\n";
  }
  warned_ = idle_now;
}

void BackfillWatch::ShowProgress(ProgressBar& bar) const {
  if (HasEnded(now_)) return;
  const double total = static_cast<double>(std::max<int64_t>(now_.shards_total(), 1));
  bar.Show({Concat("backfill ", now_.id()), static_cast<double>(now_.shards_done()) / total,
            ProgressDetail(invocation_.clock.Now() - start_)});
}

std::string BackfillWatch::ProgressDetail(absl::Duration elapsed) const {
  std::string detail =
      Concat(FormatCount(now_.shards_done()), "/", FormatCount(now_.shards_total()), " shards  ",
             FormatRate(PerSecond(now_.rows_read() - before_.rows_read(), elapsed), "rows"), "  ",
             FormatCountOf(now_.points(), "point"));
  const int64_t done = now_.shards_done() - before_.shards_done();
  const int64_t left = now_.shards_total() - now_.shards_done() - now_.shards_failed();
  if (done > 0 && left > 0) detail += Concat("  ETA ", FormatElapsed(elapsed / done * left));
  return detail;
}

absl::StatusOr<int> BackfillWatch::Conclude() {
  elapsed_ = invocation_.clock.Now() - start_;
  PrintSummary();
  const absl::Status error = OutcomeError();
  if (!error.ok()) return error;
  return kExitOk;
}

bool BackfillWatch::has_ended() const { return HasEnded(now_); }

void BackfillWatch::PrintSummary() const {
  if (HasNothingToRead(now_)) {
    invocation_.terminal.err << "backfill " << now_.id() << " succeeded with nothing to read: "
                             << WhyNothingWasRead(invocation_.connection, now_) << '\n';
    return;
  }
  const double rate = PerSecond(now_.rows_read() - before_.rows_read(), elapsed_);
  const std::string state = EnumText(now_.state(), "STATE_");
  invocation_.terminal.err << "backfill " << now_.id() << " " << state << ": " << ShardsText(now_)
                           << ", " << FormatCountOf(now_.rows_read(), "row") << " read, "
                           << FormatCountOf(now_.points(), "point") << "; "
                           << FormatElapsed(elapsed_) << ", " << FormatRate(rate, "rows") << '\n';
  if (now_.state() == Backfill::STATE_SUCCEEDED && now_.rows_read() == 0) {
    invocation_.terminal.err << "note: it read 0 rows: "
                             << WhyNothingWasRead(invocation_.connection, now_) << '\n';
  }
}

nlohmann::ordered_json BackfillWatch::Summary() const {
  nlohmann::ordered_json json;
  json["backfill"] = now_.id();
  json["state"] = EnumText(now_.state(), "STATE_");
  json["shards_total"] = now_.shards_total();
  json["shards_done"] = now_.shards_done();
  json["shards_failed"] = now_.shards_failed();
  json["rows_read"] = now_.rows_read();
  json["points"] = now_.points();
  json["seconds"] = absl::ToDoubleSeconds(elapsed_);
  json["rows_per_second"] = PerSecond(now_.rows_read() - before_.rows_read(), elapsed_);
  return json;
}

absl::Status BackfillWatch::OutcomeError() const {
  switch (now_.state()) {
    case Backfill::STATE_SUCCEEDED:
      return absl::OkStatus();
    case Backfill::STATE_CANCELLED:
      return Failure(Concat("backfill ", now_.id(), " was cancelled"));
    default:
      return WithHint(
          Failure(Concat("backfill ", now_.id(), " failed in ",
                         FormatCountOf(now_.shards_failed(), "shard"), ": ", now_.error())),
          "what the other shards computed is stored; the same backfill again computes all anew");
  }
}

}  // namespace metricstore::cli
