#include "common/rpc/descriptor_source.h"

#include <google/protobuf/descriptor.h>

#include "absl/strings/str_cat.h"
#include "common/logging/logging.h"

namespace metricstore::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptorProto;

absl::Status Unknown(std::string_view what) {
  return absl::NotFoundError(absl::StrCat("not found: ", std::string(what)));
}

}  // namespace

DescriptorSource::DescriptorSource(const std::vector<std::string_view>& descriptor_sets)
    : compiled_(*DescriptorPool::generated_pool()), all_(&documented_, &compiled_) {
  for (const std::string_view set : descriptor_sets) AddDocumented(set);
}

void DescriptorSource::AddDocumented(std::string_view descriptor_set) {
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromArray(descriptor_set.data(), static_cast<int>(descriptor_set.size()))) {
    logging::Warning("reflection lacks comments: a descriptor set is damaged");
    return;
  }
  FileDescriptorProto known;
  for (const FileDescriptorProto& file : set.file()) {
    if (!documented_.FindFileByName(file.name(), &known)) documented_.Add(file);
  }
}

void DescriptorSource::AppendWithImports(const FileDescriptorProto& file,
                                         std::set<std::string>& sent, Files& files) const {
  if (!sent.insert(file.name()).second) return;
  files.push_back(file.SerializeAsString());
  for (const std::string& import : file.dependency()) {
    FileDescriptorProto imported;
    if (!sent.contains(import) && all_.FindFileByName(import, &imported)) {
      AppendWithImports(imported, sent, files);
    }
  }
}

absl::StatusOr<DescriptorSource::Files> DescriptorSource::FileByName(
    const std::string& name, std::set<std::string>& sent) const {
  FileDescriptorProto file;
  if (!all_.FindFileByName(name, &file)) return Unknown(name);
  Files files;
  sent.erase(name);  // what is asked for by name is always sent
  AppendWithImports(file, sent, files);
  return files;
}

absl::StatusOr<DescriptorSource::Files> DescriptorSource::FileWithSymbol(
    const std::string& symbol, std::set<std::string>& sent) const {
  FileDescriptorProto file;
  if (!all_.FindFileContainingSymbol(symbol, &file)) return Unknown(symbol);
  return FileByName(file.name(), sent);
}

absl::StatusOr<DescriptorSource::Files> DescriptorSource::FileWithExtension(
    const std::string& type, int number, std::set<std::string>& sent) const {
  FileDescriptorProto file;
  if (!all_.FindFileContainingExtension(type, number, &file)) {
    return Unknown(absl::StrCat(type, " extension ", number));
  }
  return FileByName(file.name(), sent);
}

absl::StatusOr<std::vector<int>> DescriptorSource::ExtensionNumbers(const std::string& type) const {
  std::vector<int> numbers;
  if (DescriptorPool::generated_pool()->FindMessageTypeByName(type) == nullptr) {
    return Unknown(type);
  }
  all_.FindAllExtensionNumbers(type, &numbers);
  return numbers;
}

}  // namespace metricstore::rpc
