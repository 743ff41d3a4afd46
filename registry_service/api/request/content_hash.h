// A hash of a message's content that is the same in every process and release.
#pragma once

#include <google/protobuf/message_lite.h>

#include <string>

namespace metricstore::registry::api {

// Adds up messages. Not thread-safe.
class ContentHash {
 public:
  ContentHash();
  ~ContentHash();
  ContentHash(const ContentHash&) = delete;
  ContentHash& operator=(const ContentHash&) = delete;

  // Adds the message's serialisation with map entries in order, and its length.
  void Add(const google::protobuf::MessageLite& message);
  // The SHA-256 of what was added, 32 bytes. To be called once.
  std::string Take();

 private:
  void* state_;  // EVP_MD_CTX
};

}  // namespace metricstore::registry::api
