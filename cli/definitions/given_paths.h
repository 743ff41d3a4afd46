// The paths of definition files as the person gave them, instead of those that the registry gets.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "metricstore/registry/v1/catalog_service.pb.h"

namespace metricstore::cli {

// The registry knows a file by its path below the folder that was given: it does not depend on
// where one stands. In what it answers, people look for the path that they can open. Not
// thread-safe.
class GivenPaths {
 public:
  // False if the registry knows another file by `sent` already.
  bool Add(const std::string& sent, const std::string& given);

  // The given path of a file, or the path itself if it is unknown.
  std::string Of(const std::string& sent) const;
  // `text` with the given paths in the place of those that were sent.
  std::string In(std::string_view text) const;
  // The same error, its message, metadata and violations rewritten.
  absl::Status In(const absl::Status& error) const;

  void Rewrite(registry::v1::ImportOutcome& outcome) const;
  void Rewrite(registry::v1::DefinitionReport& report) const;

 private:
  std::map<std::string, std::string, std::less<>> given_;  // by sent path
};

}  // namespace metricstore::cli
