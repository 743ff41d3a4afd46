#include "common/rpc/memory_handler.h"

#include <vector>

#include "absl/time/clock.h"
#include "common/rpc/call_instruments.h"
#include "common/status/error.h"

namespace metricstore::rpc {

MemoryMethod::MemoryMethod(ServerRuntime& runtime, std::string_view method)
    : runtime_(runtime), name_(method), seconds_(runtime.call_instruments().Seconds(name_, "OK")) {}

void MemoryMethod::Answered(absl::Time start) const {
  seconds_.Observe(absl::ToDoubleSeconds(absl::Now() - start));
}

bool ParseMessage(const grpc::ByteBuffer& bytes, google::protobuf::MessageLite& message) {
  grpc::Slice whole;
  if (!bytes.TrySingleSlice(&whole).ok() && !bytes.DumpToSingleSlice(&whole).ok()) return false;
  return message.ParseFromArray(whole.begin(), static_cast<int>(whole.size()));
}

grpc::ByteBuffer ToBytes(std::string_view text) {
  const grpc::Slice slice(text.data(), text.size());
  return grpc::ByteBuffer(&slice, 1);
}

absl::Status NoSuchMessage() {
  return status::FieldInvalid("request", "", "is not a message of this method");
}

}  // namespace metricstore::rpc
