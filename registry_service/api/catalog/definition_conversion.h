// What imports, plans and validations say, to their messages.
#pragma once

#include "metricstore/registry/v1/catalog_service.pb.h"
#include "metricstore/registry/v1/definition_change.pb.h"
#include "registry_service/catalog/definition/field_change.h"
#include "registry_service/catalog/definition/import_outcome.h"
#include "registry_service/catalog/plan/import_planner.h"
#include "registry_service/catalog/validation/finding.h"

namespace metricstore::registry::api {

void ToProto(const ImportOutcome& outcome, v1::ImportOutcome* proto);
void ToProto(const FieldChange& change, v1::FieldChange* proto);
void ToProto(const DefinitionReport& report, v1::DefinitionReport* proto);
// Without its warnings.
void ToProto(const ImportPlan& plan, v1::PlanImportResponse* proto);

}  // namespace metricstore::registry::api
