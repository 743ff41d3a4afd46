// A tree drawn with lines.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace metricstore::cli {

struct TreeNode {
  std::string text;
  std::vector<TreeNode> children;
};

// The root's text, and its children below it:
//   price/range
//   ├─ made from
//   │  └─ fact_bars
//   └─ read by
void PrintTree(const TreeNode& root, std::ostream& out);

}  // namespace metricstore::cli
