#include "registry_service/api/catalog/encoded_reply.h"

#include <cstdint>
#include <cstring>

#include "registry_service/api/catalog/metric_conversion.h"

namespace metricstore::registry::api {
namespace {

// See the encoding of protocol buffers.
enum WireType { kVarint = 0, kFixed64 = 1, kSized = 2 };

void AppendVarint(uint64_t value, std::string& reply) {
  for (; value >= 0x80; value >>= 7) reply.push_back(static_cast<char>(value | 0x80));
  reply.push_back(static_cast<char>(value));
}

void AppendTag(int field, WireType type, std::string& reply) {
  AppendVarint(static_cast<uint64_t>(field) << 3 | type, reply);
}

}  // namespace

void AppendField(int field, std::string_view bytes, std::string& reply) {
  AppendTag(field, kSized, reply);
  AppendVarint(bytes.size(), reply);
  reply.append(bytes);
}

void AppendField(int field, double value, std::string& reply) {
  AppendTag(field, kFixed64, reply);
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  for (int shift = 0; shift < 64; shift += 8) reply.push_back(static_cast<char>(bits >> shift));
}

void AppendField(int field, size_t value, std::string& reply) {
  AppendTag(field, kVarint, reply);
  AppendVarint(value, reply);
}

void AppendMetric(const CatalogEntry& entry, std::string& reply) {
  reply.append(entry.encoded.empty() ? EncodeMetric(entry.active) : entry.encoded);
}

size_t EncodedBytes(const CatalogEntry& entry) { return entry.encoded.size(); }

}  // namespace metricstore::registry::api
