// Where a metric and its fields stand in the text of a definition file.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace metricstore::cli {

// YAML is the registry's to read: this knows what is plain to see, one key a line or a whole metric
// in one line, and nothing of the rest. Immutable once found.
class MetricLines {
 public:
  MetricLines() = default;
  // Nothing is known if no definition of the text, or more than one, plainly has this name.
  static MetricLines Find(std::string_view text, std::string_view name);

  // The line that gives the name, from 1; 0 if it is not known.
  int line() const { return line_; }
  // Of a field as errors call it: "expression", "filters[1]", "window.session"; 0 if it is not
  // known.
  int LineOf(std::string_view field) const;

 private:
  int line_ = 0;
  bool is_one_line_ = false;
  std::map<std::string, int, std::less<>> fields_;
};

}  // namespace metricstore::cli
