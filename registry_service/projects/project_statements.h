// SQL of projects.
#pragma once

#include "common/pg/statement.h"

namespace metricstore::registry {

inline constexpr pg::Statement kSelectProject{"select_project",
                                              "SELECT project_id FROM projects WHERE name = $1"};

inline constexpr const pg::Statement* kProjectStatements[] = {&kSelectProject};

}  // namespace metricstore::registry
