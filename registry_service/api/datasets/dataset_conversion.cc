#include "registry_service/api/datasets/dataset_conversion.h"

#include "registry_service/api/request/time_converter.h"

namespace metricstore::registry::api {

void ToProto(const DatasetStatistics& statistics, v1::Dataset* proto) {
  proto->set_row_count(statistics.row_count);
  proto->set_entity_count(statistics.entity_count);
  if (statistics.oldest.has_value()) {
    ToProto(*statistics.oldest, proto->mutable_oldest_row_time());
  }
  if (statistics.newest.has_value()) {
    ToProto(*statistics.newest, proto->mutable_newest_row_time());
  }
}

}  // namespace metricstore::registry::api
