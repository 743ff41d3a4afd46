#include "registry_service/catalog/definition/excerpt.h"

namespace metricstore::registry {
namespace {

constexpr std::string_view kCutMark = "...";

}  // namespace

std::string Excerpt(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return std::string(text);
  size_t end = max_bytes - kCutMark.size();
  // Continuation bytes belong to the character before the cut.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)).append(kCutMark);
}

}  // namespace metricstore::registry
