// Rows of text as an aligned table for people, or as CSV or JSON for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace metricstore::cli {

enum class OutputFormat { kTable, kCsv, kJson };

// "table", "csv", "json".
std::optional<OutputFormat> ParseOutputFormat(std::string_view name);

struct TableColumn {
  std::string name;
  bool numeric = false;  // right aligned in tables; a number in JSON; empty means null
  bool boolean = false;  // "yes" or "no"; true or false in JSON; empty means null
};

// Every row has one cell for each column.
struct Table {
  std::vector<TableColumn> columns;
  std::vector<std::vector<std::string>> rows;
};

// The header and the rows as aligned lines, for tables with something between their rows.
std::vector<std::string> AlignedLines(const Table& table);

// `text` as one field of a CSV line (RFC 4180): quoted only where it must be.
std::string CsvField(std::string_view text);
// The fields as one line, "\n" included.
std::string CsvLine(const std::vector<std::string>& fields);

void PrintTable(const Table& table, OutputFormat format, std::ostream& out);

// The rows as JSON objects, for commands that add to them what is no text: lists, objects.
nlohmann::ordered_json JsonRows(const Table& table);
void PrintJsonValue(const nlohmann::ordered_json& value, std::ostream& out);

}  // namespace metricstore::cli
