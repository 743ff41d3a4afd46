#include "tests/conformance/catalog/catalog_session.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"
#include "gtest/gtest.h"
#include "registry_service/catalog/diff/metric_diff.h"
#include "registry_service/catalog/view/metric_filter.h"
#include "registry_service/catalog/yaml/definition_export.h"

namespace metricstore::registry {
namespace {

int32_t AddProject(pg::Pool& pool) {
  static std::atomic<int> projects = 0;
  const std::string name = absl::StrCat("case-", ++projects);
  int32_t id = 0;
  const absl::Status added =
      pool.Run({}, pg::TransactionMode::kReadWrite, [&](pg::Transaction& transaction) {
        const auto rows = transaction.ExecuteDynamic(
            "add_project", "INSERT INTO projects (name) VALUES ($1) RETURNING project_id",
            pg::Params().Add(name));
        if (rows.ok()) id = rows->begin().operator*().Int32(0);
        return rows.status();
      });
  EXPECT_TRUE(added.ok()) << added;
  return id;
}

// The one metric that the text defines.
absl::StatusOr<MetricDefinition> ReadOne(const std::string& text) {
  Faults faults;
  const DefinitionFile file{"", text};
  Definitions read = ReadDefinitions({&file, 1}, faults);
  RETURN_IF_ERROR(faults.ToStatus());
  if (read.metrics.size() != 1) return absl::InvalidArgumentError("one metric is wanted");
  return std::move(read.metrics[0].definition);
}

// "a/x@2" as its two parts; version 0 where none is said.
MetricName NameOf(const std::string& word) {
  const std::vector<std::string> parts = absl::StrSplit(word, '@');
  int version = 0;
  if (parts.size() > 1) (void)absl::SimpleAtoi(parts[1], &version);
  return {parts[0], version};
}

template <typename Answer, typename Render>
Lines Tell(const absl::StatusOr<Answer>& answer, Render render) {
  return answer.ok() ? render(*answer) : ErrorLines(answer.status());
}

Lines HeadOnly(const MetricDefinition& metric) { return {MetricLines(metric)[0]}; }

Lines Ids(const std::vector<CatalogEntryPtr>& entries) {
  Lines ids;
  for (const CatalogEntryPtr& entry : entries) ids.push_back(entry->active.id());
  return ids;
}

Lines Indented(const std::string& text) {
  Lines lines;
  for (const auto line : absl::StrSplit(absl::StripSuffix(text, "\n"), '\n')) {
    lines.push_back(absl::StrCat("  ", line));
  }
  return lines;
}

}  // namespace

CatalogSession::CatalogSession(pg::Pool& pool, RowEvaluator& evaluator, std::string base_yaml)
    : pool_(pool),
      project_(AddProject(pool)),
      tests_(evaluator),
      base_yaml_(std::move(base_yaml)) {}

Lines CatalogSession::Run(const Step& step) {
  using Command = Lines (CatalogSession::*)(const Step&);
  static const std::map<std::string, Command> kCommands = {
      {"base", &CatalogSession::ImportBase},   {"file", &CatalogSession::Put},
      {"change", &CatalogSession::Change},     {"drop", &CatalogSession::Drop},
      {"import", &CatalogSession::Import},     {"plan", &CatalogSession::Plan},
      {"validate", &CatalogSession::Validate}, {"create", &CatalogSession::Create},
      {"update", &CatalogSession::Update},     {"delete", &CatalogSession::Delete},
      {"undelete", &CatalogSession::Undelete}, {"promote", &CatalogSession::Promote},
      {"show", &CatalogSession::Show},         {"versions", &CatalogSession::Versions},
      {"diff", &CatalogSession::Diff},         {"list", &CatalogSession::List},
      {"search", &CatalogSession::Search},     {"synonym", &CatalogSession::Synonym},
      {"lineage", &CatalogSession::Lineage},   {"tables", &CatalogSession::Tables},
      {"export", &CatalogSession::Export},     {"results", &CatalogSession::PretendResults},
  };
  const auto command = kCommands.find(step.command);
  return command == kCommands.end() ? Lines{"no such step"} : (this->*command->second)(step);
}

Lines CatalogSession::ImportBase(const Step&) {
  files_["base.yaml"] = base_yaml_;
  const auto imported = importer_.Import(project_, Files(), {}, {});
  return imported.ok() ? Lines() : ErrorLines(imported.status());
}

Lines CatalogSession::Drop(const Step& step) {
  return files_.erase(step.words.at(0)) == 1 ? Lines() : Lines{"no such file"};
}

Lines CatalogSession::Plan(const Step& step) {
  return Tell(planner_.Plan(project_, Files(), OptionsOf(step).promote, {}), PlanLines);
}

Lines CatalogSession::Delete(const Step& step) {
  return Tell(editor_.Delete(project_, step.words.at(0), OptionsOf(step), {}), HeadOnly);
}

Lines CatalogSession::Undelete(const Step& step) {
  return Tell(editor_.Undelete(project_, step.words.at(0), OptionsOf(step), {}), HeadOnly);
}

Lines CatalogSession::Promote(const Step& step) {
  int version = 0;
  if (step.words.size() > 1) (void)absl::SimpleAtoi(step.words[1], &version);
  return Tell(
      editor_.Promote(project_, step.words.at(0), version, OptionsOf(step), {}),
      [](const PromoteOutcome& done) {
        Lines lines = {absl::StrCat(HeadOnly(done.metric)[0], ", was v", done.previous_version)};
        for (const FieldChange& change : done.changes) lines.push_back(ChangeLine(change));
        return lines;
      });
}

Lines CatalogSession::Synonym(const Step& step) {
  return Ids(Snapshot()->FindSynonym(step.words.at(0)));
}

Lines CatalogSession::Tables(const Step&) {
  Lines lines;
  for (const auto& [table, entries] : Snapshot()->TableMap()) {
    lines.push_back(absl::StrCat(table, ": ", absl::StrJoin(Ids(entries), ", ")));
  }
  return lines;
}

Lines CatalogSession::Put(const Step& step) {
  files_[step.words.at(0)] = absl::StrCat(absl::StrJoin(step.content, "\n"), "\n");
  return {};
}

Lines CatalogSession::Change(const Step& step) {
  std::string& content = files_[step.words.at(0)];
  const size_t place = content.find(step.words.at(1));
  if (place == std::string::npos) return {"no such text"};
  content.replace(place, step.words[1].size(), step.words.at(2));
  return {};
}

Lines CatalogSession::Import(const Step& step) {
  return Tell(importer_.Import(project_, Files(), OptionsOf(step), {}),
              [](const ImportResult& result) {
                Lines lines;
                for (const ImportOutcome& outcome : result.outcomes) {
                  if (IsWorthTelling(outcome)) lines.push_back(OutcomeLine(outcome));
                  for (const StaleResults& stale : outcome.stale) {
                    lines.push_back(absl::StrCat("  ", StaleLine(stale)));
                  }
                }
                for (const std::string& line : ReportLines(result.warnings)) lines.push_back(line);
                return lines;
              });
}

Lines CatalogSession::Validate(const Step& step) {
  const bool stored = !step.words.empty() && step.words[0] == "stored";
  const auto reports =
      planner_.Validate(project_, stored ? std::vector<DefinitionFile>() : Files(), false, {});
  return Tell(reports, ReportLines);
}

Lines CatalogSession::Create(const Step& step) {
  const auto metric = ReadOne(absl::StrJoin(step.content, "\n"));
  if (!metric.ok()) return ErrorLines(metric.status());
  return Tell(editor_.Create(project_, *metric, OptionsOf(step), {}),
              [](const MetricDefinition& created) { return Lines{MetricLine(created)}; });
}

Lines CatalogSession::Update(const Step& step) {
  const std::string& id = step.words.at(0);
  const std::string& field = step.words.at(1);
  const std::vector<std::string> parts = absl::StrSplit(id, '/');
  // Only the masked field counts; the others must merely read.
  std::map<std::string, std::string> fields = {{"name", parts.at(1)}, {"category", parts.at(0)},
                                               {"description", "x"},  {"type", "sum"},
                                               {"grain", "day"},      {"table", "x"},
                                               {"expression", "x"}};
  fields[field] = step.words.at(2);
  std::string yaml;
  for (const auto& [key, value] : fields) absl::StrAppend(&yaml, key, ": ", value, "\n");
  const auto metric = ReadOne(yaml);
  if (!metric.ok()) return ErrorLines(metric.status());
  std::string mask = field == "table" ? "dataset" : field;
  if (absl::StartsWith(field, "sql_by_")) mask = "sql_variants";
  return Tell(editor_.Update(project_, *metric, {mask}, OptionsOf(step), {}),
              [](const UpdateOutcome& done) {
                Lines lines = {MetricLines(done.metric)[0]};
                for (const FieldChange& change : done.changes) lines.push_back(ChangeLine(change));
                return lines;
              });
}

Lines CatalogSession::Show(const Step& step) { return Tell(Find(step.words.at(0)), MetricLines); }

Lines CatalogSession::Versions(const Step& step) {
  return Tell(metrics_.ListVersions(project_, step.words.at(0), 0, 100, {}),
              [](const std::vector<StoredVersion>& versions) {
                Lines lines;
                for (const StoredVersion& version : versions) {
                  const MetricDefinition& metric = version.definition;
                  const bool active = metric.version == metric.active_version;
                  lines.push_back(absl::StrCat("v", metric.version, active ? " active" : "", " ",
                                               metric.expression));
                }
                return lines;
              });
}

Lines CatalogSession::Diff(const Step& step) {
  const auto before = Find(step.words.at(0));
  if (!before.ok()) return ErrorLines(before.status());
  const auto after = Find(step.words.at(1));
  if (!after.ok()) return ErrorLines(after.status());
  Lines lines;
  for (const FieldChange& change : DiffMetrics(*before, *after))
    lines.push_back(ChangeLine(change));
  return lines;
}

Lines CatalogSession::List(const Step& step) {
  const auto filter = MetricFilter::Parse(step.words.empty() ? "" : step.words[0]);
  if (!filter.ok()) return ErrorLines(filter.status());
  Lines lines;
  for (const CatalogEntryPtr& entry : Snapshot()->All()) {
    if (!entry->deleted() && filter->Matches(entry->active)) {
      lines.push_back(MetricLine(entry->active));
    }
  }
  return lines;
}

Lines CatalogSession::Search(const Step& step) {
  Lines lines;
  for (const SearchMatch& match : Snapshot()->Search(absl::StrJoin(step.words, " "), "")) {
    lines.push_back(
        absl::StrCat(match.entry->active.id(), " in ", absl::StrJoin(match.fields, ", ")));
  }
  return lines;
}

Lines CatalogSession::Lineage(const Step& step) {
  Lines lines;
  for (const LineageNode& node : Snapshot()->Lineage(step.words.at(0))) {
    lines.push_back(absl::StrCat(node.id, " reads ", absl::StrJoin(node.columns, ", "), " of ",
                                 absl::StrJoin(node.tables, ", "), "; up ",
                                 absl::StrJoin(node.upstream, ", "), "; down ",
                                 absl::StrJoin(node.downstream, ", ")));
  }
  return lines;
}

Lines CatalogSession::Export(const Step&) {
  Lines lines;
  for (const CatalogEntryPtr& entry : Snapshot()->All()) {
    if (entry->deleted()) continue;
    const DefinitionFile file = ExportMetric(entry->latest());
    lines.push_back(file.path);
    for (const std::string& line : Indented(file.content)) lines.push_back(line);
  }
  return lines;
}

Lines CatalogSession::PretendResults(const Step& step) {
  const auto metric = Find(step.words.at(0));
  if (!metric.ok()) return ErrorLines(metric.status());
  const auto insert = [&](pg::Transaction& transaction) -> absl::Status {
    const std::string sql = R"sql(
WITH series AS (
  INSERT INTO metric_series (project_id, metric_id, version, grain, entity)
  SELECT $1::integer, $2::text, $3::integer, $4::smallint, 'shop ' || s
    FROM generate_series(1, $5::integer) AS s
  RETURNING project_id, series_id)
INSERT INTO metric_chunk (project_id, series_id, span_start, bucket_starts, "values")
SELECT project_id, series_id, '2024-03-01',
       ARRAY(SELECT '2024-03-01'::timestamptz + p * interval '1 day' FROM generate_series(0, $6::integer - 1) AS p),
       array_fill(1::double precision, ARRAY[$6::integer])
  FROM series)sql";
    int series = 0, points = 0;
    (void)absl::SimpleAtoi(step.words.at(1), &series);
    (void)absl::SimpleAtoi(step.words.at(2), &points);
    pg::Params params;
    params.Add(project_).Add(metric->id()).Add(metric->active_version);
    params.Add(static_cast<int32_t>(metric->grain)).Add(series).Add(points);
    return transaction.ExecuteDynamic("pretend_results", sql, params).status();
  };
  const absl::Status done = pool_.Run({}, pg::TransactionMode::kReadWrite, insert);
  return done.ok() ? Lines() : ErrorLines(done);
}

std::vector<DefinitionFile> CatalogSession::Files() const {
  std::vector<DefinitionFile> files;
  for (const auto& [path, content] : files_) files.push_back({path, content});
  return files;
}

WriteOptions CatalogSession::OptionsOf(const Step& step) {
  WriteOptions options;
  // What the request says beside its id.
  options.request_sha256 = absl::StrCat(step.command, absl::StrJoin(step.content, "\n"));
  if (step.command == "import") {
    for (const auto& [path, content] : files_) absl::StrAppend(&options.request_sha256, content);
  }
  for (const std::string& word : step.words) {
    if (word == "promote") options.promote = true;
    if (word == "dry-run") options.validate_only = true;
    if (word == "no-tests") options.skip_tests = true;
    if (absl::StartsWith(word, "id=")) options.request_id = word.substr(3);
    if (word == "etag=stale") options.etag = "0123456789";
    if (word == "etag=now") options.etag = EtagOf(step.words.at(0));
    if (!absl::StartsWith(word, "id=")) absl::StrAppend(&options.request_sha256, " ", word);
  }
  return options;
}

std::string CatalogSession::EtagOf(const std::string& id) {
  const auto metric = metrics_.Get(project_, {id, 0}, {});
  return metric.ok() ? metric->etag : "";
}

absl::StatusOr<MetricDefinition> CatalogSession::Find(const std::string& word) {
  return metrics_.Get(project_, NameOf(word), {});
}

std::shared_ptr<const CatalogSnapshot> CatalogSession::Snapshot() {
  const auto snapshot = cache_.Refresh(project_, {});
  EXPECT_TRUE(snapshot.ok()) << snapshot.status();
  return snapshot.ok() ? *snapshot : CatalogSnapshot::Build(0, {});
}

}  // namespace metricstore::registry
