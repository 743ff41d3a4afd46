#include "cli/output/table_printer.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "cli/output/plain_text.h"
#include "nlohmann/json.hpp"

namespace metricstore::cli {
namespace {

std::vector<size_t> ColumnWidths(const Table& table) {
  std::vector<size_t> widths;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    size_t width = DisplayWidth(table.columns[i].name);
    for (const auto& row : table.rows) width = std::max(width, DisplayWidth(row[i]));
    widths.push_back(width);
  }
  return widths;
}

std::string AlignedLine(const std::vector<std::string>& cells, const Table& table,
                        const std::vector<size_t>& widths) {
  constexpr std::string_view kGap = "  ";
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string cell = OneLine(cells[i]);
    const std::string padding(widths[i] - DisplayWidth(cell), ' ');
    if (i > 0) line += kGap;
    line += table.columns[i].numeric ? padding + cell : cell + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

void PrintAligned(const Table& table, std::ostream& out) {
  for (const std::string& line : AlignedLines(table)) out << line << '\n';
}

void PrintCsv(const Table& table, std::ostream& out) {
  std::vector<std::string> header;
  for (const TableColumn& column : table.columns) header.push_back(column.name);
  out << CsvLine(header);
  for (const auto& row : table.rows) out << CsvLine(row);
}

nlohmann::ordered_json JsonCell(const TableColumn& column, const std::string& cell) {
  if (!column.numeric && !column.boolean) return cell;
  if (cell.empty()) return nullptr;
  if (column.boolean) return cell == "yes";
  return nlohmann::ordered_json::parse(cell);
}

}  // namespace

std::optional<OutputFormat> ParseOutputFormat(std::string_view name) {
  if (name == "table") return OutputFormat::kTable;
  if (name == "csv") return OutputFormat::kCsv;
  if (name == "json") return OutputFormat::kJson;
  return std::nullopt;
}

std::vector<std::string> AlignedLines(const Table& table) {
  const std::vector<size_t> widths = ColumnWidths(table);
  std::vector<std::string> header;
  for (const TableColumn& column : table.columns) {
    header.push_back(absl::AsciiStrToUpper(column.name));
  }
  std::vector<std::string> lines = {AlignedLine(header, table, widths)};
  for (const auto& row : table.rows) lines.push_back(AlignedLine(row, table, widths));
  return lines;
}

std::string CsvField(std::string_view text) {
  const bool padded = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (!padded && text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string field = "\"";
  for (const char c : text) {
    if (c == '"') field.push_back('"');
    field.push_back(c);
  }
  field.push_back('"');
  return field;
}

std::string CsvLine(const std::vector<std::string>& fields) {
  std::string line;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line.push_back(',');
    line += CsvField(fields[i]);
  }
  line.push_back('\n');
  return line;
}

void PrintTable(const Table& table, OutputFormat format, std::ostream& out) {
  switch (format) {
    case OutputFormat::kTable:
      return PrintAligned(table, out);
    case OutputFormat::kCsv:
      return PrintCsv(table, out);
    case OutputFormat::kJson:
      return PrintJsonValue(JsonRows(table), out);
  }
}

nlohmann::ordered_json JsonRows(const Table& table) {
  auto objects = nlohmann::ordered_json::array();
  for (const auto& row : table.rows) {
    auto object = nlohmann::ordered_json::object();
    for (size_t i = 0; i < row.size(); ++i) {
      object[table.columns[i].name] = JsonCell(table.columns[i], row[i]);
    }
    objects.push_back(std::move(object));
  }
  return objects;
}

void PrintJsonValue(const nlohmann::ordered_json& value, std::ostream& out) {
  constexpr int kIndent = 2;
  out << value.dump(kIndent, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

}  // namespace metricstore::cli
