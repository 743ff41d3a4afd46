#include "registry_service/catalog/definition/metric_json.h"

#include <openssl/evp.h>

#include <array>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "registry_service/catalog/definition/metric_test_json.h"
#include "registry_service/catalog/definition/window_json.h"

namespace metricstore::registry {
namespace {

using Json = nlohmann::ordered_json;

// Enough that no two definitions of a project meet in one.
constexpr size_t kEtagBytes = 12;

void PutText(Json& json, const char* key, const std::string& text) {
  if (!text.empty()) json[key] = text;
}

void PutTexts(Json& json, const char* key, const std::vector<std::string>& texts) {
  if (!texts.empty()) json[key] = texts;
}

std::vector<std::string> TextsFrom(const Json& json, const char* key) {
  return json.value(key, std::vector<std::string>());
}

MetricType TypeFrom(const Json& json) {
  const auto type = ParseMetricType(json.at("type").get<std::string>());
  if (!type.has_value()) {
    throw nlohmann::json::other_error::create(501, "unknown metric type", &json);
  }
  return *type;
}

Grain GrainFrom(const Json& json) {
  const auto grain = ParseGrain(json.at("grain").get<std::string>());
  if (!grain.has_value()) throw nlohmann::json::other_error::create(501, "unknown grain", &json);
  return *grain;
}

MetricDefinition DefinitionFrom(const Json& json) {
  MetricDefinition metric;
  metric.name = json.at("name").get<std::string>();
  metric.category = json.at("category").get<std::string>();
  metric.display_name = json.value("display_name", "");
  metric.description = json.value("description", "");
  metric.type = TypeFrom(json);
  metric.unit = json.value("unit", "");
  metric.grain = GrainFrom(json);
  metric.dataset = json.value("dataset", "");
  metric.expression = json.value("expression", "");
  metric.sql = json.value("sql", "");
  metric.sql_variants = json.value("sql_variants", std::map<std::string, std::string>());
  metric.time_column = json.value("time_column", "");
  metric.dimensions = TextsFrom(json, "dimensions");
  metric.filters = TextsFrom(json, "filters");
  metric.window = WindowFrom(json.at("window"));
  if (json.contains("timeframe_seconds")) {
    metric.timeframe = absl::Seconds(json.at("timeframe_seconds").get<int64_t>());
  }
  if (json.value("timeframe_alignment", "") == "session") {
    metric.timeframe_alignment = calendar::BarAlignment::kSession;
  }
  metric.rollup = json.value("rollup", "");
  metric.synonyms = TextsFrom(json, "synonyms");
  metric.notes = json.value("notes", "");
  metric.validation = json.value("validation", "");
  metric.owner = json.value("owner", "");
  metric.source = json.value("source", "");
  metric.tags = TextsFrom(json, "tags");
  if (json.contains("tests")) metric.tests = MetricTestsFrom(json.at("tests"));
  metric.tables = TextsFrom(json, "tables");
  metric.depends_on = TextsFrom(json, "depends_on");
  metric.columns = TextsFrom(json, "columns");
  metric.reads = TextsFrom(json, "reads");
  metric.meaning = json.value("meaning", "");
  metric.meaning_without_sql = json.value("meaning_without_sql", "");
  return metric;
}

}  // namespace

std::string MetricToJson(const MetricDefinition& metric) {
  Json json = {{"name", metric.name}, {"category", metric.category}};
  PutText(json, "display_name", metric.display_name);
  PutText(json, "description", metric.description);
  json["type"] = std::string(MetricTypeName(metric.type));
  PutText(json, "unit", metric.unit);
  json["grain"] = std::string(GrainName(metric.grain));
  PutText(json, "dataset", metric.dataset);
  PutText(json, "expression", metric.expression);
  PutText(json, "sql", metric.sql);
  if (!metric.sql_variants.empty()) json["sql_variants"] = metric.sql_variants;
  PutText(json, "time_column", metric.time_column);
  PutTexts(json, "dimensions", metric.dimensions);
  PutTexts(json, "filters", metric.filters);
  json["window"] = WindowToJson(metric.window);
  if (metric.timeframe.has_value()) {
    json["timeframe_seconds"] = absl::ToInt64Seconds(*metric.timeframe);
  }
  if (metric.timeframe_alignment == calendar::BarAlignment::kSession) {
    json["timeframe_alignment"] = "session";
  }
  PutText(json, "rollup", metric.rollup);
  PutTexts(json, "synonyms", metric.synonyms);
  PutText(json, "notes", metric.notes);
  PutText(json, "validation", metric.validation);
  PutText(json, "owner", metric.owner);
  PutText(json, "source", metric.source);
  PutTexts(json, "tags", metric.tags);
  if (!metric.tests.empty()) json["tests"] = MetricTestsToJson(metric.tests);
  PutTexts(json, "tables", metric.tables);
  PutTexts(json, "depends_on", metric.depends_on);
  PutTexts(json, "columns", metric.columns);
  PutTexts(json, "reads", metric.reads);
  PutText(json, "meaning", metric.meaning);
  PutText(json, "meaning_without_sql", metric.meaning_without_sql);
  return json.dump();
}

absl::StatusOr<MetricDefinition> MetricFromJson(std::string_view json) {
  try {
    return DefinitionFrom(Json::parse(json));
  } catch (const nlohmann::json::exception& error) {
    return status::InternalError(absl::StrCat("stored metric cannot be read: ", error.what()));
  }
}

std::string EtagOf(const MetricDefinition& latest, const MetricDefinition& active,
                   int latest_version, int active_version, bool deleted) {
  const std::string text = absl::StrCat(latest_version, "@", MetricToJson(latest), active_version,
                                        "@", MetricToJson(active), deleted ? "deleted" : "");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  // Fails only for an unknown algorithm.
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), kEtagBytes));
}

}  // namespace metricstore::registry
