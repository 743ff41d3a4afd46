// Names and values of one thing as aligned lines, in sections.
#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace metricstore::cli {

// Name and value; fields with an empty value are not shown.
using Fields = std::vector<std::pair<std::string, std::string>>;

struct FieldSection {
  std::string title;
  Fields fields;
};

// Aligned "name  value" lines; a value of several lines goes on below its first.
void PrintFields(const Fields& fields, std::ostream& out);

// Sections with a title line each and an empty line between, values aligned over all of them.
// Sections without a value are not shown.
void PrintSections(const std::vector<FieldSection>& sections, std::ostream& out);

}  // namespace metricstore::cli
