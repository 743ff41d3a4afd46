// Metrics to their messages.
#pragma once

#include "metricstore/registry/v1/catalog_service.pb.h"
#include "metricstore/registry/v1/metric.pb.h"
#include "registry_service/catalog/definition/metric_definition.h"
#include "registry_service/catalog/store/definition_writer.h"

namespace metricstore::registry::api {

void ToProto(const MetricDefinition& metric, v1::Metric* proto);
void ToProto(const calendar::Window& window, v1::Window* proto);
void ToProto(const ImportOutcome& outcome, v1::ImportOutcome* proto);

}  // namespace metricstore::registry::api
