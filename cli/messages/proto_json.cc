#include "cli/messages/proto_json.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/messages/proto_text.h"
#include "common/time/iso8601.h"

namespace metricstore::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using nlohmann::ordered_json;

// "METRIC_TYPE_" of the enum MetricType.
std::string PrefixOf(const google::protobuf::EnumDescriptor& type) {
  std::string prefix;
  for (const char c : type.name()) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !prefix.empty()) prefix.push_back('_');
    prefix.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return prefix + '_';
}

ordered_json EnumJson(const google::protobuf::EnumDescriptor& type, int number) {
  const auto* value = type.FindValueByNumber(number);
  if (value == nullptr) return number;
  return EnumText(value->name(), PrefixOf(type));
}

ordered_json StructJson(const Message& message) {
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json).ok()) return nullptr;
  return ordered_json::parse(json);
}

ordered_json MessageJson(const Message& message) {
  const std::string& type = message.GetDescriptor()->full_name();
  if (type == "google.protobuf.Timestamp") {
    return FormatInstant(InstantOf(dynamic_cast<const google::protobuf::Timestamp&>(message)));
  }
  if (type == "google.protobuf.Duration") {
    return FormatSpan(SpanOf(dynamic_cast<const google::protobuf::Duration&>(message)));
  }
  if (type == "google.protobuf.Struct") return StructJson(message);
  return JsonOf(message);
}

ordered_json SingleJson(const Message& message, const FieldDescriptor& field) {
  const Reflection& values = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return values.GetInt32(message, &field);
    case FieldDescriptor::CPPTYPE_INT64:
      return values.GetInt64(message, &field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return values.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return values.GetUInt64(message, &field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return values.GetDouble(message, &field);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return values.GetFloat(message, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return values.GetBool(message, &field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumJson(*field.enum_type(), values.GetEnumValue(message, &field));
    case FieldDescriptor::CPPTYPE_STRING:
      return values.GetString(message, &field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageJson(values.GetMessage(message, &field));
  }
  return nullptr;
}

ordered_json ItemJson(const Message& message, const FieldDescriptor& field, int i) {
  const Reflection& values = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return values.GetRepeatedInt32(message, &field, i);
    case FieldDescriptor::CPPTYPE_INT64:
      return values.GetRepeatedInt64(message, &field, i);
    case FieldDescriptor::CPPTYPE_UINT32:
      return values.GetRepeatedUInt32(message, &field, i);
    case FieldDescriptor::CPPTYPE_UINT64:
      return values.GetRepeatedUInt64(message, &field, i);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return values.GetRepeatedDouble(message, &field, i);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return values.GetRepeatedFloat(message, &field, i);
    case FieldDescriptor::CPPTYPE_BOOL:
      return values.GetRepeatedBool(message, &field, i);
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumJson(*field.enum_type(), values.GetRepeatedEnumValue(message, &field, i));
    case FieldDescriptor::CPPTYPE_STRING:
      return values.GetRepeatedString(message, &field, i);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageJson(values.GetRepeatedMessage(message, &field, i));
  }
  return nullptr;
}

// Maps have no order of their own: sorted, equal messages give equal text.
ordered_json MapJson(const Message& message, const FieldDescriptor& field) {
  const FieldDescriptor& key = *field.message_type()->map_key();
  const FieldDescriptor& value = *field.message_type()->map_value();
  std::map<std::string, ordered_json> sorted;
  const int size = message.GetReflection()->FieldSize(message, &field);
  for (int i = 0; i < size; ++i) {
    const Message& entry = message.GetReflection()->GetRepeatedMessage(message, &field, i);
    const ordered_json name = SingleJson(entry, key);
    sorted[name.is_string() ? name.get<std::string>() : name.dump()] = SingleJson(entry, value);
  }
  ordered_json object = ordered_json::object();
  for (auto& [name, json] : sorted) object[name] = std::move(json);
  return object;
}

ordered_json FieldJson(const Message& message, const FieldDescriptor& field) {
  if (field.is_map()) return MapJson(message, field);
  if (!field.is_repeated()) return SingleJson(message, field);
  ordered_json items = ordered_json::array();
  const int size = message.GetReflection()->FieldSize(message, &field);
  for (int i = 0; i < size; ++i) items.push_back(ItemJson(message, field, i));
  return items;
}

// One word for the table that a metric reads, in YAML, lists and here.
std::string KeyOf(const FieldDescriptor& field) {
  const bool table = field.full_name() == "metricstore.registry.v1.Metric.dataset";
  return table ? "table" : field.name();
}

}  // namespace

ordered_json JsonOf(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  ordered_json object = ordered_json::object();
  for (const FieldDescriptor* field : fields) object[KeyOf(*field)] = FieldJson(message, *field);
  return object;
}

}  // namespace metricstore::cli
