#include "registry_service/api/catalog/catalog_import_calls.h"

#include <google/protobuf/message_lite.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/catalog/definition_conversion.h"
#include "registry_service/api/catalog/encoded_reply.h"
#include "registry_service/api/request/page_request.h"
#include "registry_service/api/request/write_request.h"

namespace metricstore::registry {
namespace {

using api::ToProto;
using Files = google::protobuf::RepeatedPtrField<v1::DefinitionFile>;

constexpr int kMaxFiles = 10'000;
constexpr size_t kMaxImportBytes = 4u << 20;
constexpr size_t kMaxPathBytes = 512;
constexpr size_t kMaxReports = 10'000;

absl::Status TooLarge(std::string_view message, size_t limit) {
  return status::ErrorBuilder(absl::StatusCode::kResourceExhausted, "TOO_LARGE", message)
      .Metadata("limit_bytes", absl::StrCat(limit))
      .Build();
}

absl::Status CheckFile(const v1::DefinitionFile& file, const std::string& field) {
  RETURN_IF_ERROR(api::CheckRequiredText(absl::StrCat(field, ".path"), file.path()));
  if (file.path().size() > kMaxPathBytes) {
    return status::FieldInvalid(absl::StrCat(field, ".path"), Excerpt(file.path()),
                                absl::StrCat("must be at most ", kMaxPathBytes, " bytes"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<DefinitionFile>> ReadFiles(const Files& sent) {
  if (sent.size() > kMaxFiles) {
    return status::FieldInvalid("files", absl::StrCat(sent.size()),
                                absl::StrCat("must be at most ", kMaxFiles));
  }
  std::vector<DefinitionFile> files;
  std::set<std::string_view> paths;
  size_t bytes = 0;
  for (int i = 0; i < sent.size(); ++i) {
    const v1::DefinitionFile& file = sent[i];
    const std::string field = absl::StrCat("files[", i, "]");
    RETURN_IF_ERROR(CheckFile(file, field));
    if (!paths.insert(file.path()).second) {
      return status::FieldInvalid(absl::StrCat(field, ".path"), Excerpt(file.path()),
                                  "is sent twice");
    }
    bytes += file.content().size();
    files.push_back({file.path(), file.content()});
  }
  if (bytes <= kMaxImportBytes) return files;
  return TooLarge(absl::StrCat("the files have ", bytes, " bytes together, at most ",
                               kMaxImportBytes, " are taken at once"),
                  kMaxImportBytes);
}

absl::Status CheckReply(const google::protobuf::MessageLite& response) {
  if (response.ByteSizeLong() <= api::kMaxReplyBytes) return absl::OkStatus();
  return TooLarge("the answer is larger than a message may be; send the files in parts",
                  api::kMaxReplyBytes);
}

// Doubts stop nothing: where they do not fit into a message of so many bytes, they are left out.
template <typename Response>
void AddWarnings(const std::vector<DefinitionReport>& warnings, size_t bytes, Response& response) {
  for (const DefinitionReport& report : warnings) {
    if (bytes > api::kPageBytes) return;
    ToProto(report, response.add_warnings());
    bytes += response.warnings().rbegin()->ByteSizeLong();
  }
}

bool HasFinding(const DefinitionReport& report, Severity severity) {
  return std::any_of(report.findings.begin(), report.findings.end(),
                     [&](const Finding& finding) { return finding.severity == severity; });
}

}  // namespace

absl::Status CatalogImportCalls::Import(const rpc::CallContext& call,
                                        const v1::ImportMetricsRequest& request,
                                        v1::ImportMetricsResponse& response) const {
  if (request.files().empty()) return status::FieldRequired("files");
  ASSIGN_OR_RETURN(const std::vector<DefinitionFile> files, ReadFiles(request.files()));
  ASSIGN_OR_RETURN(WriteOptions options, api::ReadWriteOptions(request));
  options.skip_tests = request.skip_tests();
  options.promote = request.promote();
  ASSIGN_OR_RETURN(const int32_t project, catalogs_.ProjectId(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const ImportResult result,
                   importer_.Import(project, files, options, call.bounds));
  if (!options.validate_only) catalogs_.SeeOwnWrite(project, call.bounds);
  size_t bytes = 0;
  for (const ImportOutcome& outcome : result.outcomes) {
    v1::ImportOutcome* added = response.add_outcomes();
    ToProto(outcome, added);
    if (bytes + added->ByteSizeLong() > api::kPageBytes) added->clear_stale();
    bytes += added->ByteSizeLong();
  }
  AddWarnings(result.warnings, bytes, response);
  return absl::OkStatus();
}

absl::Status CatalogImportCalls::Plan(const rpc::CallContext& call,
                                      const v1::PlanImportRequest& request,
                                      v1::PlanImportResponse& response) const {
  if (request.files().empty()) return status::FieldRequired("files");
  ASSIGN_OR_RETURN(const std::vector<DefinitionFile> files, ReadFiles(request.files()));
  ASSIGN_OR_RETURN(const int32_t project, catalogs_.ProjectId(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const ImportPlan plan,
                   planner_.Plan(project, files, request.promote(), call.bounds));
  ToProto(plan, &response);
  AddWarnings(plan.warnings, response.ByteSizeLong(), response);
  return CheckReply(response);
}

absl::Status CatalogImportCalls::Validate(const rpc::CallContext& call,
                                          const v1::ValidateMetricsRequest& request,
                                          v1::ValidateMetricsResponse& response) const {
  ASSIGN_OR_RETURN(const std::vector<DefinitionFile> files, ReadFiles(request.files()));
  ASSIGN_OR_RETURN(const int32_t project, catalogs_.ProjectId(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const auto reports, planner_.Validate(project, files, request.skip_tests(),
                                                         call.bounds, request.with_definitions()));
  int errors = 0;
  int warnings = 0;
  for (const DefinitionReport& report : reports) {
    if (HasFinding(report, Severity::kError)) {
      ++errors;
    } else if (HasFinding(report, Severity::kWarning)) {
      ++warnings;
    }
  }
  for (size_t i = 0; i < std::min(reports.size(), kMaxReports); ++i) {
    ToProto(reports[i], response.add_reports());
  }
  response.set_errors(errors);
  response.set_warnings(warnings);
  return CheckReply(response);
}

}  // namespace metricstore::registry
