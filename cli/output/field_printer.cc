#include "cli/output/field_printer.h"

#include <algorithm>
#include <string_view>

#include "cli/output/plain_text.h"

namespace metricstore::cli {
namespace {

size_t NameWidth(const Fields& fields) {
  size_t width = 0;
  for (const auto& [name, value] : fields) width = std::max(width, name.size());
  return width;
}

void PrintAligned(const Fields& fields, std::string_view indent, size_t width, std::ostream& out) {
  constexpr size_t kGap = 2;
  for (const auto& [name, value] : fields) {
    std::string label = name;
    for (const std::string& line : PlainLines(value)) {
      out << indent << label << std::string(width + kGap - label.size(), ' ') << line << '\n';
      label.clear();
    }
  }
}

bool IsEmpty(const FieldSection& section) {
  return std::all_of(section.fields.begin(), section.fields.end(),
                     [](const auto& field) { return field.second.empty(); });
}

}  // namespace

void PrintFields(const Fields& fields, std::ostream& out) {
  PrintAligned(fields, "", NameWidth(fields), out);
}

void PrintSections(const std::vector<FieldSection>& sections, std::ostream& out) {
  size_t width = 0;
  for (const FieldSection& section : sections) width = std::max(width, NameWidth(section.fields));
  bool first = true;
  for (const FieldSection& section : sections) {
    if (IsEmpty(section)) continue;
    if (!first) out << '\n';
    first = false;
    out << section.title << '\n';
    PrintAligned(section.fields, "  ", width, out);
  }
}

}  // namespace metricstore::cli
