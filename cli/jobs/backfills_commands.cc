#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "absl/strings/str_join.h"
#include "cli/core/date_range.h"
#include "cli/core/option_values.h"
#include "cli/core/resource_printer.h"
#include "cli/jobs/backfill_command.h"
#include "cli/jobs/backfill_watch.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/status/macros.h"

namespace metricstore::cli {
namespace {

using registry::v1::Backfill;
using registry::v1::BackfillService;
using registry::v1::ListBackfillsRequest;

constexpr int kMaxPageSize = 1000;

std::vector<std::string> ListRow(const Backfill& backfill) {
  return {std::to_string(backfill.id()),
          EnumText(backfill.state(), "STATE_"),
          std::to_string(backfill.shards_done()),
          std::to_string(backfill.shards_total()),
          std::to_string(backfill.shards_failed()),
          std::to_string(MetricCount(backfill)),
          backfill.dates().start_date(),
          LastDate(backfill.dates()),
          std::to_string(backfill.rows_read()),
          std::to_string(backfill.points()),
          TimeText(backfill.has_create_time(), backfill.create_time())};
}

Table BackfillTable() {
  return {{{"id", true},
           {"state"},
           {"done", true},
           {"shards", true},
           {"failed", true},
           {"metrics", true},
           {"from"},
           {"to"},
           {"rows_read", true},
           {"points", true},
           {"created"}},
          {}};
}

Fields BackfillFields(const Backfill& backfill) {
  std::vector<std::string> metrics;
  for (const auto& metric : backfill.metrics()) {
    metrics.push_back(Concat(metric.metric().id(), " v", metric.metric().version(), " ",
                             EnumText(metric.grain(), "GRAIN_")));
  }
  return {
      {"id", std::to_string(backfill.id())},
      {"state", EnumText(backfill.state(), "STATE_")},
      {"shards", ShardsText(backfill)},
      {"failed", backfill.shards_failed() > 0 ? FormatCount(backfill.shards_failed()) : ""},
      {"leased", FormatCount(backfill.shards_leased())},
      {"from", backfill.dates().start_date()},
      {"to", LastDate(backfill.dates())},
      {"metrics", absl::StrJoin(metrics, ", ")},
      {"entities", backfill.entities().empty() ? "all" : absl::StrJoin(backfill.entities(), ", ")},
      {"rows read", FormatCount(backfill.rows_read())},
      {"points", FormatCount(backfill.points())},
      {"error", backfill.error()},
      {"created", TimeText(backfill.has_create_time(), backfill.create_time())},
      {"updated", TimeText(backfill.has_update_time(), backfill.update_time())},
      {"ended", TimeText(backfill.has_end_time(), backfill.end_time())}};
}

void PrintBackfill(const Invocation& invocation, const Backfill& backfill) {
  ResourceView view{.sections = {{"", BackfillFields(backfill)}}, .csv = BackfillTable()};
  view.csv.rows.push_back(ListRow(backfill));
  PrintResource(invocation, backfill, view);
}

absl::StatusOr<Backfill> GetBackfill(Invocation& invocation, int64_t id) {
  registry::v1::GetBackfillRequest request;
  request.set_project(invocation.connection.project());
  request.set_id(id);
  ASSIGN_OR_RETURN(
      auto response,
      invocation.connection.Call(Peer::kRegistry, &BackfillService::Stub::GetBackfill, request));
  return std::move(*response.mutable_backfill());
}

void AddIdOption(CLI::App& command, BackfillIdOptions& options) {
  WholeNumber(command.add_option("ID", options.id, "The job's number"), 1,
              std::numeric_limits<int64_t>::max())
      ->required();
}

}  // namespace

void AddBackfillsCommands(CLI::App& app, ChosenCommand& chosen) {
  CLI::App* group = AddGroup(app, "backfills", "Show, watch and cancel backfill jobs");
  const auto [list, list_options] =
      AddCommand(*group, chosen, "list", "List jobs, newest first", &ListBackfills);
  WholeNumber(list->add_option("--limit", list_options->limit, "At most this many; default: 50"));
  list->footer(
      "Examples:\n"
      "  metricctl backfills list\n"
      "  metricctl backfills list --limit 10 -o json");
  const auto [show, show_options] = AddCommand(*group, chosen, "show", "Show a job", &ShowBackfill);
  AddIdOption(*show, *show_options);
  show->footer("Examples:\n  metricctl backfills show 12\n  metricctl backfills show 12 -o json");
  const auto [watch, watch_options] =
      AddCommand(*group, chosen, "watch", "Follow a job until it ends", &WatchBackfill);
  AddIdOption(*watch, *watch_options);
  watch->add_option("--stall-timeout", watch_options->stall_timeout,
                    "Stop waiting when no worker does anything for so long; default: 60s");
  watch->footer("Examples:\n  metricctl backfills watch 12");
  const auto [cancel, cancel_options] =
      AddCommand(*group, chosen, "cancel", "Stop a job; what it has stored stays", &CancelBackfill);
  AddIdOption(*cancel, *cancel_options);
  cancel->footer("Examples:\n  metricctl backfills cancel 12");
}

absl::StatusOr<int> ListBackfills(Invocation& invocation, const BackfillListOptions& options) {
  Table table = BackfillTable();
  ListBackfillsRequest request;
  request.set_project(invocation.connection.project());
  do {
    const int left = options.limit - static_cast<int>(table.rows.size());
    request.set_page_size(std::min(left, kMaxPageSize));
    ASSIGN_OR_RETURN(const auto page,
                     invocation.connection.Call(Peer::kRegistry,
                                                &BackfillService::Stub::ListBackfills, request));
    for (const Backfill& backfill : page.backfills()) table.rows.push_back(ListRow(backfill));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && static_cast<int>(table.rows.size()) < options.limit);
  PrintTable(table, invocation.format, invocation.terminal.out);
  return kExitOk;
}

absl::StatusOr<int> ShowBackfill(Invocation& invocation, const BackfillIdOptions& options) {
  ASSIGN_OR_RETURN(const Backfill backfill, GetBackfill(invocation, options.id));
  PrintBackfill(invocation, backfill);
  return kExitOk;
}

absl::StatusOr<int> WatchBackfill(Invocation& invocation, const BackfillIdOptions& options) {
  RETURN_IF_ERROR(RefuseCsv(invocation.format, "watch"));
  ASSIGN_OR_RETURN(const absl::Duration stall_timeout, ParseStallTimeout(options.stall_timeout));
  ASSIGN_OR_RETURN(Backfill backfill, GetBackfill(invocation, options.id));
  invocation.terminal.err << "backfill " << options.id << ": " << ShardsText(backfill) << '\n';
  BackfillWatch watch(invocation, std::move(backfill), {.stall_timeout = stall_timeout});
  const absl::StatusOr<int> result = watch.Run();
  if (watch.has_ended() && invocation.format == OutputFormat::kJson) {
    PrintJsonValue(watch.Summary(), invocation.terminal.out);
  }
  return result;
}

absl::StatusOr<int> CancelBackfill(Invocation& invocation, const BackfillIdOptions& options) {
  registry::v1::CancelBackfillRequest request;
  request.set_project(invocation.connection.project());
  request.set_id(options.id);
  ASSIGN_OR_RETURN(
      const auto response,
      invocation.connection.Call(Peer::kRegistry, &BackfillService::Stub::CancelBackfill, request));
  PrintBackfill(invocation, response.backfill());
  return kExitOk;
}

}  // namespace metricstore::cli
