// Reads libpg_query's JSON tree of a SELECT: forms by name, places, and the limits of size.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace metricstore::expression::select {

using nlohmann::json;

inline constexpr size_t kMaxSqlBytes = 64 * 1024;
inline constexpr int kMaxSqlDepth = 64;
inline constexpr int kMaxSqlNodes = 10'000;

// A node of the grammar: {"ColumnRef": {...}} is the form ColumnRef with its body.
struct Form {
  std::string_view name;
  const json& body;
};

// Throws json::exception for anything but a form.
Form FormOf(const json& node);

// The part of that name, or nullptr.
const json* Part(const json& body, const char* key);
// The text of that name; "" if there is none.
std::string TextPart(const json& body, const char* key);
bool FlagPart(const json& body, const char* key);
// The list of that name; an empty one if there is none.
const json& ListPart(const json& body, const char* key);

// {"String": {"sval": "x"}} as "x"; nullopt for another form.
std::optional<std::string> NameIn(const json& node);
// A list of those; nullopt if it holds anything else.
std::optional<std::vector<std::string>> NamesIn(const json& list);

// The byte of the text where `node` stands, as far as the tree knows: its own place, or the first
// below it.
size_t PlaceOf(const json& node);

// The name of the first part of `body` that is not in `known`; "" if all are. Every part of every
// form is accounted for, so that nothing runs that was not checked.
std::string UnknownPart(const json& body, std::initializer_list<std::string_view> known);

// INVALID_ARGUMENT (SQL_INVALID) if the tree is deeper or larger than the limits. Walks without
// recursion: everything after it may recurse.
absl::Status CheckSize(std::string_view text, const json& tree);

}  // namespace metricstore::expression::select
