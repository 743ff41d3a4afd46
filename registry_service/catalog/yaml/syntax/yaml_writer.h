// Writes definitions as YAML, one key after the other.
#pragma once

#include <yaml-cpp/emitter.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "registry_service/catalog/yaml/syntax/text_style.h"

namespace metricstore::registry {

// Methods that take a key write one entry of the innermost open mapping; what is empty is left out.
// Texts must have no defect (FindTextDefect). Equal calls give equal bytes. Not thread-safe.
class YamlWriter {
 public:
  YamlWriter() = default;
  YamlWriter(const YamlWriter&) = delete;
  YamlWriter& operator=(const YamlWriter&) = delete;

  void BeginMapping();
  void BeginFlowMapping();
  void EndMapping();
  // Without its value, which must follow: a mapping.
  void Key(std::string_view key);

  // A text whose reader cuts surrounding white space off.
  void Text(std::string_view key, std::string_view text);
  // A value of a raw row, as it is; an empty one is written.
  void RawValue(std::string_view column, std::string_view text);
  // In double quotes, whatever it is.
  void Quoted(std::string_view key, std::string_view text);
  // A number, date, span, truth value or word of the language.
  void Plain(std::string_view key, std::string_view value);
  void Null(std::string_view key);
  // The shortest text that reads back as the number.
  void Number(std::string_view key, double value);
  // A list of texts, on one line where it is short.
  void Texts(std::string_view key, const std::vector<std::string>& texts);

  // A list of words of the language on several lines, as they are grouped.
  void Lines(std::string_view key, const std::vector<std::vector<std::string>>& lines);

  // A list of mappings, each on one line where that is short; `write(YamlWriter&, element)` writes
  // the entries of one, and may be called twice.
  template <typename Element, typename Write>
  void Mappings(std::string_view key, const std::vector<Element>& elements, Write write) {
    if (elements.empty()) return;
    Key(key);
    BeginList();
    for (const Element& element : elements) {
      YamlWriter line;
      line.BeginFlowMapping();
      write(line, element);
      line.EndMapping();
      const bool fits = InFlow() || line.emitter_.size() <= kMaxLineBytes;
      fits ? BeginFlowMapping() : BeginMapping();
      write(*this, element);
      EndMapping();
    }
    EndList();
  }

  // What was written; all mappings must be closed.
  std::string Take() const;

 private:
  // Of a mapping or list on one line, without its indentation.
  static constexpr size_t kMaxLineBytes = 110;

  void BeginList();
  void BeginFlowList();
  void EndList();
  bool InFlow() const { return flow_depth_ > 0; }
  void Scalar(std::string_view text, const TextPlace& place);

  YAML::Emitter emitter_;
  std::vector<bool> open_flow_;  // of each open mapping and list
  int flow_depth_ = 0;
};

}  // namespace metricstore::registry
