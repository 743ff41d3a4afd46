#include "registry_service/api/catalog/metric_conversion.h"

#include <vector>

#include "registry_service/api/catalog/encoded_reply.h"
#include "registry_service/api/request/time_converter.h"

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
  proto->set_source(metric.source);
  CopyTexts(metric.synonyms, proto->mutable_synonyms());
  CopyTexts(metric.tags, proto->mutable_tags());
}

void CopyTest(const MetricTest& test, v1::MetricTest* proto) {
  proto->set_name(test.name);
  for (const MetricTest::Row& row : test.rows) {
    proto->add_rows()->mutable_values()->insert(row.begin(), row.end());
  }
  for (const MetricTest::ExpectedPoint& point : test.expect) {
    v1::MetricTest::ExpectedPoint* added = proto->add_expect();
    added->set_bucket(point.bucket);
    added->set_entity(point.entity);
    if (point.value.has_value()) added->set_value(*point.value);
  }
  proto->set_tolerance(test.tolerance);
}

// What the parser derives and the store sets.
void CopyOutputs(const MetricDefinition& metric, v1::Metric* proto) {
  CopyTexts(metric.tables, proto->mutable_tables());
  CopyTexts(metric.depends_on, proto->mutable_depends_on());
  CopyTexts(metric.columns, proto->mutable_columns());
  CopyTexts(metric.reads, proto->mutable_reads());
  proto->set_not_computed(WhyNotComputed(metric));
  proto->set_version(metric.version);
  proto->set_active_version(metric.active_version);
  proto->set_latest_version(metric.latest_version);
  proto->set_etag(metric.etag);
  // A metric that was only validated has no times.
  if (metric.create_time != absl::Time()) {
    ToProto(metric.create_time, proto->mutable_create_time());
  }
  if (metric.update_time != absl::Time()) {
    ToProto(metric.update_time, proto->mutable_update_time());
  }
  if (metric.delete_time.has_value()) ToProto(*metric.delete_time, proto->mutable_delete_time());
}

}  // namespace

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
  if (metric.timeframe_alignment != calendar::BarAlignment::kClock) {
    proto->set_timeframe_alignment(static_cast<v1::BarAlignment>(metric.timeframe_alignment));
  }
  proto->set_rollup(metric.rollup);
  for (const MetricTest& test : metric.tests) CopyTest(test, proto->add_tests());
  CopyOutputs(metric, proto);
}

std::string EncodeMetric(const MetricDefinition& metric) {
  v1::Metric proto;
  ToProto(metric, &proto);
  std::string encoded;
  AppendField(1, proto.SerializeAsString(), encoded);
  return encoded;
}

}  // namespace metricstore::registry::api
