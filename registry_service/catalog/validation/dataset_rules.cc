#include "registry_service/catalog/validation/dataset_rules.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/names.h"
#include "registry_service/datasets/raw_table.h"

namespace metricstore::registry {
namespace {

using columns::ColumnType;

// PostgreSQL cuts identifiers at 63 bytes, and a partition's name adds "_p2024_01".
constexpr size_t kMaxTableBytes = 54;
// Behind the layer's prefix, as the database checks it.
constexpr size_t kMaxStemBytes = 50;
// PostgreSQL's limits are 1,600 columns of a table and 32 of an index, project_id included.
constexpr size_t kMaxColumns = 1'000;
constexpr size_t kMaxGrain = 31;
// Columns that every PostgreSQL table has of its own.
constexpr std::array<std::string_view, 6> kSystemColumns = {"tableoid", "xmin", "cmin",
                                                            "xmax",     "cmax", "ctid"};

class DatasetCheck {
 public:
  explicit DatasetCheck(const Dataset& dataset) : dataset_(dataset) {}

  std::vector<FieldFault> Run() && {
    CheckName();
    CheckColumns();
    CheckGrain();
    CheckTime();
    CheckEntity();
    return std::move(faults_);
  }

 private:
  void Add(std::string field, std::string message) {
    faults_.push_back({std::move(field), "DEFINITION_INVALID", std::move(message), {}});
  }

  // The column named by `field`; a fault with a suggestion if there is none.
  const DatasetColumn* Named(const std::string& field, const std::string& name) {
    const DatasetColumn* column = dataset_.Find(name);
    if (column != nullptr) return column;
    std::vector<std::string> names;
    for (const DatasetColumn& candidate : dataset_.columns) names.push_back(candidate.name);
    const std::string suggestion = status::ClosestMatch(name, names);
    Add(field, absl::StrCat(
                   field, ": there is no column \"", Excerpt(name), "\"",
                   suggestion.empty() ? "" : absl::StrCat("; did you mean \"", suggestion, "\"?")));
    return nullptr;
  }

  // Names like those of partitions would collide with them.
  static bool LooksLikePartition(std::string_view name) {
    const size_t place = name.rfind("_p");
    if (place == std::string_view::npos || place + 6 > name.size()) return false;
    const std::string_view rest = name.substr(place + 2);
    return std::all_of(rest.begin(), rest.end(),
                       [](char c) { return (c >= '0' && c <= '9') || c == '_'; });
  }

  void CheckName() {
    const std::string& name = dataset_.name;
    const std::string prefix = absl::StrCat(std::string(DatasetLayerName(dataset_.layer)), "_");
    if (!absl::StartsWith(name, prefix)) {
      const bool has_layer = ParseDatasetLayer(name.substr(0, name.find('_'))).has_value();
      Add(has_layer ? "layer" : "name",
          has_layer
              ? absl::StrCat("layer must fit the name's prefix: ", Excerpt(name),
                             " is not of layer ", std::string(DatasetLayerName(dataset_.layer)))
              : absl::StrCat("name \"", Excerpt(name),
                             "\" must begin with metadata_, fact_ or event_"));
      return;
    }
    if (!IsCategoryName(name) || name.size() > kMaxTableBytes || name.size() == prefix.size() ||
        name.size() - prefix.size() > kMaxStemBytes) {
      Add("name", absl::StrCat("name \"", Excerpt(name),
                               "\" must be lower-case letters, digits and _, at most ",
                               kMaxTableBytes, " and ", kMaxStemBytes, " behind the prefix"));
    } else if (LooksLikePartition(name)) {
      Add("name", absl::StrCat("name \"", Excerpt(name),
                               "\" looks like a partition's: end it differently"));
    }
  }

  void CheckColumns() {
    if (dataset_.columns.empty()) Add("columns", "columns: at least one is required");
    if (dataset_.columns.size() > kMaxColumns) {
      Add("columns", absl::StrCat("columns: at most ", kMaxColumns));
    }
    std::set<std::string> names;
    for (size_t i = 0; i < dataset_.columns.size(); ++i) {
      const DatasetColumn& column = dataset_.columns[i];
      const std::string field = absl::StrCat("columns[", i, "]");
      CheckColumnName(column.name, field + ".name");
      if (!names.insert(column.name).second) {
        Add(field + ".name",
            absl::StrCat("column \"", Excerpt(column.name), "\" is declared twice"));
      }
      const bool adds = column.rollup == ColumnRollup::kSum || column.rollup == ColumnRollup::kAvg;
      if (adds && column.type != ColumnType::kFloat64 && column.type != ColumnType::kInt64) {
        Add(field + ".rollup",
            absl::StrCat("column \"", Excerpt(column.name), "\" of type ",
                         std::string(columns::ColumnTypeName(column.type)), " cannot be added up"));
      }
    }
  }

  void CheckColumnName(const std::string& name, const std::string& field) {
    const bool reserved =
        name == kProjectColumn ||
        std::find(kSystemColumns.begin(), kSystemColumns.end(), name) != kSystemColumns.end();
    if (reserved) {
      Add(field, absl::StrCat("column \"", Excerpt(name), "\" has a reserved name"));
    } else if (!IsCategoryName(name)) {
      Add(field,
          absl::StrCat("column \"", Excerpt(name), "\" must be [a-z][a-z0-9_]*, at most 63"));
    }
  }

  void CheckGrain() {
    if (dataset_.grain.empty()) {
      Add("grain", "grain is required: the columns that make a row unique");
    }
    if (dataset_.grain.size() > kMaxGrain) {
      Add("grain", absl::StrCat("grain: at most ", kMaxGrain, " columns"));
    }
    std::set<std::string> names;
    for (size_t i = 0; i < dataset_.grain.size(); ++i) {
      const std::string field = absl::StrCat("grain[", i, "]");
      const DatasetColumn* column = Named(field, dataset_.grain[i]);
      if (column != nullptr && column->nullable) {
        Add(field, absl::StrCat("column \"", Excerpt(column->name),
                                "\" of the grain must not be nullable"));
      }
      if (!names.insert(dataset_.grain[i]).second) {
        Add(field, absl::StrCat("grain names \"", Excerpt(dataset_.grain[i]), "\" twice"));
      }
    }
  }

  void CheckTime() {
    if (dataset_.time_column.empty()) {
      CheckNoTime();
      return;
    }
    if (dataset_.calendar.empty()) {
      Add("calendar", "calendar is required with a time column: buckets are cut in its zone");
    }
    const DatasetColumn* column = Named("time_column", dataset_.time_column);
    if (column == nullptr) return;
    if (column->type != ColumnType::kTimestamp) {
      Add("time_column",
          absl::StrCat("time_column \"", Excerpt(column->name), "\" must be a timestamp"));
    }
    if (std::find(dataset_.grain.begin(), dataset_.grain.end(), column->name) ==
        dataset_.grain.end()) {
      Add("grain",
          absl::StrCat("grain must include the time column \"", Excerpt(column->name), "\""));
    }
  }

  void CheckNoTime() {
    if (dataset_.partitioning != Partitioning::kNone) {
      Add("partitioning", "partitioning needs a time column");
    }
    if (dataset_.timeframe.has_value()) Add("timeframe", "timeframe needs a time column");
    if (dataset_.retention.has_value()) Add("retention", "retention needs a time column");
  }

  void CheckEntity() {
    if (dataset_.entity_column.empty()) return;
    const DatasetColumn* column = Named("entity_column", dataset_.entity_column);
    if (column == nullptr) return;
    if (column->type != ColumnType::kText) {
      Add("entity_column",
          absl::StrCat("entity_column \"", Excerpt(column->name), "\" must be a text"));
    }
    if (column->nullable) {
      Add("entity_column",
          absl::StrCat("entity_column \"", Excerpt(column->name), "\" must not be nullable"));
    }
  }

  const Dataset& dataset_;
  std::vector<FieldFault> faults_;
};

}  // namespace

std::vector<FieldFault> CheckDataset(const Dataset& dataset) { return DatasetCheck(dataset).Run(); }

}  // namespace metricstore::registry
