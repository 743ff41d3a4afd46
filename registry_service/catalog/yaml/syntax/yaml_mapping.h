// A mapping of a definition file, read strictly: what nobody asked for is a fault.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "registry_service/catalog/definition/faults.h"
#include "registry_service/catalog/definition/located.h"
#include "registry_service/catalog/yaml/syntax/yaml_document.h"

namespace metricstore::registry {

// Where a definition is read from, and where faults and lines of its fields go.
struct YamlSource {
  std::string path;
  Faults& faults;
  FieldLines lines;
  FaultyFields faulty;
  std::vector<FieldFault> doubts;  // what is odd and no fault

  void Fault(int line, std::string_view reason, std::string_view field, std::string message);
  // DEFINITION_INVALID.
  void Invalid(int line, std::string_view field, std::string message);
};

// Getters mark their key as known and record its line; a missing key or a null gives the empty
// value. Faults are collected, never returned. Not thread-safe; node and source must outlive it.
class YamlMapping {
 public:
  // `where` is put before the names of fields: "" or "columns[2].". A node that is no mapping is a
  // fault, and reads like an empty mapping.
  YamlMapping(const YamlNode& node, YamlSource& source, std::string where);

  // The value of a key, or nullptr.
  const YamlNode* Take(std::string_view key);
  // Keys that begin with `prefix`, without it, with their values; unknown keys like them are told
  // so.
  std::vector<std::pair<std::string, const YamlNode*>> TakePrefixed(std::string_view prefix);

  // Surrounding white space is cut off.
  std::string Text(std::string_view key);
  std::string RequiredText(std::string_view key);
  std::vector<std::string> Texts(std::string_view key);
  bool Bool(std::string_view key, bool fallback);
  std::optional<int> Int(std::string_view key, int lowest, int highest);
  std::optional<double> Number(std::string_view key);        // finite
  std::optional<absl::Duration> Span(std::string_view key);  // "30m", at most 100 years
  std::optional<absl::CivilDay> RequiredDate(std::string_view key);
  std::optional<absl::CivilDay> Date(std::string_view key);
  // One of `names`; a fault with a suggestion otherwise.
  std::optional<std::string> Choice(std::string_view key, const std::vector<std::string>& names);
  std::optional<std::string> RequiredChoice(std::string_view key,
                                            const std::vector<std::string>& names);
  // As Choice, for a list.
  std::vector<std::string> Choices(std::string_view key, const std::vector<std::string>& names);

  // Every key with its text as written; nulls are left out. Lines are not recorded.
  std::map<std::string, std::string> AllTexts();

  void Invalid(std::string_view key, std::string message);
  void Missing(std::string_view key);
  // Reports every key that no getter asked for, and what is missing, unless it was misspelt.
  void Finish();

  int line() const { return node_.line; }
  std::string FieldName(std::string_view key) const { return where_ + std::string(key); }
  YamlSource& source() { return source_; }

 private:
  std::optional<absl::CivilDay> DateFrom(std::string_view key, const std::string& text);
  // The scalar's text as written, or a fault.
  std::optional<std::string> WrittenText(const YamlNode& node, std::string_view key);
  // That, without surrounding white space.
  std::optional<std::string> ScalarText(const YamlNode& node, std::string_view key);
  void ReportUnknown(const YamlNode& key);
  // The known key that an unknown one may mean, or "".
  std::string KeyLike(const std::string& key) const;
  bool IsOneOf(const std::string& value, const std::vector<std::string>& names,
               std::string_view key);
  int LineOf(std::string_view key) const;

  const YamlNode& node_;
  YamlSource& source_;
  const std::string where_;
  std::set<std::string, std::less<>> known_;
  std::vector<std::string> known_prefixes_;
  std::vector<std::string> missing_;
};

// The mappings of a sequence under `key`; a fault if it is something else.
std::vector<const YamlNode*> TakeItems(YamlMapping& mapping, std::string_view key);

}  // namespace metricstore::registry
