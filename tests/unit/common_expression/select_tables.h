// The registered tables of the tests of SELECTs; cases/README.md lists them.
#pragma once

#include "common/expression/select_statement.h"

namespace metricstore::expression {

const TableCatalog& TestTables();

}  // namespace metricstore::expression
