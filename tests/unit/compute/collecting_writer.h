// A stream that keeps what is written into it.
#pragma once

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "common/rpc/call.h"

namespace metricstore::compute {

template <typename Message>
class CollectingWriter : public rpc::StreamWriter<Message> {
 public:
  absl::Status Write(const Message& message) override {
    messages.push_back(message);
    return after_write(message);
  }

  std::vector<Message> messages;
  std::function<absl::Status(const Message&)> after_write = [](const Message&) {
    return absl::OkStatus();
  };
};

}  // namespace metricstore::compute
