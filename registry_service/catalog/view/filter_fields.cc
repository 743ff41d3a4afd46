#include "registry_service/catalog/view/filter_fields.h"

#include <algorithm>

#include "common/time/grain.h"

namespace metricstore::registry {
namespace {

using M = MetricDefinition;
using Texts = std::vector<std::string>;

Texts TypeNames() {
  Texts names;
  for (int type = 1; type <= static_cast<int>(MetricType::kSql); ++type) {
    names.emplace_back(MetricTypeName(static_cast<MetricType>(type)));
  }
  return names;
}

Texts GrainNames() {
  Texts names;
  for (int grain = 1; grain <= static_cast<int>(Grain::kYear); ++grain) {
    names.emplace_back(GrainName(static_cast<Grain>(grain)));
  }
  return names;
}

// In the order in which the protocol names them.
const FilterField kFields[] = {
    {.name = "id", .text = [](const M& m) { return m.id(); }},
    {.name = "name", .text = [](const M& m) { return m.name; }},
    {.name = "category", .text = [](const M& m) { return m.category; }},
    {.name = "display_name", .text = [](const M& m) { return m.display_name; }},
    {.name = "description", .text = [](const M& m) { return m.description; }},
    {.name = "type",
     .text = [](const M& m) { return std::string(MetricTypeName(m.type)); },
     .choices = TypeNames},
    {.name = "unit", .text = [](const M& m) { return m.unit; }},
    {.name = "grain",
     .text = [](const M& m) { return std::string(GrainName(m.grain)); },
     .choices = GrainNames},
    {.name = "table", .text = [](const M& m) { return m.dataset; }},
    {.name = "owner", .text = [](const M& m) { return m.owner; }},
    {.name = "source", .text = [](const M& m) { return m.source; }},
    {.name = "tags", .list = [](const M& m) -> const Texts& { return m.tags; }},
    {.name = "synonyms", .list = [](const M& m) -> const Texts& { return m.synonyms; }},
    {.name = "tables", .list = [](const M& m) -> const Texts& { return m.tables; }},
    {.name = "dimensions", .list = [](const M& m) -> const Texts& { return m.dimensions; }},
    {.name = "depends_on", .list = [](const M& m) -> const Texts& { return m.depends_on; }},
    {.name = "version", .number = [](const M& m) { return m.version; }},
    {.name = "active_version", .number = [](const M& m) { return m.active_version; }},
};

}  // namespace

const FilterField* FindFilterField(std::string_view name) {
  for (const FilterField& field : kFields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

std::vector<std::string> FilterFieldNames() {
  Texts names;
  for (const FilterField& field : kFields) names.emplace_back(field.name);
  return names;
}

bool StarPattern::Matches(std::string_view text) const {
  if (exact()) return text == parts_.front();
  const std::string& first = parts_.front();
  const std::string& last = parts_.back();
  if (text.size() < first.size() + last.size()) return false;
  if (!text.starts_with(first) || !text.ends_with(last)) return false;
  text.remove_prefix(first.size());
  text.remove_suffix(last.size());
  // The earliest place of each part leaves the most room for those after it.
  for (size_t i = 1; i + 1 < parts_.size(); ++i) {
    const size_t place = text.find(parts_[i]);
    if (place == std::string_view::npos) return false;
    text.remove_prefix(place + parts_[i].size());
  }
  return true;
}

}  // namespace metricstore::registry
