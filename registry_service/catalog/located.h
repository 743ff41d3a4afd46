// A definition together with where its parts stand in the file that defines it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "registry_service/catalog/faults.h"

namespace metricstore::registry {

// Lines of fields: "grain" -> 4, "columns[2].type" -> 11.
using FieldLines = std::map<std::string, int, std::less<>>;

template <typename Definition>
struct Located {
  Definition definition;
  std::string path;
  int line = 0;
  FieldLines lines;
  // Whether it was read without a fault. One with faults still counts as defined, so that what
  // refers to it is not reported as well.
  bool sound = true;

  // The line of the field, or of the nearest part around it that has one.
  int LineOf(std::string_view field) const {
    while (!field.empty()) {
      if (const auto found = lines.find(field); found != lines.end()) return found->second;
      const size_t cut = field.find_last_of(".[");
      field = cut == std::string_view::npos ? "" : field.substr(0, cut);
    }
    return line;
  }

  void Report(const FieldFault& fault, Faults& faults) {
    sound = false;
    std::map<std::string, std::string> metadata = fault.metadata;
    metadata.emplace("field", fault.field);
    faults.Add({path, LineOf(fault.field), fault.reason, fault.message, std::move(metadata)});
  }
};

}  // namespace metricstore::registry
