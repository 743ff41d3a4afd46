#include "common/rpc/page_token.h"

#include <openssl/sha.h>

#include <cstdint>

#include "absl/strings/escaping.h"
#include "common/status/error.h"

namespace metricstore::rpc {
namespace {

// Keys are short; a longer token is not ours.
constexpr size_t kMaxTokenBytes = 8192;
constexpr size_t kDigestBytes = 12;

void AppendSized(std::string_view text, std::string& out) {
  const auto size = static_cast<uint32_t>(text.size());
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(size >> shift));
  out.append(text);
}

bool TakeSized(std::string_view& in, std::string& text) {
  if (in.size() < 4) return false;
  uint32_t size = 0;
  for (int i = 0; i < 4; ++i) size |= static_cast<uint32_t>(static_cast<uint8_t>(in[i])) << (8 * i);
  in.remove_prefix(4);
  if (in.size() < size) return false;
  text.assign(in.substr(0, size));
  in.remove_prefix(size);
  return true;
}

// Binds the keys to their scope. It finds damage and mistakes; it is no secret.
std::string Digest(std::string_view scope, std::string_view keys) {
  std::string text = "metricstore page token 1";
  AppendSized(scope, text);
  text.append(keys);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), kDigestBytes);
}

absl::Status TokenInvalid() {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID",
                              "page_token is not one that this method gave for this request")
      .Field(
          "page_token",
          "give the next_page_token of the page before, with the same filters, or leave it empty")
      .Build();
}

}  // namespace

std::string EncodePageToken(std::string_view scope, const std::vector<std::string>& keys) {
  std::string sized;
  for (const std::string& key : keys) AppendSized(key, sized);
  return absl::WebSafeBase64Escape(Digest(scope, sized) + sized);
}

absl::StatusOr<std::vector<std::string>> DecodePageToken(std::string_view scope,
                                                         std::string_view token) {
  std::vector<std::string> keys;
  if (token.empty()) return keys;
  std::string bytes;
  if (token.size() > kMaxTokenBytes ||
      !absl::WebSafeBase64Unescape(absl::string_view(token.data(), token.size()), &bytes) ||
      bytes.size() < kDigestBytes) {
    return TokenInvalid();
  }
  std::string_view rest = std::string_view(bytes).substr(kDigestBytes);
  if (Digest(scope, rest) != std::string_view(bytes).substr(0, kDigestBytes)) {
    return TokenInvalid();
  }
  while (!rest.empty()) {
    if (!TakeSized(rest, keys.emplace_back())) return TokenInvalid();
  }
  return keys;
}

}  // namespace metricstore::rpc
