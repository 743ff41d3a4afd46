// The raw table of a dataset: its name, types and DDL.
//
// Raw tables lie in schema public and are shared by projects: project_id is the first column and
// the first of the primary key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/columns/column_batch.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// The first column of every raw table.
inline constexpr std::string_view kProjectColumn = "project_id";

// "public"."fact_bars", ready for SQL.
std::string QuotedTable(std::string_view dataset);

// "double precision", "bigint", "boolean", "text", "timestamp with time zone", "date".
std::string_view SqlType(columns::ColumnType type);

// The primary key behind project_id: entity, time, then the other columns of the grain as declared;
// entity and time only where they belong to the grain.
std::vector<std::string> KeyColumns(const Dataset& dataset);

// CREATE TABLE, and for an entity that does not belong to the grain CREATE INDEX (project_id,
// entity, time). Columns: project_id, then the declared ones in order; text sorts by COLLATE "C".
std::vector<std::string> CreateTableSql(const Dataset& dataset);

// ALTER TABLE ... ADD COLUMN of nullable columns.
std::string AddColumnsSql(const Dataset& dataset, const std::vector<DatasetColumn>& added);

}  // namespace metricstore::registry
