#include "registry_service/catalog/yaml/syntax/yaml_document.h"

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <set>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/text_form.h"
#include "registry_service/catalog/yaml/syntax/expression_hint.h"

namespace metricstore::registry {
namespace {

constexpr size_t kMaxDepth = 24;
constexpr size_t kMaxNodes = 500'000;

// Ends a parse whose faults make going on pointless.
struct StopParsing {};

// Builds the tree from parser events: yaml-cpp's own tree accepts keys given twice and expands
// aliases without bound.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(YamlDocument& document) : document_(document) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    Add(NodeAt(mark, YamlNode::Kind::kNull));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    AddFault(mark, "aliases are not accepted; write the value out");
    Add(NodeAt(mark, YamlNode::Kind::kNull));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    YamlNode node = NodeAt(mark, YamlNode::Kind::kScalar);
    node.scalar = WithUnixLines(value);
    node.is_plain = tag == "?";
    CheckTag(mark, tag);
    // Escapes can spell what the file itself must not hold.
    if (const auto defect = FindTextDefect(node.scalar)) {
      AddFault(mark, absl::StrCat("the text ", defect->message));
    }
    Add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value style) override {
    Open(mark, tag, YamlNode::Kind::kSequence);
    open_.back().node.is_flow = style == YAML::EmitterStyle::Flow;
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    Open(mark, tag, YamlNode::Kind::kMapping);
  }
  void OnMapEnd() override { Close(); }

 private:
  // A mapping or sequence that is being filled.
  struct OpenNode {
    YamlNode node;
    std::set<std::string> keys;
  };

  static YamlNode NodeAt(const YAML::Mark& mark, YamlNode::Kind kind) {
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  void AddFault(const YAML::Mark& mark, std::string message) {
    document_.faults.push_back({mark.line + 1, mark.column + 1, std::move(message)});
  }

  void CheckTag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") {
      AddFault(mark, absl::StrCat("tags like ", Excerpt(tag), " are not accepted"));
    }
  }

  void Open(const YAML::Mark& mark, const std::string& tag, YamlNode::Kind kind) {
    CheckTag(mark, tag);
    if (open_.size() >= kMaxDepth) {
      AddFault(mark, absl::StrCat("nested deeper than ", kMaxDepth, " levels"));
      throw StopParsing();
    }
    open_.push_back({NodeAt(mark, kind), {}});
  }

  void Close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    // A key without a value at the end of a mapping has an OnNull of its own: sizes agree here.
    Add(std::move(node));
  }

  void Add(YamlNode node) {
    if (++nodes_ > kMaxNodes) {
      document_.faults.push_back({node.line, node.column, "the file has too many values"});
      throw StopParsing();
    }
    if (open_.empty()) {
      document_.root = std::move(node);
      return;
    }
    OpenNode& parent = open_.back();
    const bool is_key = parent.node.kind == YamlNode::Kind::kMapping &&
                        parent.node.keys.size() == parent.node.items.size();
    if (is_key) CheckKey(parent, node);
    (is_key ? parent.node.keys : parent.node.items).push_back(std::move(node));
  }

  void CheckKey(OpenNode& parent, const YamlNode& key) {
    if (key.kind != YamlNode::Kind::kScalar) {
      document_.faults.push_back({key.line, key.column, "a key must be a plain text"});
    } else if (!parent.keys.insert(key.scalar).second) {
      document_.faults.push_back(
          {key.line, key.column, absl::StrCat("key \"", Excerpt(key.scalar), "\" is given twice")});
    }
  }

  YamlDocument& document_;
  std::vector<OpenNode> open_;
  size_t nodes_ = 0;
};

// Where a defect of the file's text stands; columns are counted in bytes.
YamlFault PlaceOf(const TextDefect& defect, std::string_view text) {
  const std::string_view before = text.substr(0, defect.offset);
  const size_t line_start = before.rfind('\n') + 1;  // 0 on the first line
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(defect.offset - line_start) + 1,
          absl::StrCat("the line ", defect.message)};
}

}  // namespace

YamlDocument ParseYaml(std::string_view file) {
  YamlDocument document;
  const std::string text = WithUnixLines(file);
  if (const auto defect = FindTextDefect(text)) {
    document.faults.push_back(PlaceOf(*defect, text));
    return document;
  }
  std::istringstream stream(text);
  TreeBuilder builder(document);
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return document;
    YamlDocument rest;
    TreeBuilder rest_builder(rest);
    if (parser.HandleNextDocument(rest_builder)) {
      document.faults.push_back(
          {std::max(rest.root.line, 1), std::max(rest.root.column, 1),
           "a second document begins here; a file holds one mapping or one list"});
    }
  } catch (const StopParsing&) {
    // The fault is recorded.
  } catch (const YAML::Exception& error) {
    const int line = std::max(error.mark.line, 0) + 1;
    const int column = std::max(error.mark.column, 0) + 1;
    document.faults.push_back({line, column, absl::StrCat(error.msg, ExpressionHint(text, line))});
  } catch (const std::exception& error) {
    // Of the standard library, out of the parser: it says no place.
    document.faults.push_back({1, 1, absl::StrCat("the file cannot be parsed: ", error.what())});
  }
  return document;
}

}  // namespace metricstore::registry
