// Finds the files that describe services, with their comments where these were kept.
#pragma once

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace metricstore::rpc {

// Looks into descriptor sets that protoc wrote with their source info, then into the descriptors
// compiled into the program, which have no comments. Thread-safe.
class DescriptorSource {
 public:
  // Serialised files.
  using Files = std::vector<std::string>;

  // Each of `descriptor_sets` is a serialised FileDescriptorSet, or empty. Of a file that several
  // hold the first is shown.
  explicit DescriptorSource(const std::vector<std::string_view>& descriptor_sets);

  // The file and all that it imports, without those in `sent`, which grows. All are NOT_FOUND for
  // what is unknown.
  absl::StatusOr<Files> FileByName(const std::string& name, std::set<std::string>& sent) const;
  absl::StatusOr<Files> FileWithSymbol(const std::string& symbol,
                                       std::set<std::string>& sent) const;
  absl::StatusOr<Files> FileWithExtension(const std::string& type, int number,
                                          std::set<std::string>& sent) const;
  absl::StatusOr<std::vector<int>> ExtensionNumbers(const std::string& type) const;

 private:
  void AddDocumented(std::string_view descriptor_set);
  void AppendWithImports(const google::protobuf::FileDescriptorProto& file,
                         std::set<std::string>& sent, Files& files) const;

  google::protobuf::SimpleDescriptorDatabase documented_;
  google::protobuf::DescriptorPoolDatabase compiled_;
  // Searched in this order. MergedDescriptorDatabase only reads, but its methods are not const.
  mutable google::protobuf::MergedDescriptorDatabase all_;
};

}  // namespace metricstore::rpc
