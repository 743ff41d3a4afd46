#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "registry_service/catalog/yaml/definition_export.h"
#include "registry_service/catalog/yaml/syntax/yaml_writer.h"

namespace metricstore::registry {
namespace {

// The source that all columns share, or the one that needs no mention.
std::string CommonSource(const ColumnNotes& notes) {
  const auto other = [&](const ColumnNote& note) {
    return note.source != notes.columns.front().source;
  };
  const bool differ = std::any_of(notes.columns.begin(), notes.columns.end(), other);
  return notes.columns.empty() || differ ? std::string(kImportSource)
                                         : notes.columns.front().source;
}

}  // namespace

DefinitionFile ExportColumnNotes(const ColumnNotes& notes) {
  const std::string source = CommonSource(notes);
  YamlWriter writer;
  writer.BeginMapping();
  writer.Plain("kind", "columns");
  writer.Text("table", notes.table);
  if (source != kImportSource) writer.Text("source", source);
  writer.Mappings("columns", notes.columns, [&](YamlWriter& item, const ColumnNote& note) {
    item.Text("name", note.column);
    item.Text("description", note.description);
    if (note.confidence.has_value()) item.Number("confidence", *note.confidence);
    if (note.source != source) item.Text("source", note.source);
  });
  writer.EndMapping();
  return {absl::StrCat("columns/", notes.table, ".yaml"), writer.Take()};
}

}  // namespace metricstore::registry
