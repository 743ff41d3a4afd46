// Datasets to their messages.
#pragma once

#include "metricstore/registry/v1/dataset.pb.h"
#include "registry_service/datasets/dataset_store.h"
#include "registry_service/proto_conversion/dataset_conversion.h"

namespace metricstore::registry::api {

using messages::ToProto;
// Adds the statistics of its rows.
void ToProto(const DatasetStatistics& statistics, v1::Dataset* proto);

}  // namespace metricstore::registry::api
