#include "cli/output/tree_printer.h"

#include "cli/output/plain_text.h"

namespace metricstore::cli {
namespace {

void PrintChildren(const TreeNode& node, const std::string& indent, std::ostream& out) {
  for (const TreeNode& child : node.children) {
    const bool last = &child == &node.children.back();
    out << indent << (last ? "└─ " : "├─ ") << OneLine(child.text) << '\n';
    PrintChildren(child, indent + (last ? "   " : "│  "), out);
  }
}

}  // namespace

void PrintTree(const TreeNode& root, std::ostream& out) {
  out << OneLine(root.text) << '\n';
  PrintChildren(root, "", out);
}

}  // namespace metricstore::cli
