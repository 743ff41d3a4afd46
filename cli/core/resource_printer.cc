#include "cli/core/resource_printer.h"

namespace metricstore::cli {
namespace {

Table FieldTable(const std::vector<FieldSection>& sections) {
  Table table{{{"field"}, {"value"}}, {}};
  for (const FieldSection& section : sections) {
    for (const auto& [name, value] : section.fields) {
      if (!value.empty()) table.rows.push_back({name, value});
    }
  }
  return table;
}

void PrintView(const ResourceView& view, std::ostream& out) {
  const bool plain = view.sections.size() == 1 && view.sections.front().title.empty();
  if (plain) {
    PrintFields(view.sections.front().fields, out);
  } else {
    PrintSections(view.sections, out);
  }
  if (view.parts.columns.empty()) return;
  out << '\n';
  PrintTable(view.parts, OutputFormat::kTable, out);
}

}  // namespace

void PrintResource(const Invocation& invocation, const google::protobuf::Message& message,
                   const ResourceView& view) {
  std::ostream& out = invocation.terminal.out;
  switch (invocation.format) {
    case OutputFormat::kJson:
      return PrintJson(message, out);
    case OutputFormat::kTable:
      return PrintView(view, out);
    case OutputFormat::kCsv:
      if (!view.csv.columns.empty()) return PrintTable(view.csv, invocation.format, out);
      if (!view.parts.columns.empty()) return PrintTable(view.parts, invocation.format, out);
      return PrintTable(FieldTable(view.sections), invocation.format, out);
  }
}

}  // namespace metricstore::cli
