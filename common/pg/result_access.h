// How the pqxx adapter fills a Result; internal to this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "common/pg/result.h"

namespace metricstore::pg {

struct ResultAccess {
  // `cells` holds the rows one after the other and points into what `owner` keeps alive; a NULL has
  // no data().
  static Result Make(std::shared_ptr<const void> owner, std::vector<std::string_view> cells,
                     int columns, int rows, int64_t affected_rows);
};

}  // namespace metricstore::pg
