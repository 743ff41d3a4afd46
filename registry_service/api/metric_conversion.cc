#include "registry_service/api/metric_conversion.h"

#include <string>
#include <vector>

#include "registry_service/api/time_converter.h"

namespace metricstore::registry::api {
namespace {

void CopyTexts(const std::vector<std::string>& texts,
               google::protobuf::RepeatedPtrField<std::string>* proto) {
  proto->Assign(texts.begin(), texts.end());
}

void CopyWords(const MetricDefinition& metric, v1::Metric* proto) {
  proto->set_display_name(metric.display_name);
  proto->set_description(metric.description);
  proto->set_unit(metric.unit);
  proto->set_notes(metric.notes);
  proto->set_validation(metric.validation);
  proto->set_owner(metric.owner);
  CopyTexts(metric.synonyms, proto->mutable_synonyms());
  CopyTexts(metric.tags, proto->mutable_tags());
}

}  // namespace

void ToProto(const calendar::Window& window, v1::Window* proto) {
  proto->set_kind(static_cast<v1::Window::Kind>(window.kind));
  proto->set_session(window.session);
  const bool has_length =
      window.kind == calendar::WindowKind::kFirst || window.kind == calendar::WindowKind::kLast;
  if (has_length) ToProto(window.length, proto->mutable_length());
  proto->set_from_second(window.from_second);
  proto->set_to_second(window.to_second);
}

void ToProto(const MetricDefinition& metric, v1::Metric* proto) {
  proto->set_id(metric.id());
  proto->set_name(metric.name);
  proto->set_category(metric.category);
  CopyWords(metric, proto);
  proto->set_type(static_cast<v1::MetricType>(metric.type));
  proto->set_grain(static_cast<v1::Grain>(metric.grain));
  proto->set_dataset(metric.dataset);
  proto->set_expression(metric.expression);
  proto->set_sql(metric.sql);
  proto->mutable_sql_variants()->insert(metric.sql_variants.begin(), metric.sql_variants.end());
  proto->set_time_column(metric.time_column);
  CopyTexts(metric.dimensions, proto->mutable_dimensions());
  CopyTexts(metric.filters, proto->mutable_filters());
  ToProto(metric.window, proto->mutable_window());
  if (metric.timeframe.has_value()) ToProto(*metric.timeframe, proto->mutable_timeframe());
  proto->set_rollup(metric.rollup);
  CopyTexts(metric.tables, proto->mutable_tables());
  CopyTexts(metric.depends_on, proto->mutable_depends_on());
  CopyTexts(metric.columns, proto->mutable_columns());
  proto->set_version(metric.version);
  proto->set_active_version(metric.active_version);
  proto->set_etag(metric.etag);
  ToProto(metric.create_time, proto->mutable_create_time());
  ToProto(metric.update_time, proto->mutable_update_time());
}

void ToProto(const ImportOutcome& outcome, v1::ImportOutcome* proto) {
  proto->set_kind(outcome.kind);
  proto->set_name(outcome.name);
  proto->set_action(static_cast<v1::ImportOutcome::Action>(outcome.action));
  proto->set_version(outcome.version);
  proto->set_path(outcome.path);
}

}  // namespace metricstore::registry::api
