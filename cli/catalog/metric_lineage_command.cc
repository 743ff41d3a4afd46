#include <map>
#include <set>
#include <utility>

#include "cli/catalog/metric_commands.h"
#include "cli/catalog/metric_suggestions.h"
#include "cli/catalog/metric_text.h"
#include "cli/messages/proto_text.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/table_printer.h"
#include "cli/output/tree_printer.h"
#include "metricstore/registry/v1/catalog_service.grpc.pb.h"

namespace metricstore::cli {
namespace {

using registry::v1::CatalogService;
using registry::v1::GetLineageResponse;
using registry::v1::LineageNode;

struct MetricLineageOptions {
  std::string name;
};

// Draws a lineage: upwards to tables and columns, downwards to the metrics that read it. A metric
// that several paths reach is drawn in full where it is met first.
class LineageTree {
 public:
  explicit LineageTree(const GetLineageResponse& lineage) {
    for (const LineageNode& node : lineage.nodes()) nodes_[node.id()] = &node;
  }

  TreeNode Draw(const LineageNode& metric) {
    TreeNode root{Title(metric), {}};
    shown_ = {metric.id()};
    root.children.push_back({"made from", Sources(metric)});
    shown_ = {metric.id()};
    root.children.push_back({"read by", Readers(metric)});
    for (TreeNode& branch : root.children) {
      if (branch.children.empty()) branch.text += " nothing";
    }
    return root;
  }

 private:
  static std::string Title(const LineageNode& node) {
    return Concat(node.id(), " v", node.version());
  }

  // The metrics `ids`, each with what `below` makes of it.
  template <typename Ids>
  std::vector<TreeNode> Metrics(const Ids& ids,
                                std::vector<TreeNode> (LineageTree::*below)(const LineageNode&)) {
    std::vector<TreeNode> branches;
    for (const std::string& id : ids) {
      const auto found = nodes_.find(id);
      if (found == nodes_.end()) {
        branches.push_back({id, {}});
      } else if (!shown_.insert(id).second) {
        branches.push_back({Title(*found->second) + " (see above)", {}});
      } else {
        branches.push_back({Title(*found->second), (this->*below)(*found->second)});
      }
    }
    return branches;
  }

  std::vector<TreeNode> Sources(const LineageNode& node) {
    std::vector<TreeNode> branches = Metrics(node.upstream(), &LineageTree::Sources);
    for (const std::string& table : node.tables()) {
      TreeNode branch{"table " + table, {}};
      const std::string prefix = table + ".";
      for (const std::string& column : node.columns()) {
        if (column.starts_with(prefix))
          branch.children.push_back({column.substr(prefix.size()), {}});
      }
      branches.push_back(std::move(branch));
    }
    return branches;
  }

  std::vector<TreeNode> Readers(const LineageNode& node) {
    return Metrics(node.downstream(), &LineageTree::Readers);
  }

  std::map<std::string, const LineageNode*> nodes_;
  std::set<std::string> shown_;
};

// One arrow a row, for programs.
Table ArrowTable(const GetLineageResponse& lineage) {
  Table table{{{"metric"}, {"reads_kind"}, {"reads"}}, {}};
  for (const LineageNode& node : lineage.nodes()) {
    for (const auto& name : node.upstream()) table.rows.push_back({node.id(), "metric", name});
    for (const auto& name : node.tables()) table.rows.push_back({node.id(), "table", name});
    for (const auto& name : node.columns()) table.rows.push_back({node.id(), "column", name});
  }
  return table;
}

absl::StatusOr<int> ShowLineage(Invocation& invocation, const MetricLineageOptions& options) {
  registry::v1::GetLineageRequest request;
  request.set_project(invocation.connection.project());
  request.set_name(options.name);
  const absl::StatusOr<GetLineageResponse> found =
      invocation.connection.Call(Peer::kRegistry, &CatalogService::Stub::GetLineage, request);
  if (!found.ok()) return ExplainMissing(invocation, options.name, found.status());
  const GetLineageResponse& response = *found;
  std::ostream& out = invocation.terminal.out;
  switch (invocation.format) {
    case OutputFormat::kJson:
      PrintJson(response, out);
      break;
    case OutputFormat::kCsv:
      PrintTable(ArrowTable(response), invocation.format, out);
      break;
    case OutputFormat::kTable:
      if (response.nodes().empty()) return Failure("the registry gave no lineage");
      PrintTree(LineageTree(response).Draw(response.nodes(0)), out);
      break;
  }
  return kExitOk;
}

}  // namespace

void AddMetricLineage(CLI::App& group, ChosenCommand& chosen) {
  const auto [lineage, options] = AddCommand(
      group, chosen, "lineage", "Show what a metric is made from and what reads it", &ShowLineage);
  AddMetricName(*lineage, options->name);
  lineage->footer(
      "Examples:\n"
      "  metricctl metrics lineage price/daily_range_us\n"
      "  metricctl metrics lineage daily_range_us -o json");
}

}  // namespace metricstore::cli
