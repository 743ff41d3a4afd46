// Metrics out of requests: the second half of metric_conversion.h.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/catalog/metric_conversion.h"
#include "registry_service/api/request/time_converter.h"
#include "registry_service/api/request/window_request.h"
#include "registry_service/catalog/definition/excerpt.h"

namespace metricstore::registry::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kMaxTextBytes = 64 << 10;

absl::Status CheckTextSize(const std::string& field, const std::string& text) {
  if (text.size() <= kMaxTextBytes) return absl::OkStatus();
  return status::FieldInvalid(field, Excerpt(text),
                              absl::StrCat("must be at most ", kMaxTextBytes, " bytes"));
}

absl::Status CheckTextSizes(const std::string& path, const Message& message);

absl::Status CheckFieldTexts(const std::string& path, const Message& message,
                             const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  const int count = field.is_repeated() ? reflection.FieldSize(message, &field) : 1;
  for (int i = 0; i < count; ++i) {
    const std::string item = field.is_repeated() ? absl::StrCat(path, "[", i, "]") : path;
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const Message& inner = field.is_repeated() ? reflection.GetRepeatedMessage(message, &field, i)
                                                 : reflection.GetMessage(message, &field);
      RETURN_IF_ERROR(CheckTextSizes(item, inner));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      std::string scratch;
      const std::string& text =
          field.is_repeated() ? reflection.GetRepeatedStringReference(message, &field, i, &scratch)
                              : reflection.GetStringReference(message, &field, &scratch);
      RETURN_IF_ERROR(CheckTextSize(item, text));
    }
  }
  return absl::OkStatus();
}

// Every text of the message, however deep; `path` is the message's.
absl::Status CheckTextSizes(const std::string& path, const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    RETURN_IF_ERROR(CheckFieldTexts(absl::StrCat(path, ".", field->name()), message, *field));
  }
  return absl::OkStatus();
}

absl::Status UnknownEnum(const std::string& field, int value) {
  return status::FieldInvalid(field, absl::StrCat(value), "has no such value");
}

absl::Status ReadEnums(const v1::Metric& proto, MetricDefinition& metric) {
  if (!v1::MetricType_IsValid(proto.type())) return UnknownEnum("metric.type", proto.type());
  if (!v1::Grain_IsValid(proto.grain())) return UnknownEnum("metric.grain", proto.grain());
  if (proto.type() != v1::METRIC_TYPE_UNSPECIFIED) {
    metric.type = static_cast<MetricType>(proto.type());
  }
  if (proto.grain() != v1::GRAIN_UNSPECIFIED) metric.grain = static_cast<Grain>(proto.grain());
  return absl::OkStatus();
}

MetricTest ReadTest(const v1::MetricTest& proto) {
  MetricTest test;
  test.name = proto.name();
  for (const v1::MetricTest::Row& row : proto.rows()) {
    test.rows.emplace_back(row.values().begin(), row.values().end());
  }
  for (const v1::MetricTest::ExpectedPoint& point : proto.expect()) {
    MetricTest::ExpectedPoint& added = test.expect.emplace_back();
    added.bucket = point.bucket();
    added.entity = point.entity();
    if (point.has_value()) added.value = point.value();
  }
  test.tolerance = proto.tolerance();
  return test;
}

std::vector<std::string> Texts(const google::protobuf::RepeatedPtrField<std::string>& proto) {
  return {proto.begin(), proto.end()};
}

void ReadWords(const v1::Metric& proto, MetricDefinition& metric) {
  metric.display_name = proto.display_name();
  metric.description = proto.description();
  metric.unit = proto.unit();
  metric.notes = proto.notes();
  metric.validation = proto.validation();
  metric.owner = proto.owner();
  metric.source = proto.source();
  metric.synonyms = Texts(proto.synonyms());
  metric.tags = Texts(proto.tags());
}

}  // namespace

absl::StatusOr<MetricDefinition> FromProto(const v1::Metric& proto) {
  RETURN_IF_ERROR(CheckTextSizes("metric", proto));
  MetricDefinition metric;
  metric.name = proto.name();
  metric.category = proto.category();
  RETURN_IF_ERROR(ReadEnums(proto, metric));
  ReadWords(proto, metric);
  metric.dataset = proto.dataset();
  metric.expression = proto.expression();
  metric.sql = proto.sql();
  metric.sql_variants.insert(proto.sql_variants().begin(), proto.sql_variants().end());
  metric.time_column = proto.time_column();
  metric.dimensions = Texts(proto.dimensions());
  metric.filters = Texts(proto.filters());
  ASSIGN_OR_RETURN(metric.window, ReadWindow("metric.window", proto.window()));
  if (proto.has_timeframe()) {
    ASSIGN_OR_RETURN(metric.timeframe, FromProto("metric.timeframe", proto.timeframe()));
  }
  if (!v1::BarAlignment_IsValid(proto.timeframe_alignment())) {
    return UnknownEnum("metric.timeframe_alignment", proto.timeframe_alignment());
  }
  if (proto.timeframe_alignment() == v1::BAR_ALIGNMENT_SESSION) {
    metric.timeframe_alignment = calendar::BarAlignment::kSession;
  }
  metric.rollup = proto.rollup();
  for (const v1::MetricTest& test : proto.tests()) metric.tests.push_back(ReadTest(test));
  return metric;
}

}  // namespace metricstore::registry::api
