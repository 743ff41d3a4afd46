#include "cli/csv/row_parser.h"

#include <utility>

#include "cli/csv/batch_builder.h"
#include "cli/csv/value_parser.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "common/columns/utf8.h"

namespace metricstore::cli {
namespace {

using columns::ColumnType;

bool RejectLine(const CsvRecord& record, std::string_view column, std::string description,
                Reject* reject) {
  *reject = {record.line, std::string(column), std::move(description)};
  return false;
}

std::string FieldCountFault(size_t found, size_t expected) {
  return Concat(found, found == 1 ? " field" : " fields", " where the header has ", expected);
}

}  // namespace

std::string RejectText(const Reject& reject) {
  if (reject.column.empty()) return Concat("line ", reject.line, ": ", reject.description);
  return Concat("line ", reject.line, ": column ", reject.column, ": ", reject.description);
}

RowParser::RowParser(ColumnMapping mapping, ParseOptions options)
    : mapping_(std::move(mapping)), options_(std::move(options)) {}

absl::StatusOr<RowParser> RowParser::Create(ColumnMapping mapping, ParseOptions options) {
  RowParser parser(std::move(mapping), std::move(options));
  for (const ColumnSource& source : parser.mapping_.sources) {
    if (source.field.has_value()) continue;
    Cell cell;
    std::string fault;
    const bool storable = columns::IsStorableText(source.constant);
    if (!storable || !parser.ParseCell(source.column, source.constant, &cell, &fault)) {
      if (!storable) fault = "the value is not valid UTF-8 text";
      return UsageError(Concat("--set ", source.column.name, "=", source.constant, ": ", fault));
    }
  }
  return parser;
}

bool RowParser::Parse(const CsvRecord& record, std::vector<Cell>* cells, Reject* reject) const {
  if (!record.fault.empty()) return RejectLine(record, "", record.fault, reject);
  if (record.fields.size() != mapping_.field_count) {
    return RejectLine(record, "", FieldCountFault(record.fields.size(), mapping_.field_count),
                      reject);
  }
  cells->resize(mapping_.sources.size());
  size_t text_bytes = 0;
  for (size_t i = 0; i < mapping_.sources.size(); ++i) {
    const ColumnSource& source = mapping_.sources[i];
    const std::string_view text =
        source.field.has_value() ? record.fields[*source.field] : source.constant;
    std::string fault;
    if (!ParseCell(source.column, text, &(*cells)[i], &fault)) {
      return RejectLine(record, source.column.name, std::move(fault), reject);
    }
    text_bytes += (*cells)[i].text.size();
  }
  if (text_bytes > kMaxRowTextBytes) {
    return RejectLine(record, "",
                      Concat("its texts have ", text_bytes, " bytes; at most ", kMaxRowTextBytes,
                             " fit into a message"),
                      reject);
  }
  return true;
}

bool RowParser::ParseCell(const DatasetShape::ColumnShape& column, std::string_view text,
                          Cell* cell, std::string* fault) const {
  *cell = Cell();
  if (text.empty() || (!options_.null_text.empty() && text == options_.null_text)) {
    cell->null = true;
    if (!column.nullable) *fault = "is empty and the column takes no NULL";
    return column.nullable;
  }
  switch (column.type) {
    case ColumnType::kFloat64:
      return ParseFloat64(text, &cell->float64, fault);
    case ColumnType::kInt64:
      return ParseInt64(text, &cell->int64, fault);
    case ColumnType::kBool:
      return ParseBool(text, &cell->boolean, fault);
    case ColumnType::kText:
      cell->text = text;
      return true;
    case ColumnType::kTimestamp:
      return ParseTimestamp(text, options_.zone, &cell->int64, fault);
    case ColumnType::kDate:
      return ParseDateField(text, &cell->date, fault);
  }
  return false;
}

}  // namespace metricstore::cli
