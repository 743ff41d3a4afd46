#include "common/config/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/config/secret.h"
#include "common/status/error.h"

namespace metricstore::config {
namespace {

std::string KindOf(const YAML::Node& node) {
  if (node.IsMap()) return "a mapping";
  if (node.IsSequence()) return "a list";
  return node.IsNull() ? "empty" : "a single value";
}

absl::Status YamlInvalid(const std::string& path, const YAML::Mark& mark, std::string_view what) {
  const std::string line = absl::StrCat(mark.line + 1);
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "YAML_INVALID",
                              absl::StrCat(path, ":", line, ": ", std::string(what)))
      .Metadata("path", path)
      .Metadata("line", line)
      .Metadata("column", absl::StrCat(mark.column + 1))
      .Build();
}

// A part of a description that names the candidate nearest to `word`, if one is near.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string near = status::ClosestMatch(word, candidates);
  return near.empty() ? "" : absl::StrCat("; did you mean \"", near, "\"?");
}

struct Problem {
  int line;  // from 1; 0 for a missing key
  std::string field;
  std::string description;
};

// What the sections of one file share.
struct Report {
  std::string path;
  std::vector<Problem> problems;
};

std::vector<Problem> SortedByLine(std::vector<Problem> problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  return problems;
}

}  // namespace

struct Section::Rep {
  std::shared_ptr<Report> report;
  YAML::Node node;   // a mapping, or null if the section is missing
  std::string path;  // "" for the root, else "server"
  std::map<std::string, std::shared_ptr<Rep>, std::less<>> subs;
  std::set<std::string, std::less<>> known;

  std::string PathOf(std::string_view key) const {
    return path.empty() ? std::string(key) : absl::StrCat(path, ".", std::string(key));
  }

  void NoteProblem(std::string_view key, const YAML::Mark& mark, std::string description) {
    report->problems.push_back({mark.line + 1, PathOf(key), std::move(description)});
  }

  // The value under `key`, which becomes a known key; an undefined node if it is missing.
  YAML::Node Find(std::string_view key) {
    known.emplace(key);
    for (const auto& entry : node) {
      if (entry.first.IsScalar() && entry.first.Scalar() == key) return entry.second;
    }
    return YAML::Node(YAML::NodeType::Undefined);
  }

  // The text under `key` and where it stands; nullopt if it is missing or, with a problem noted,
  // not a single value.
  std::optional<std::pair<std::string, YAML::Mark>> FindScalar(std::string_view key) {
    const YAML::Node value = Find(key);
    if (!value.IsDefined()) return std::nullopt;
    if (!value.IsScalar()) {
      NoteProblem(key, value.Mark(), absl::StrCat("is ", KindOf(value), "; give a single value"));
      return std::nullopt;
    }
    return std::make_pair(value.Scalar(), value.Mark());
  }

  void NoteUnknownKeys() {
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "?";
      if (!seen.insert(key).second) {
        NoteProblem(key, entry.first.Mark(), "is given twice");
      } else if (!known.contains(key)) {
        NoteProblem(key, entry.first.Mark(),
                    absl::StrCat("unknown key", DidYouMean(key, {known.begin(), known.end()})));
      }
    }
    for (const auto& [key, sub] : subs) sub->NoteUnknownKeys();
  }
};

struct File::Rep {
  std::shared_ptr<Report> report = std::make_shared<Report>();
  std::shared_ptr<Section::Rep> root = std::make_shared<Section::Rep>();
};

Section Section::Sub(std::string_view key) {
  auto& sub = rep_->subs[std::string(key)];
  if (sub != nullptr) return Section(sub);
  sub = std::make_shared<Rep>();
  sub->report = rep_->report;
  sub->path = rep_->PathOf(key);
  const YAML::Node value = rep_->Find(key);
  if (value.IsDefined() && value.IsMap()) {
    sub->node.reset(value);
  } else if (value.IsDefined() && !value.IsNull()) {
    rep_->NoteProblem(key, value.Mark(), absl::StrCat("is ", KindOf(value), "; give a mapping"));
  }
  return Section(sub);
}

std::string Section::String(std::string_view key, std::string_view fallback) {
  const auto found = rep_->FindScalar(key);
  return found.has_value() ? found->first : std::string(fallback);
}

std::string Section::RequiredString(std::string_view key) {
  if (!rep_->Find(key).IsDefined()) {
    rep_->report->problems.push_back({0, rep_->PathOf(key), "is required"});
    return "";
  }
  const auto found = rep_->FindScalar(key);
  if (found.has_value() && found->first.empty()) rep_->NoteProblem(key, found->second, "is empty");
  return found.has_value() ? found->first : "";
}

std::string Section::Secret(std::string_view key, std::string_view fallback) {
  const YAML::Node value = rep_->Find(key);
  if (!value.IsDefined()) return std::string(fallback);
  if (value.IsScalar()) return value.Scalar();
  absl::StatusOr<std::string> secret = absl::InvalidArgumentError(
      absl::StrCat("is ", KindOf(value), "; give the value, {file: PATH} or {env: NAME}"));
  if (value.IsMap() && value.size() == 1 && value.begin()->second.IsScalar()) {
    const std::string kind = value.begin()->first.Scalar();
    const std::string source = value.begin()->second.Scalar();
    if (kind == "file") secret = ReadSecretFile(rep_->report->path, source);
    if (kind == "env") secret = ReadSecretVariable(source);
  }
  if (secret.ok()) return *std::move(secret);
  rep_->NoteProblem(key, value.Mark(), std::string(secret.status().message()));
  return std::string(fallback);
}

int64_t Section::Int(std::string_view key, int64_t fallback, int64_t lowest, int64_t highest) {
  const auto found = rep_->FindScalar(key);
  if (!found.has_value()) return fallback;
  int64_t value = 0;
  if (absl::SimpleAtoi(found->first, &value) && value >= lowest && value <= highest) return value;
  rep_->NoteProblem(
      key, found->second,
      absl::StrCat("\"", found->first, "\" is not a whole number from ", lowest, " to ", highest));
  return fallback;
}

bool Section::Bool(std::string_view key, bool fallback) {
  const auto found = rep_->FindScalar(key);
  if (!found.has_value()) return fallback;
  if (found->first == "true" || found->first == "false") return found->first == "true";
  rep_->NoteProblem(key, found->second,
                    absl::StrCat("\"", found->first, "\" is neither true nor false"));
  return fallback;
}

std::string Section::OneOf(std::string_view key, std::string_view fallback,
                           const std::vector<std::string>& allowed) {
  const auto found = rep_->FindScalar(key);
  if (!found.has_value()) return std::string(fallback);
  if (std::find(allowed.begin(), allowed.end(), found->first) != allowed.end()) return found->first;
  rep_->NoteProblem(key, found->second,
                    absl::StrCat("must be one of ", absl::StrJoin(allowed, ", "), ", not \"",
                                 found->first, "\"", DidYouMean(found->first, allowed)));
  return std::string(fallback);
}

absl::Duration Section::Duration(std::string_view key, absl::Duration fallback,
                                 absl::Duration lowest, absl::Duration highest) {
  const auto found = rep_->FindScalar(key);
  if (!found.has_value()) return fallback;
  absl::Duration value;
  if (absl::ParseDuration(found->first, &value) && value >= lowest && value <= highest) {
    return value;
  }
  rep_->NoteProblem(
      key, found->second,
      absl::StrCat("\"", found->first, "\" is not a duration from ", absl::FormatDuration(lowest),
                   " to ", absl::FormatDuration(highest), "; write it like 250ms, 30s, 5m or 1h"));
  return fallback;
}

absl::StatusOr<File> File::Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return status::ErrorBuilder(absl::StatusCode::kNotFound, "CONFIG_NOT_FOUND",
                                absl::StrCat("cannot read the configuration file ", path))
        .Metadata("path", path)
        .Build();
  }
  return Parse(text.str(), path);
}

absl::StatusOr<File> File::Parse(const std::string& text, const std::string& path) {
  std::vector<YAML::Node> documents;
  try {
    documents = YAML::LoadAll(text);
  } catch (const YAML::Exception& error) {
    return YamlInvalid(path, error.mark, error.msg);
  }
  if (documents.empty()) documents.emplace_back();
  const YAML::Node& root = documents.front();
  if (documents.size() > 1) {
    return YamlInvalid(path, documents[1].Mark(), "the file must hold one document");
  }
  if (!root.IsMap() && !root.IsNull()) {
    return YamlInvalid(path, root.Mark(), absl::StrCat("is ", KindOf(root), ", not a mapping"));
  }
  auto rep = std::make_shared<Rep>();
  rep->report->path = path;
  rep->root->report = rep->report;
  rep->root->node.reset(root);
  return File(std::move(rep));
}

Section File::Root() { return Section(rep_->root); }

absl::Status File::Finish() {
  rep_->root->NoteUnknownKeys();
  const std::vector<Problem> problems = SortedByLine(std::exchange(rep_->report->problems, {}));
  if (problems.empty()) return absl::OkStatus();
  const auto text = [this](const Problem& problem) {
    const std::string place = problem.line > 0 ? absl::StrCat(":", problem.line) : "";
    return absl::StrCat(rep_->report->path, place, ": ", problem.field, " ", problem.description);
  };
  const std::string message = absl::StrJoin(
      problems, "; ", [&](std::string* out, const Problem& problem) { *out += text(problem); });
  status::ErrorBuilder error(absl::StatusCode::kInvalidArgument, "FIELD_INVALID", message);
  error.Metadata("field", problems.front().field);
  for (const Problem& problem : problems) error.Field(problem.field, text(problem));
  return error.Build();
}

}  // namespace metricstore::config
