#include "registry_service/catalog/yaml/definition_files.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/metric_shape.h"
#include "registry_service/catalog/yaml/calendar_yaml.h"
#include "registry_service/catalog/yaml/dataset_yaml.h"
#include "registry_service/catalog/yaml/metric_yaml.h"
#include "registry_service/catalog/yaml/syntax/yaml_document.h"
#include "registry_service/catalog/yaml/syntax/yaml_mapping.h"

namespace metricstore::registry {
namespace {

// "metrics/intraday/range.yaml" -> "intraday".
std::string FolderOf(const std::string& path) {
  const size_t end = path.rfind('/');
  if (end == std::string::npos) return "";
  const size_t start = end == 0 ? std::string::npos : path.rfind('/', end - 1);
  const size_t from = start == std::string::npos ? 0 : start + 1;
  return path.substr(from, end - from);
}

std::string NameOf(const calendar::CalendarSpec& spec) { return spec.name; }
std::string NameOf(const Dataset& dataset) { return dataset.name; }
std::string NameOf(const ColumnNotes& notes) { return notes.table; }
std::string NameOf(const MetricDefinition& metric) {
  return metric.name.empty() || metric.category.empty() ? "" : metric.id();
}

class FilesReader {
 public:
  explicit FilesReader(Faults& faults) : faults_(faults) {}

  void ReadFile(const DefinitionFile& file) {
    const YamlDocument document = ParseYaml(file.content);
    for (const YamlFault& fault : document.faults) {
      AddYamlFault(file.path, fault.line, fault.column, fault.message);
    }
    if (!document.faults.empty()) return;
    const YamlNode& root = document.root;
    if (root.kind == YamlNode::Kind::kMapping) {
      ReadDefinition(file.path, root);
    } else if (root.kind == YamlNode::Kind::kSequence && !root.items.empty()) {
      for (const YamlNode& item : root.items) ReadDefinition(file.path, item);
    } else if (root.kind == YamlNode::Kind::kScalar) {
      AddYamlFault(file.path, root.line, root.column,
                   "the file holds a plain text, not a mapping or a list of mappings");
    } else {
      AddYamlFault(file.path, 1, 1, "the file defines nothing");
    }
  }

  Definitions Take() { return std::move(definitions_); }

 private:
  void AddYamlFault(const std::string& path, int line, int column, const std::string& message) {
    MayHaveMore();
    faults_.Add({path,
                 line,
                 "YAML_INVALID",
                 absl::StrCat("column ", column, ": ", message),
                 {{"column", absl::StrCat(column)}}});
  }

  // Of every kind.
  void MayHaveMore() {
    definitions_.may_have_more_calendars = definitions_.may_have_more_datasets = true;
  }

  void ReadDefinition(const std::string& path, const YamlNode& node) {
    YamlSource source{path, faults_, {}, {}, {}};
    YamlMapping mapping(node, source, "");
    if (node.kind != YamlNode::Kind::kMapping) {
      MayHaveMore();
      return;
    }
    const std::string kind = mapping.Choice("kind", {"calendar", "dataset", "columns", "metric"})
                                 .value_or(mapping.Text("kind").empty() ? "metric" : "");
    const auto keep = [&](auto definition, auto& list) {
      Keep(std::move(definition), node.line, source, kind, list);
    };
    if (kind == "calendar") {
      keep(ReadCalendar(mapping), definitions_.calendars);
    } else if (kind == "dataset") {
      keep(ReadDataset(mapping), definitions_.datasets);
    } else if (kind == "columns") {
      keep(ReadColumnNotes(mapping), definitions_.columns);
    } else if (kind == "metric") {
      keep(ReadMetric(mapping, FolderOf(path)), definitions_.metrics);
      Located<MetricDefinition>& metric = definitions_.metrics.back();
      metric.ReportNew(CheckMetricShape(metric.definition), faults_);
    } else {
      MayHaveMore();
    }
  }

  // Nameless ones and second ones of a name are kept as well: what else is wrong with them is told.
  template <typename Definition>
  void Keep(Definition definition, int line, YamlSource& source, const std::string& kind,
            std::vector<Located<Definition>>& list) {
    const std::string name = NameOf(definition);
    if (name.empty()) {
      definitions_.may_have_more_calendars |= kind == "calendar";
      definitions_.may_have_more_datasets |= kind == "dataset";
    } else {
      CheckUnique(kind, name, source.path, line);
    }
    list.push_back({std::move(definition), source.path, line, std::move(source.lines),
                    std::move(source.faulty), std::move(source.doubts)});
  }

  void CheckUnique(const std::string& kind, const std::string& name, const std::string& path,
                   int line) {
    const auto [first, is_new] =
        places_.emplace(absl::StrCat(kind, " ", name), absl::StrCat(path, ":", line));
    if (is_new) return;
    faults_.Add(
        {path,
         line,
         "DEFINITION_DUPLICATE",
         absl::StrCat(kind, " \"", Excerpt(name), "\" is defined at ", first->second, " too"),
         {{"name", name}}});
  }

  Faults& faults_;
  Definitions definitions_;
  std::map<std::string, std::string> places_;  // "metric a/b" -> "path:line"
};

}  // namespace

Definitions ReadDefinitions(std::span<const DefinitionFile> files, Faults& faults) {
  std::vector<const DefinitionFile*> ordered;
  for (const DefinitionFile& file : files) ordered.push_back(&file);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto* a, const auto* b) { return a->path < b->path; });
  FilesReader reader(faults);
  for (const DefinitionFile* file : ordered) reader.ReadFile(*file);
  return reader.Take();
}

}  // namespace metricstore::registry
