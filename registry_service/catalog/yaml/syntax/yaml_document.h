// A definition file as a tree of YAML nodes that know where they stand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace metricstore::registry {

// Line and column are counted from 1.
struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMapping };
  Kind kind = Kind::kNull;
  std::string scalar;           // kScalar
  bool is_plain = false;        // kScalar: without quotes
  bool is_flow = false;         // kSequence: in [ ]
  std::vector<YamlNode> keys;   // kMapping: keys[i] belongs to items[i]
  std::vector<YamlNode> items;  // kSequence and kMapping
  int line = 0;
  int column = 0;
};

// A place in a file and what is wrong there.
struct YamlFault {
  int line = 0;
  int column = 0;
  std::string message;
};

struct YamlDocument {
  YamlNode root;  // kNull for a file without content
  std::vector<YamlFault> faults;
};

// Parses the one document of a file; ends of lines are read as LF. Faults: syntax errors, text with
// a defect of FindTextDefect, keys that a mapping holds twice, and what definitions have no use
// for: aliases, tags of types, several documents, nesting deeper than 24.
YamlDocument ParseYaml(std::string_view file);

}  // namespace metricstore::registry
