// Faults of definitions, collected so that one import or edit reports them all.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace metricstore::registry {

// What is wrong at one place of one file.
struct Fault {
  std::string path;  // "" for a metric that is edited, not imported
  int line = 0;
  std::string reason;  // name of an ErrorReason
  std::string message;
  std::map<std::string, std::string> metadata;  // beside path and line
};

// What is wrong with one field of a definition, wherever it stands.
struct FieldFault {
  std::string field;   // "expression", "columns[2].type"
  std::string reason;  // name of an ErrorReason
  std::string message;
  std::map<std::string, std::string> metadata;  // beside field
};

// Not thread-safe.
class Faults {
 public:
  void Add(Fault fault) { faults_.push_back(std::move(fault)); }
  bool empty() const { return faults_.empty(); }
  size_t size() const { return faults_.size(); }
  // In order of arrival.
  const std::vector<Fault>& all() const { return faults_; }

  // OK if there are none. Else INVALID_ARGUMENT with one violation for each fault, named
  // "path:line", in order of path and line; reason and metadata are those of the first, with its
  // path and line. Faults without a path are named "metric.<field>" after their metadata "field",
  // in order of arrival, and have neither path nor line.
  absl::Status ToStatus() const;

 private:
  std::vector<Fault> faults_;
};

}  // namespace metricstore::registry
