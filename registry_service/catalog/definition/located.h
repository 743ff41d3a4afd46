// A definition together with where its parts stand in the file that defines it.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry_service/catalog/definition/faults.h"

namespace metricstore::registry {

// Lines of fields: "grain" -> 4, "columns[2].type" -> 11.
using FieldLines = std::map<std::string, int, std::less<>>;
// Names of fields with faults.
using FaultyFields = std::set<std::string, std::less<>>;

// The part that `field` is in: "columns[2]" for "columns[2].type", then "columns", then "".
inline std::string_view EnclosingField(std::string_view field) {
  const size_t cut = field.find_last_of(".[");
  return cut == std::string_view::npos ? "" : field.substr(0, cut);
}

template <typename Definition>
struct Located {
  Definition definition;
  std::string path;
  int line = 0;
  FieldLines lines;
  // One with faults still counts as defined, so that what refers to it is not reported as well.
  FaultyFields faulty;
  // What reading took and found odd: `reason` names a warning.
  std::vector<FieldFault> doubts;

  // The line of the field, or of the nearest part around it that has one.
  int LineOf(std::string_view field) const {
    while (!field.empty()) {
      if (const auto found = lines.find(field); found != lines.end()) return found->second;
      field = EnclosingField(field);
    }
    return line;
  }

  // Whether a fault is at the field, at a part around it or inside it: its value means nothing.
  bool IsFaulty(std::string_view field) const {
    for (std::string_view part = field; !part.empty(); part = EnclosingField(part)) {
      if (faulty.contains(part)) return true;
    }
    for (auto inner = faulty.lower_bound(field); inner != faulty.end(); ++inner) {
      if (!inner->starts_with(field)) return false;
      if (const char next = (*inner)[field.size()]; next == '.' || next == '[') return true;
    }
    return false;
  }

  void Report(const FieldFault& fault, Faults& faults) {
    faulty.insert(fault.field);
    std::map<std::string, std::string> metadata = fault.metadata;
    metadata.emplace("field", fault.field);
    faults.Add({path, LineOf(fault.field), fault.reason, fault.message, std::move(metadata)});
  }

  // Reports what one check found, but for fields with faults from before: those would be told
  // twice.
  void ReportNew(const std::vector<FieldFault>& found, Faults& faults) {
    std::vector<const FieldFault*> fresh;
    for (const FieldFault& fault : found) {
      const bool told = std::any_of(fresh.begin(), fresh.end(), [&](const FieldFault* other) {
        return other->field == fault.field && other->message == fault.message;
      });
      if (!told && !IsFaulty(fault.field)) fresh.push_back(&fault);
    }
    for (const FieldFault* fault : fresh) Report(*fault, faults);
  }
};

}  // namespace metricstore::registry
