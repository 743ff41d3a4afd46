#include "cli/catalog/metric_suggestions.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/core/paging.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/status/error.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::CatalogService;
using registry::v1::ListMetricsRequest;
using registry::v1::Metric;

// All metrics that fit. None if they cannot be had: a suggestion is no reason for an error.
std::vector<Metric> Metrics(Invocation& invocation, const std::string& filter, bool deleted) {
  constexpr int kPageSize = 1000;
  ListMetricsRequest request;
  request.set_page_size(kPageSize);
  request.set_filter(filter);
  request.set_show_deleted(deleted);
  std::vector<Metric> metrics;
  const absl::Status status = ForEachPage(
      invocation.connection, &CatalogService::Stub::ListMetrics, request, [&](const auto& page) {
        metrics.insert(metrics.end(), page.metrics().begin(), page.metrics().end());
      });
  return status.ok() ? metrics : std::vector<Metric>();
}

// Under what a metric may be looked for, in the form in which queries are compared.
std::vector<std::string> NamesOf(const Metric& metric) {
  std::vector<std::string> names = {metric.name(), metric.display_name()};
  names.insert(names.end(), metric.synonyms().begin(), metric.synonyms().end());
  for (std::string& name : names) {
    name = absl::AsciiStrToLower(name);
    std::replace(name.begin(), name.end(), '_', ' ');
  }
  return names;
}

// The query itself, and its words.
std::vector<std::string> FormsOf(const std::string& query) {
  const std::string lower = absl::AsciiStrToLower(query);
  std::vector<std::string> forms = {lower};
  for (const absl::string_view word : absl::StrSplit(lower, ' ', absl::SkipEmpty())) {
    if (word != lower) forms.emplace_back(word);
  }
  return forms;
}

// Ids of the metrics that have a name, or a word of one, near to the query or to a word of it.
std::vector<std::string> NearestIds(const std::vector<Metric>& metrics, const std::string& query) {
  constexpr size_t kMost = 3;
  std::vector<std::string> found;
  for (const std::string& form : FormsOf(query)) {
    for (const Metric& metric : metrics) {
      std::vector<std::string> candidates;
      for (const std::string& name : NamesOf(metric)) {
        for (const std::string& candidate : FormsOf(name)) candidates.push_back(candidate);
      }
      const bool near = !status::ClosestMatch(form, candidates).empty();
      const bool known = std::find(found.begin(), found.end(), metric.id()) != found.end();
      if (near && !known) found.push_back(metric.id());
      if (found.size() == kMost) return found;
    }
  }
  return found;
}

}  // namespace

std::string FilterString(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + '"';
}

std::vector<std::string> DeletedIds(Invocation& invocation, const std::string& name) {
  std::vector<std::string> ids;
  for (const Metric& metric : Metrics(invocation, "name = " + FilterString(name), true)) {
    if (metric.name() == name && metric.has_delete_time()) ids.push_back(metric.id());
  }
  return ids;
}

absl::Status ExplainMissing(Invocation& invocation, const std::string& name,
                            const absl::Status& error) {
  const bool bare = name.find('/') == std::string::npos;
  if (!bare || status::ReasonOf(error) != "METRIC_NOT_FOUND") return error;
  const std::vector<std::string> ids = DeletedIds(invocation, name);
  if (ids.empty()) return error;
  absl::Status deleted =
      absl::NotFoundError(Concat(Quoted(name), " was deleted: ", absl::StrJoin(ids, ", ")));
  for (const std::string& id : ids) {
    deleted = WithHint(deleted, Concat("metricctl metrics undelete ", id, " brings it back"));
  }
  return deleted;
}

void NoteUnknownCategory(Invocation& invocation, const std::string& category) {
  std::set<std::string> categories;
  for (const Metric& metric : Metrics(invocation, "", false)) categories.insert(metric.category());
  if (categories.empty() || categories.contains(category)) return;
  const std::vector<std::string> names(categories.begin(), categories.end());
  const std::string near = status::ClosestMatch(category, names);
  invocation.terminal.err << "note: there is no category " << Quoted(category)
                          << (near.empty() ? "; there are " + absl::StrJoin(names, ", ")
                                           : Concat("; did you mean ", Quoted(near), "?"))
                          << '\n';
}

void NoteNearestNames(Invocation& invocation, const std::string& query) {
  const std::vector<std::string> ids = NearestIds(Metrics(invocation, "", false), query);
  invocation.terminal.err << "note: nothing has all words of " << Quoted(query)
                          << (ids.empty() ? "; metricctl metrics list shows what there is"
                                          : "; nearest are " + absl::StrJoin(ids, ", "))
                          << '\n';
}

}  // namespace metricstore::cli
