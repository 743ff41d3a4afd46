// Datasets to their messages.
#pragma once

#include "metricstore/registry/v1/dataset.pb.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry::messages {

// Sets everything but the statistics of the rows.
void ToProto(const Dataset& dataset, v1::Dataset* proto);

}  // namespace metricstore::registry::messages
