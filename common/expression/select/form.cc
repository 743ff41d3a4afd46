#include "common/expression/select/form.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/expression/syntax.h"

namespace metricstore::expression::select {
namespace {

// Forms that only carry a name, a number or a list add nothing to depth and size.
bool IsNode(const std::string& key) {
  if (key == "larg" || key == "rarg") return true;  // the sides of UNION are not wrapped
  return !key.empty() && absl::ascii_isupper(static_cast<unsigned char>(key[0])) &&
         key != "String" && key != "Integer" && key != "List" && key != "A_Star" &&
         key != "ResTarget" && key != "SortBy";
}

bool IsPlace(const std::string& key, const json& value) {
  return key == "location" && value.is_number_integer() && value.get<int64_t>() >= 0;
}

}  // namespace

Form FormOf(const json& node) {
  const json::object_t& object = node.get_ref<const json::object_t&>();
  // at() of a missing key throws what callers expect of odd trees.
  if (object.size() != 1) static_cast<void>(node.at("form"));
  return {.name = object.begin()->first, .body = object.begin()->second};
}

const json* Part(const json& body, const char* key) {
  const auto found = body.find(key);
  return found == body.end() ? nullptr : &*found;
}

std::string TextPart(const json& body, const char* key) { return body.value(key, ""); }

bool FlagPart(const json& body, const char* key) { return body.value(key, false); }

const json& ListPart(const json& body, const char* key) {
  static const json* const kEmpty = new json(json::array());
  const json* const list = Part(body, key);
  return list == nullptr ? *kEmpty : *list;
}

std::optional<std::string> NameIn(const json& node) {
  const json* const text = Part(node, "String");
  if (text == nullptr) return std::nullopt;
  return TextPart(*text, "sval");
}

std::optional<std::vector<std::string>> NamesIn(const json& list) {
  std::vector<std::string> names;
  for (const json& item : list) {
    std::optional<std::string> name = NameIn(item);
    if (!name.has_value()) return std::nullopt;
    names.push_back(*std::move(name));
  }
  return names;
}

size_t PlaceOf(const json& node) {
  const json* tree = &node;
  if (tree->is_object() && tree->size() == 1 && tree->begin()->is_object()) {
    tree = &*tree->begin();
  }
  if (const json* own = Part(*tree, "location"); own != nullptr && IsPlace("location", *own)) {
    return own->get<size_t>();
  }
  std::vector<const json*> pending = {tree};
  std::optional<size_t> first;
  while (!pending.empty()) {
    const json& next = *pending.back();
    pending.pop_back();
    for (auto it = next.begin(); it != next.end(); ++it) {
      if (it->is_structured()) {
        pending.push_back(&*it);
      } else if (next.is_object() && IsPlace(it.key(), *it)) {
        first = std::min(first.value_or(SIZE_MAX), it->get<size_t>());
      }
    }
  }
  return first.value_or(0);
}

std::string UnknownPart(const json& body, std::initializer_list<std::string_view> known) {
  for (auto part = body.begin(); part != body.end(); ++part) {
    if (part.key() == "location") continue;
    if (std::find(known.begin(), known.end(), part.key()) == known.end()) return part.key();
  }
  return "";
}

absl::Status CheckSize(std::string_view text, const json& tree) {
  struct Step {
    const json* node;
    int depth;
  };
  std::vector<Step> pending = {{&tree, 0}};
  int nodes = 0;
  while (!pending.empty()) {
    const auto [node, depth] = pending.back();
    pending.pop_back();
    for (auto it = node->begin(); it != node->end(); ++it) {
      if (!it->is_structured()) continue;
      const bool is_node = node->is_object() && IsNode(it.key());
      if (is_node && ++nodes > kMaxSqlNodes) {
        return SqlErrorAt(text, 0,
                          absl::StrCat("the SELECT has more than ", kMaxSqlNodes, " parts"));
      }
      if (is_node && depth == kMaxSqlDepth) {
        return SqlErrorAt(text, PlaceOf(*it),
                          absl::StrCat("the SELECT is nested deeper than ", kMaxSqlDepth));
      }
      pending.push_back({&*it, depth + (is_node ? 1 : 0)});
    }
  }
  return absl::OkStatus();
}

}  // namespace metricstore::expression::select
