#include "cli/csv/column_mapping.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::cli {
namespace {

std::vector<std::string> ColumnNames(const DatasetShape& dataset) {
  std::vector<std::string> names;
  for (const auto& column : dataset.columns) names.push_back(column.name);
  return names;
}

std::string DidYouMean(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string closest = status::ClosestMatch(word, candidates);
  return closest.empty() ? "" : Concat("did you mean ", Quoted(closest), "?");
}

absl::Status WithOptionalHint(const absl::Status& status, const std::string& hint) {
  return hint.empty() ? status : WithHint(status, hint);
}

// The header of that name, exactly or else whatever the case; two equally good ones are an error.
absl::StatusOr<std::optional<size_t>> FindHeader(const std::vector<std::string>& headers,
                                                 const std::string& name) {
  std::vector<size_t> exact;
  std::vector<size_t> folded;
  for (size_t i = 0; i < headers.size(); ++i) {
    if (headers[i] == name) exact.push_back(i);
    if (absl::EqualsIgnoreCase(headers[i], name)) folded.push_back(i);
  }
  const std::vector<size_t>& found = exact.empty() ? folded : exact;
  if (found.size() > 1) {
    return Failure(Concat("header ", Quoted(name), " occurs ", found.size(), " times"));
  }
  return found.empty() ? std::nullopt : std::optional<size_t>(found.front());
}

absl::Status CheckColumnsExist(const DatasetShape& dataset,
                               const std::map<std::string, std::string>& by_column,
                               std::string_view option) {
  const std::vector<std::string> names = ColumnNames(dataset);
  for (const auto& [column, value] : by_column) {
    if (std::find(names.begin(), names.end(), column) != names.end()) continue;
    const absl::Status error = UsageError(Concat(option, " ", column, "=", value, ": dataset ",
                                                 dataset.name, " has no column ", Quoted(column)));
    return WithOptionalHint(error, DidYouMean(column, names));
  }
  return absl::OkStatus();
}

absl::Status CheckRequest(const DatasetShape& dataset, const MappingRequest& request) {
  RETURN_IF_ERROR(CheckColumnsExist(dataset, request.headers, "--map"));
  RETURN_IF_ERROR(CheckColumnsExist(dataset, request.constants, "--set"));
  for (const auto& [column, value] : request.constants) {
    if (request.headers.count(column) != 0) {
      return UsageError(Concat("column ", column, " is given both by --map and by --set"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> FieldOf(const std::string& column, const std::string& header,
                               const std::vector<std::string>& headers) {
  ASSIGN_OR_RETURN(const auto field, FindHeader(headers, header));
  if (field.has_value()) return *field;
  const absl::Status error =
      UsageError(Concat("--map ", column, "=", header, ": the file has no header ", Quoted(header),
                        "; it has ", absl::StrJoin(headers, ", ")));
  return WithOptionalHint(error, DidYouMean(header, headers));
}

bool LooksLikeTime(const std::string& header) {
  const std::string lower = absl::AsciiStrToLower(header);
  return lower.starts_with("ts") || lower.starts_with("time") || lower.starts_with("date");
}

// The header that the column was probably meant to take, or "". Never used by itself: a wrong guess
// would store wrong rows.
std::string ProbableHeader(const std::string& column, const DatasetShape& dataset,
                           const std::vector<std::string>& unused) {
  if (column == dataset.time_column) {
    std::vector<std::string> timely;
    for (const std::string& header : unused) {
      if (LooksLikeTime(header)) timely.push_back(header);
    }
    if (timely.size() == 1) return timely.front();
  }
  return status::ClosestMatch(column, unused);
}

absl::Status MissingColumns(const std::vector<std::string>& missing, const DatasetShape& dataset,
                            const std::vector<std::string>& headers,
                            const std::vector<std::string>& unused) {
  std::vector<std::string> options;
  for (const std::string& column : missing) {
    const std::string header = ProbableHeader(column, dataset, unused);
    if (!header.empty()) options.push_back(Concat("--map ", column, "=", header));
  }
  const absl::Status error =
      Failure(Concat("no header fills ", missing.size() == 1 ? "column " : "columns ",
                     absl::StrJoin(missing, ", "), " of ", dataset.name, "; the file has ",
                     absl::StrJoin(headers, ", ")));
  if (!options.empty())
    return WithHint(error, Concat("did you mean ", absl::StrJoin(options, " "), "?"));
  return WithHint(error,
                  "--map column=header or --set column=value says where a column comes from");
}

}  // namespace

absl::StatusOr<ColumnMapping> MapColumns(const DatasetShape& dataset,
                                         const std::vector<std::string>& headers,
                                         const MappingRequest& request) {
  RETURN_IF_ERROR(CheckRequest(dataset, request));
  ColumnMapping mapping;
  mapping.field_count = headers.size();
  std::set<size_t> used;
  std::vector<std::string> missing;
  for (const auto& column : dataset.columns) {
    ColumnSource source{column, std::nullopt, ""};
    const auto constant = request.constants.find(column.name);
    const auto header = request.headers.find(column.name);
    if (constant != request.constants.end()) {
      source.constant = constant->second;
    } else if (header != request.headers.end()) {
      ASSIGN_OR_RETURN(source.field, FieldOf(column.name, header->second, headers));
    } else {
      ASSIGN_OR_RETURN(source.field, FindHeader(headers, column.name));
      if (!source.field.has_value()) {
        (column.nullable ? mapping.null_columns : missing).push_back(column.name);
        continue;
      }
    }
    if (source.field.has_value()) used.insert(*source.field);
    mapping.sources.push_back(std::move(source));
  }
  for (size_t i = 0; i < headers.size(); ++i) {
    if (used.count(i) == 0) mapping.ignored_headers.push_back(headers[i]);
  }
  if (!missing.empty()) return MissingColumns(missing, dataset, headers, mapping.ignored_headers);
  return mapping;
}

}  // namespace metricstore::cli
