#include "common/logging/line.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace metricstore::logging {
namespace {

using Json = nlohmann::ordered_json;

std::string Cut(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return std::string(text);
  size_t end = max_bytes;
  // Not in the middle of a UTF-8 character.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

// `kept` fields, each text cut to `max_text_bytes`.
std::string Render(absl::Time time, Level level, std::string_view service, std::string_view message,
                   std::initializer_list<Field> fields, size_t kept, size_t max_text_bytes,
                   bool truncated) {
  Json line;
  line["time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
  line["level"] = LevelName(level);
  line["service"] = Cut(service, max_text_bytes);
  line["message"] = Cut(message, max_text_bytes);
  for (const Field& field : fields) {
    if (kept-- == 0) break;
    Json value;
    if (const auto* text = std::get_if<std::string>(&field.value)) {
      value = Cut(*text, max_text_bytes);
    } else {
      std::visit([&value](const auto& datum) { value = datum; }, field.value);
    }
    line.emplace(Cut(field.key, max_text_bytes), std::move(value));
  }
  if (truncated) line.emplace("truncated", true);
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string FormatLine(absl::Time time, Level level, std::string_view service,
                       std::string_view message, std::initializer_list<Field> fields) {
  std::string line =
      Render(time, level, service, message, fields, fields.size(), kMaxLineBytes, false);
  // An escaped byte takes up to six, so even a short text may need another round.
  for (size_t max_text_bytes = 4096; line.size() > kMaxLineBytes && max_text_bytes >= 64;
       max_text_bytes /= 4) {
    line = Render(time, level, service, message, fields, fields.size(), max_text_bytes, true);
  }
  for (size_t kept = fields.size(); line.size() > kMaxLineBytes && kept > 0;) {
    kept /= 2;
    line = Render(time, level, service, message, fields, kept, 64, true);
  }
  return line;
}

}  // namespace metricstore::logging
