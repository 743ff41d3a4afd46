// SQL of calendars.
#pragma once

#include "common/pg/statement.h"

namespace metricstore::registry {

// $1 project, $2 name.
inline constexpr pg::Statement kSelectNewestCalendarVersion{
    "select_newest_calendar_version",
    "SELECT max(version) FROM calendars WHERE project_id = $1 AND name = $2"};

// $1 project, $2 name, $3 version.
inline constexpr pg::Statement kSelectCalendarVersion{"select_calendar_version", R"sql(
SELECT definition, created_at FROM calendars WHERE project_id = $1 AND name = $2 AND version = $3)sql"};

// $1 project, $2 names.
inline constexpr pg::Statement kSelectNewestCalendars{"select_newest_calendars", R"sql(
SELECT DISTINCT ON (name) name, version, definition, created_at
  FROM calendars
 WHERE project_id = $1 AND name = ANY ($2)
 ORDER BY name, version DESC)sql"};

// $1 project, $2 name after which the page starts, $3 limit.
inline constexpr pg::Statement kSelectCalendarNames{"select_calendar_names", R"sql(
SELECT DISTINCT name COLLATE "C" AS name
  FROM calendars
 WHERE project_id = $1 AND name COLLATE "C" > $2
 ORDER BY 1
 LIMIT $3)sql"};

// $1 project, $2 name, $3 version, $4 definition.
inline constexpr pg::Statement kInsertCalendarVersion{"insert_calendar_version", R"sql(
INSERT INTO calendars (project_id, name, version, definition) VALUES ($1, $2, $3, $4))sql"};

inline constexpr const pg::Statement* kCalendarStatements[] = {
    &kSelectNewestCalendarVersion, &kSelectCalendarVersion, &kSelectNewestCalendars,
    &kSelectCalendarNames,         &kInsertCalendarVersion,
};

}  // namespace metricstore::registry
