#include "registry_service/api/request/content_hash.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <openssl/evp.h>

#include <cstdint>

namespace metricstore::registry::api {
namespace {

EVP_MD_CTX* Context(void* state) { return static_cast<EVP_MD_CTX*>(state); }

}  // namespace

ContentHash::ContentHash() : state_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex(Context(state_), EVP_sha256(), nullptr);
}

ContentHash::~ContentHash() { EVP_MD_CTX_free(Context(state_)); }

void ContentHash::Add(const google::protobuf::MessageLite& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  const uint64_t size = bytes.size();
  EVP_DigestUpdate(Context(state_), &size, sizeof(size));
  EVP_DigestUpdate(Context(state_), bytes.data(), bytes.size());
}

std::string ContentHash::Take() {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  EVP_DigestFinal_ex(Context(state_), reinterpret_cast<unsigned char*>(digest.data()), &size);
  digest.resize(size);
  return digest;
}

}  // namespace metricstore::registry::api
