#include <vector>

#include "absl/strings/str_join.h"
#include "cli/catalog/metric_commands.h"
#include "cli/catalog/metric_suggestions.h"
#include "cli/catalog/metric_text.h"
#include "cli/core/option_values.h"
#include "cli/messages/proto_text.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "cli/output/question.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::CatalogService;
using registry::v1::Metric;

struct MetricRemovalOptions {
  std::string name;
  std::string etag;
  std::string request_id;
  bool yes = false;
  bool dry_run = false;
};

// DeleteMetric and UndeleteMetric are asked alike.
template <typename Request>
Request RequestOf(const Invocation& invocation, const MetricRemovalOptions& options,
                  const std::string& id) {
  Request request;
  request.set_project(invocation.connection.project());
  request.set_id(id);
  request.set_etag(options.etag);
  request.set_request_id(options.request_id);
  request.set_validate_only(options.dry_run);
  return request;
}

int PrintDone(const Invocation& invocation, const Metric& metric, const std::string& text) {
  if (invocation.format == OutputFormat::kJson) {
    PrintJson(metric, invocation.terminal.out);
  } else {
    invocation.terminal.out << text << '\n';
  }
  return kExitOk;
}

absl::StatusOr<int> DeleteMetric(Invocation& invocation, const MetricRemovalOptions& options) {
  RETURN_IF_ERROR(RefuseCsv(invocation.format, "metrics delete"));
  const bool ask = !options.yes && !options.dry_run;
  if (ask && !invocation.terminal.in_is_terminal) {
    return Confirm(invocation.terminal, "", "give --yes to delete without a question").status();
  }
  ASSIGN_OR_RETURN(const std::string id, ResolveMetricId(invocation, options.name));
  if (ask) {
    ASSIGN_OR_RETURN(const bool sure,
                     Confirm(invocation.terminal,
                             Concat("Delete ", id,
                                    "? Its versions and results stay, and undelete "
                                    "brings it back."),
                             ""));
    if (!sure) return Failure(Concat(id, " was not deleted"));
  }
  const auto request = RequestOf<registry::v1::DeleteMetricRequest>(invocation, options, id);
  ASSIGN_OR_RETURN(
      const auto response,
      invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::DeleteMetric, request));
  return PrintDone(invocation, response.metric(),
                   options.dry_run ? Concat("would delete ", id, " (dry run: nothing stored)")
                                   : Concat("deleted ", id, "; metricctl metrics undelete ", id,
                                            " brings it back"));
}

// The id that a bare name stands for among deleted metrics.
absl::StatusOr<std::string> ResolveDeletedId(Invocation& invocation, const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const std::vector<std::string> ids = DeletedIds(invocation, name);
  if (ids.size() == 1) return ids.front();
  if (ids.size() > 1) {
    return WithHint(UsageError(Concat("several deleted metrics are named ", Quoted(name), ": ",
                                      absl::StrJoin(ids, ", "))),
                    "give the id, category/name");
  }
  ASSIGN_OR_RETURN(const Metric metric, GetMetric(invocation, name));
  return Failure(Concat(metric.id(), " is not deleted"));
}

absl::StatusOr<int> UndeleteMetric(Invocation& invocation, const MetricRemovalOptions& options) {
  RETURN_IF_ERROR(RefuseCsv(invocation.format, "metrics undelete"));
  ASSIGN_OR_RETURN(const std::string id, ResolveDeletedId(invocation, options.name));
  const auto request = RequestOf<registry::v1::UndeleteMetricRequest>(invocation, options, id);
  ASSIGN_OR_RETURN(
      const auto response,
      invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::UndeleteMetric, request));
  const Metric& metric = response.metric();
  return PrintDone(invocation, metric,
                   options.dry_run
                       ? Concat("would restore ", id, " (dry run: nothing stored)")
                       : Concat("restored ", metric.id(), ", version ", metric.version()));
}

void AddCommonOptions(CLI::App& command, MetricRemovalOptions& options) {
  command.add_option("--etag", options.etag,
                     "Only this state of the metric (metrics show tells it)");
  command.add_option("--request-id", options.request_id,
                     "The same id acts once: for scripts that try again");
  command.add_flag("--dry-run", options.dry_run, "Check it and store nothing");
}

}  // namespace

void AddMetricRemovals(CLI::App& group, ChosenCommand& chosen) {
  const auto [remove, remove_options] =
      AddCommand(group, chosen, "delete", "Delete a metric; it can be brought back", &DeleteMetric);
  AddMetricName(*remove, remove_options->name);
  AddCommonOptions(*remove, *remove_options);
  remove->add_flag("--yes", remove_options->yes, "Do not ask");
  remove->footer(
      "A deleted metric is listed, searched and computed no more; versions and results stay. One "
      "that\n"
      "others read is refused.\n\n"
      "Examples:\n"
      "  metricctl metrics delete price/opening_range\n"
      "  metricctl metrics delete price/opening_range --yes");
  const auto [restore, restore_options] =
      AddCommand(group, chosen, "undelete", "Bring a deleted metric back", &UndeleteMetric);
  restore
      ->add_option("NAME", restore_options->name,
                   "The id category/name, or the name alone if one deleted metric has it")
      ->required();
  AddCommonOptions(*restore, *restore_options);
  restore->footer("Examples:\n  metricctl metrics undelete price/opening_range");
}

}  // namespace metricstore::cli
