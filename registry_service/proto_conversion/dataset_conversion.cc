#include "registry_service/proto_conversion/dataset_conversion.h"

#include "registry_service/proto_conversion/time_conversion.h"

namespace metricstore::registry::messages {
namespace {

void ToProto(const DatasetColumn& column, v1::DatasetColumn* proto) {
  proto->set_name(column.name);
  proto->set_type(static_cast<common::v1::ColumnType>(column.type));
  proto->set_nullable(column.nullable);
  proto->set_description(column.description);
  proto->set_unit(column.unit);
  proto->set_rollup(static_cast<v1::ColumnRollup>(column.rollup));
}

}  // namespace

void ToProto(const Dataset& dataset, v1::Dataset* proto) {
  proto->set_name(dataset.name);
  proto->set_description(dataset.description);
  proto->set_layer(static_cast<v1::DatasetLayer>(dataset.layer));
  for (const DatasetColumn& column : dataset.columns) ToProto(column, proto->add_columns());
  proto->mutable_grain()->Assign(dataset.grain.begin(), dataset.grain.end());
  proto->set_time_column(dataset.time_column);
  proto->set_entity_column(dataset.entity_column);
  proto->set_calendar(dataset.calendar);
  if (dataset.timeframe.has_value()) ToProto(*dataset.timeframe, proto->mutable_timeframe());
  proto->set_partitioning(static_cast<v1::Partitioning>(dataset.partitioning));
  if (dataset.retention.has_value()) ToProto(*dataset.retention, proto->mutable_retention());
  ToProto(dataset.create_time, proto->mutable_create_time());
  ToProto(dataset.update_time, proto->mutable_update_time());
}

}  // namespace metricstore::registry::messages
