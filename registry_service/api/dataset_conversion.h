// Datasets to their messages.
#pragma once

#include "metricstore/registry/v1/dataset.pb.h"
#include "registry_service/datasets/dataset.h"
#include "registry_service/datasets/dataset_store.h"

namespace metricstore::registry::api {

void ToProto(const Dataset& dataset, v1::Dataset* proto);
// Adds the statistics of its rows.
void ToProto(const DatasetStatistics& statistics, v1::Dataset* proto);

}  // namespace metricstore::registry::api
