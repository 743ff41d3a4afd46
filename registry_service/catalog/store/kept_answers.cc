#include "registry_service/catalog/store/kept_answers.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/time/iso8601.h"

namespace metricstore::registry {
namespace {

using Json = nlohmann::json;

Json StaleToJson(const StaleResults& stale) {
  Json json = {{"metric", stale.metric},
               {"version", stale.version},
               {"series", stale.series},
               {"points", stale.points},
               {"dates", Json::array()}};
  if (stale.first_bucket.has_value()) json["first_bucket"] = ToMicros(*stale.first_bucket);
  if (stale.last_bucket.has_value()) json["last_bucket"] = ToMicros(*stale.last_bucket);
  if (stale.grain.has_value()) json["grain"] = static_cast<int>(*stale.grain);
  for (const DateRange& range : stale.dates) {
    json["dates"].push_back({ToEpochDays(range.start), ToEpochDays(range.end)});
  }
  return json;
}

StaleResults StaleFrom(const Json& json) {
  StaleResults stale;
  stale.metric = json.at("metric");
  stale.version = json.at("version");
  stale.series = json.at("series");
  stale.points = json.at("points");
  if (json.contains("first_bucket")) stale.first_bucket = FromMicros(json.at("first_bucket"));
  if (json.contains("last_bucket")) stale.last_bucket = FromMicros(json.at("last_bucket"));
  if (json.contains("grain")) stale.grain = static_cast<Grain>(json.at("grain").get<int>());
  for (const Json& range : json.at("dates")) {
    stale.dates.push_back({FromEpochDays(range.at(0)), FromEpochDays(range.at(1))});
  }
  return stale;
}

Json OutcomeToJson(const ImportOutcome& outcome) {
  Json stale = Json::array();
  for (const StaleResults& results : outcome.stale) stale.push_back(StaleToJson(results));
  return {{"kind", outcome.kind},
          {"name", outcome.name},
          {"action", static_cast<int>(outcome.action)},
          {"version", outcome.version},
          {"active_version", outcome.active_version},
          {"path", outcome.path},
          {"tests_run", outcome.tests_run},
          {"stale", std::move(stale)}};
}

ImportOutcome OutcomeFrom(const Json& json) {
  ImportOutcome outcome{.kind = json.at("kind"),
                        .name = json.at("name"),
                        .action = static_cast<ImportAction>(json.at("action").get<int>()),
                        .version = json.at("version"),
                        .path = json.at("path"),
                        .active_version = json.at("active_version"),
                        .tests_run = json.at("tests_run"),
                        .stale = {}};
  // An earlier release kept none.
  if (!json.contains("stale")) return outcome;
  for (const Json& results : json.at("stale")) outcome.stale.push_back(StaleFrom(results));
  return outcome;
}

Json FindingToJson(const Finding& finding) {
  return {{"severity", static_cast<int>(finding.severity)},
          {"reason", finding.reason},
          {"field", finding.field},
          {"line", finding.line},
          {"message", finding.message},
          {"suggestion", finding.suggestion}};
}

Finding FindingFrom(const Json& json) {
  return {.severity = static_cast<Severity>(json.at("severity").get<int>()),
          .reason = json.at("reason"),
          .field = json.at("field"),
          .line = json.at("line"),
          .message = json.at("message"),
          .suggestion = json.at("suggestion")};
}

Json ReportToJson(const DefinitionReport& report) {
  Json findings = Json::array();
  for (const Finding& finding : report.findings) findings.push_back(FindingToJson(finding));
  return {{"kind", report.kind},
          {"name", report.name},
          {"path", report.path},
          {"findings", std::move(findings)},
          {"tests_passed", report.tests_passed}};
}

DefinitionReport ReportFrom(const Json& json) {
  DefinitionReport report{.kind = json.at("kind"),
                          .name = json.at("name"),
                          .path = json.at("path"),
                          .findings = {},
                          .tests_passed = json.at("tests_passed")};
  for (const Json& finding : json.at("findings")) report.findings.push_back(FindingFrom(finding));
  return report;
}

Json ChangeToJson(const FieldChange& change) {
  return {{"field", change.field},       {"before", change.before},
          {"after", change.after},       {"changes_meaning", change.changes_meaning},
          {"breaking", change.breaking}, {"reason", change.reason}};
}

FieldChange ChangeFrom(const Json& json) {
  return {.field = json.at("field"),
          .before = json.at("before"),
          .after = json.at("after"),
          .changes_meaning = json.at("changes_meaning"),
          .breaking = json.at("breaking"),
          .reason = json.at("reason")};
}

Json ChangesToJson(const std::vector<FieldChange>& changes) {
  Json list = Json::array();
  for (const FieldChange& change : changes) list.push_back(ChangeToJson(change));
  return list;
}

std::vector<FieldChange> ChangesOf(const Json& list) {
  std::vector<FieldChange> changes;
  for (const Json& change : list) changes.push_back(ChangeFrom(change));
  return changes;
}

// What `read` makes of the parsed answer.
template <typename Read>
auto Parsed(std::string_view answer, Read read) -> absl::StatusOr<decltype(read(Json()))> {
  try {
    return read(Json::parse(answer));
  } catch (const nlohmann::json::exception& error) {
    return status::InternalError(absl::StrCat("a kept answer cannot be read: ", error.what()));
  }
}

}  // namespace

std::string ImportAnswer(const ImportResult& result) {
  Json json = {{"outcomes", Json::array()}, {"warnings", Json::array()}};
  for (const ImportOutcome& outcome : result.outcomes) {
    json["outcomes"].push_back(OutcomeToJson(outcome));
  }
  for (const DefinitionReport& report : result.warnings) {
    json["warnings"].push_back(ReportToJson(report));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<ImportResult> ImportResultFrom(std::string_view answer) {
  return Parsed(answer, [](const Json& json) {
    ImportResult result;
    for (const Json& outcome : json.at("outcomes")) {
      result.outcomes.push_back(OutcomeFrom(outcome));
    }
    for (const Json& report : json.at("warnings")) result.warnings.push_back(ReportFrom(report));
    return result;
  });
}

std::string ChangesAnswer(const std::vector<FieldChange>& changes) {
  return Json{{"changes", ChangesToJson(changes)}}.dump(-1, ' ', false,
                                                        Json::error_handler_t::replace);
}

absl::StatusOr<std::vector<FieldChange>> ChangesFrom(std::string_view answer) {
  return Parsed(answer, [](const Json& json) { return ChangesOf(json.at("changes")); });
}

std::string PromotionAnswer(const PromoteOutcome& outcome) {
  const Json json = {{"previous_version", outcome.previous_version},
                     {"changes", ChangesToJson(outcome.changes)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<PromoteOutcome> PromotionFrom(std::string_view answer) {
  return Parsed(answer, [](const Json& json) {
    PromoteOutcome outcome;
    outcome.previous_version = json.at("previous_version");
    // An earlier release kept none.
    if (json.contains("changes")) outcome.changes = ChangesOf(json.at("changes"));
    return outcome;
  });
}

}  // namespace metricstore::registry
