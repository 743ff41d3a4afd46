// Field changes of definitions as people read them: before and after, line by line.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <ostream>
#include <string>

#include "cli/output/table_printer.h"
#include "metricstore/registry/v1/definition_change.pb.h"

namespace metricstore::cli {

using FieldChanges = google::protobuf::RepeatedPtrField<registry::v1::FieldChange>;

// For each change:
//   unit  BREAKING, makes a version: readers see other numbers
//     - USD
//     + EUR
// with colours if asked for. Every line starts with `indent`.
void PrintChanges(const FieldChanges& changes, const std::string& indent, bool coloured,
                  std::ostream& out);

// "expression, unit!": the fields, breaking ones marked.
std::string ChangedFieldsText(const FieldChanges& changes);

// One row for each change, for programs.
Table ChangeTable(const FieldChanges& changes);

}  // namespace metricstore::cli
