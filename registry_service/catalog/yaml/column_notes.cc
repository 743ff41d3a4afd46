#include "registry_service/catalog/yaml/column_notes.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/yaml/syntax/yaml_items.h"

namespace metricstore::registry {
namespace {

constexpr size_t kMaxDescriptionBytes = 4 * 1024;
constexpr size_t kMaxSourceBytes = 200;

std::string ReadSource(YamlMapping& mapping) {
  std::string source = mapping.Text("source");
  if (source.size() > kMaxSourceBytes) {
    mapping.Invalid("source", absl::StrCat(mapping.FieldName("source"), " is longer than ",
                                           kMaxSourceBytes, " bytes"));
  } else if (source == kDefinitionSource) {
    mapping.Invalid("source", absl::StrCat(mapping.FieldName("source"), " \"", source,
                                           "\" is kept for descriptions in the dataset itself"));
  }
  return source;
}

ColumnNote ReadNote(YamlMapping& mapping) {
  ColumnNote note;
  note.column = mapping.RequiredText("name");
  note.description = mapping.Text("description");
  if (note.description.size() > kMaxDescriptionBytes) {
    mapping.Invalid("description",
                    absl::StrCat(mapping.FieldName("description"), " is longer than ",
                                 kMaxDescriptionBytes, " bytes"));
  }
  note.confidence = mapping.Number("confidence");
  if (note.confidence.has_value() && (*note.confidence < 0 || *note.confidence > 1)) {
    mapping.Invalid("confidence",
                    absl::StrCat(mapping.FieldName("confidence"), " must be a number from 0 to 1"));
  }
  note.source = ReadSource(mapping);
  mapping.Finish();
  return note;
}

void CheckColumnsOnce(const std::vector<ColumnNote>& notes, YamlMapping& mapping) {
  std::set<std::string> names;
  for (size_t i = 0; i < notes.size(); ++i) {
    if (notes[i].column.empty() || names.insert(notes[i].column).second) continue;
    mapping.Invalid(absl::StrCat("columns[", i, "]"),
                    absl::StrCat("columns describe \"", Excerpt(notes[i].column), "\" twice"));
  }
}

}  // namespace

ColumnNotes ReadColumnNotes(YamlMapping& mapping) {
  ColumnNotes notes;
  notes.table = mapping.RequiredText("table");
  std::string source = ReadSource(mapping);
  if (source.empty()) source = kImportSource;
  if (mapping.Take("columns") == nullptr) mapping.Missing("columns");
  notes.columns = ReadItems(mapping, "columns", ReadNote);
  for (ColumnNote& note : notes.columns) {
    if (note.source.empty()) note.source = source;
  }
  CheckColumnsOnce(notes.columns, mapping);
  mapping.Finish();
  return notes;
}

}  // namespace metricstore::registry
