#include "registry_service/windows/window_sql.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/pg/statement.h"
#include "common/status/error.h"
#include "common/time/iso8601.h"
#include "registry_service/datasets/raw_table.h"

namespace metricstore::registry {
namespace {

// With more entities one sorted query beats a query for each.
constexpr size_t kMaxSeparateSelects = 32;

std::vector<std::string> SortedEntities(const WindowQuery& query) {
  std::vector<std::string> entities = query.entities;
  std::sort(entities.begin(), entities.end());
  entities.erase(std::unique(entities.begin(), entities.end()), entities.end());
  return entities;
}

// Entity, time, the rest of the grain as declared.
std::string CanonicalOrder(const Dataset& dataset) {
  std::vector<std::string> order;
  if (!dataset.entity_column.empty()) order.push_back(dataset.entity_column);
  order.push_back(dataset.time_column);
  for (const std::string& column : dataset.grain) {
    if (column != dataset.entity_column && column != dataset.time_column) order.push_back(column);
  }
  return absl::StrJoin(order, ", ", [](std::string* out, const std::string& column) {
    absl::StrAppend(out, "t.", pg::QuoteIdentifier(column));
  });
}

std::string InstantLiteral(absl::Time time) {
  return absl::StrCat(pg::QuoteLiteral(FormatInstant(time)), "::timestamptz");
}

}  // namespace

absl::Status CheckWindowQuery(const Dataset& dataset, const WindowQuery& query) {
  if (dataset.time_column.empty()) {
    return status::FieldInvalid("dataset", dataset.name, "must have a time column");
  }
  if (query.range.end <= query.range.start) {
    return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "INTERVAL_REVERSED",
                                "the interval ends before, or where, it starts")
        .Metadata("start", FormatInstant(query.range.start))
        .Metadata("end", FormatInstant(query.range.end))
        .Field("interval.end_time", "must be later than start_time")
        .Build();
  }
  if (query.entities.size() > kMaxWindowEntities) {
    return status::FieldInvalid("entities", absl::StrCat(query.entities.size()),
                                absl::StrCat("must be at most ", kMaxWindowEntities));
  }
  if (dataset.entity_column.empty()) {
    for (const std::string& entity : query.entities) {
      if (entity.empty()) continue;
      return status::FieldInvalid("entities", entity,
                                  absl::StrCat("dataset ", dataset.name, " has no entities"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<const DatasetColumn*>> WindowColumns(const Dataset& dataset,
                                                                const WindowQuery& query) {
  std::vector<const DatasetColumn*> columns;
  if (!dataset.entity_column.empty()) columns.push_back(dataset.Find(dataset.entity_column));
  columns.push_back(dataset.Find(dataset.time_column));
  for (const std::string& name : query.columns) {
    const DatasetColumn* column = dataset.Find(name);
    if (column == nullptr) {
      return status::FieldInvalid("columns", name,
                                  absl::StrCat("must be a column of ", dataset.name));
    }
    if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
      columns.push_back(column);
    }
  }
  return columns;
}

std::vector<std::string> WindowSelects(int32_t project_id, const Dataset& dataset,
                                       const WindowQuery& query,
                                       const std::vector<const DatasetColumn*>& columns) {
  const std::string time = "t." + pg::QuoteIdentifier(dataset.time_column);
  const std::string from =
      absl::StrCat("SELECT ",
                   absl::StrJoin(columns, ", ",
                                 [](std::string* out, const DatasetColumn* column) {
                                   absl::StrAppend(out, "t.", pg::QuoteIdentifier(column->name));
                                 }),
                   " FROM ", QuotedTable(dataset.name), " t WHERE t.", std::string(kProjectColumn),
                   " = ", project_id, " AND ", time, " >= ", InstantLiteral(query.range.start),
                   " AND ", time, " < ", InstantLiteral(query.range.end));
  const std::string order = absl::StrCat(" ORDER BY ", CanonicalOrder(dataset));
  const std::vector<std::string> entities = SortedEntities(query);
  if (dataset.entity_column.empty() || entities.empty()) return {from + order};

  const std::string entity = " AND t." + pg::QuoteIdentifier(dataset.entity_column);
  std::vector<std::string> selects;
  if (entities.size() <= kMaxSeparateSelects) {
    for (const std::string& name : entities) {
      selects.push_back(absl::StrCat(from, entity, " = ", pg::QuoteLiteral(name), order));
    }
    return selects;
  }
  const std::string list =
      absl::StrJoin(entities, ", ", [](std::string* out, const std::string& name) {
        absl::StrAppend(out, pg::QuoteLiteral(name));
      });
  selects.push_back(absl::StrCat(from, entity, " = ANY (ARRAY[", list, "])", order));
  return selects;
}

}  // namespace metricstore::registry
