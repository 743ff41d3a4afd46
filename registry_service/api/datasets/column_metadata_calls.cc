#include "registry_service/api/datasets/column_metadata_calls.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/page_token.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/request/page_request.h"
#include "registry_service/api/request/request_text.h"
#include "registry_service/api/request/time_converter.h"
#include "registry_service/catalog/definition/excerpt.h"
#include "registry_service/catalog/definition/text_form.h"
#include "registry_service/catalog/yaml/column_notes.h"

namespace metricstore::registry {
namespace {

using api::CheckName;
using api::CheckRequiredName;

constexpr int kUsualColumns = 100;
constexpr int kMostColumns = 1000;
constexpr size_t kMaxDescriptionBytes = 4 << 10;
constexpr size_t kMaxSourceBytes = 200;
constexpr std::string_view kApiSource = "api";

void ToProto(const ColumnMetadata& column, v1::ColumnMetadata* proto) {
  proto->set_table(column.table);
  proto->set_column(column.note.column);
  proto->set_basetype(static_cast<common::v1::ColumnType>(column.basetype));
  proto->set_description(column.note.description);
  if (column.note.confidence.has_value()) proto->set_confidence(*column.note.confidence);
  proto->set_source(column.note.source);
  api::ToProto(column.update_time, proto->mutable_update_time());
  proto->set_unit(column.unit);
}

absl::Status CheckSize(const std::string& field, const std::string& text, size_t most) {
  RETURN_IF_ERROR(api::CheckText(field, text));
  if (text.size() <= most) return absl::OkStatus();
  return status::FieldInvalid(field, Excerpt(text),
                              absl::StrCat("must be at most ", most, " bytes"));
}

absl::Status CheckNote(const v1::ColumnMetadata& column) {
  RETURN_IF_ERROR(CheckSize("column.description", column.description(), kMaxDescriptionBytes));
  RETURN_IF_ERROR(CheckSize("column.source", column.source(), kMaxSourceBytes));
  // Told this way, what is no number is refused too.
  if (column.has_confidence() && !(column.confidence() >= 0 && column.confidence() <= 1)) {
    return status::FieldInvalid("column.confidence", absl::StrCat(column.confidence()),
                                "must be 0 to 1");
  }
  return absl::OkStatus();
}

// Sets one field of the note.
absl::Status SetField(const std::string& path, const v1::ColumnMetadata& from, ColumnNote& note) {
  if (path == "description") {
    note.description = NormalText(from.description());
  } else if (path == "source") {
    note.source = NormalText(from.source());
  } else if (path == "confidence") {
    note.confidence.reset();
    if (from.has_confidence()) note.confidence = from.confidence();
  } else {
    return status::FieldInvalid("update_mask", Excerpt(path),
                                "must name description, confidence or source");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ColumnMetadataCalls::Get(const rpc::CallContext& call,
                                      const v1::GetColumnMetadataRequest& request,
                                      v1::GetColumnMetadataResponse& response) const {
  RETURN_IF_ERROR(CheckRequiredName("table", request.table()));
  RETURN_IF_ERROR(CheckRequiredName("column", request.column()));
  RETURN_IF_ERROR(CheckName("project", request.project()));
  ASSIGN_OR_RETURN(const int32_t project, projects_.Resolve(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const ColumnMetadata column,
                   columns_.Get(project, request.table(), request.column(), call.bounds));
  ToProto(column, response.mutable_column());
  return absl::OkStatus();
}

absl::Status ColumnMetadataCalls::List(const rpc::CallContext& call,
                                       const v1::ListColumnMetadataRequest& request,
                                       v1::ListColumnMetadataResponse& response) const {
  RETURN_IF_ERROR(CheckName("table", request.table()));
  const std::string scope =
      absl::StrCat("ListColumnMetadata/", request.project(), "/", request.table());
  // The token has two keys: the table and the column of the last one.
  ASSIGN_OR_RETURN(const api::PageRequest page,
                   api::ReadPageRequest(scope, request.page_size(), request.page_token(),
                                        kUsualColumns, kMostColumns));
  ASSIGN_OR_RETURN(const std::vector<std::string> after,
                   rpc::DecodePageToken(scope, request.page_token()));
  const std::string after_column = after.size() > 1 ? after[1] : "";
  RETURN_IF_ERROR(api::CheckText("page_token", after_column));
  RETURN_IF_ERROR(CheckName("project", request.project()));
  ASSIGN_OR_RETURN(const int32_t project, projects_.Resolve(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const auto columns, columns_.List(project, request.table(), page.after,
                                                     after_column, page.size + 1, call.bounds));
  size_t bytes = 0;
  for (const ColumnMetadata& column : columns) {
    if (response.columns_size() == page.size || bytes > api::kPageBytes) {
      const v1::ColumnMetadata& last = *response.columns().rbegin();
      response.set_next_page_token(rpc::EncodePageToken(scope, {last.table(), last.column()}));
      break;
    }
    ToProto(column, response.add_columns());
    bytes += response.columns().rbegin()->ByteSizeLong();
  }
  return absl::OkStatus();
}

absl::Status ColumnMetadataCalls::Update(const rpc::CallContext& call,
                                         const v1::UpdateColumnMetadataRequest& request,
                                         v1::UpdateColumnMetadataResponse& response) const {
  if (!request.has_column()) return status::FieldRequired("column");
  const v1::ColumnMetadata& column = request.column();
  RETURN_IF_ERROR(CheckRequiredName("column.table", column.table()));
  RETURN_IF_ERROR(CheckRequiredName("column.column", column.column()));
  RETURN_IF_ERROR(CheckNote(column));
  RETURN_IF_ERROR(CheckName("project", request.project()));
  ASSIGN_OR_RETURN(const int32_t project, projects_.Resolve(request.project(), call.bounds));
  std::vector<std::string> paths(request.update_mask().paths().begin(),
                                 request.update_mask().paths().end());
  if (paths.empty() || paths == std::vector<std::string>{"*"}) {
    paths = {"description", "confidence", "source"};
  }
  const auto edit = [&](ColumnNote& note) -> absl::Status {
    for (const std::string& path : paths) RETURN_IF_ERROR(SetField(path, column, note));
    // What the dataset's file does not say is somebody's.
    if (note.source.empty() || note.source == kDefinitionSource) note.source = kApiSource;
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const ColumnMetadata stored,
                   columns_.Edit(project, column.table(), column.column(), edit,
                                 request.validate_only(), call.bounds));
  if (!request.validate_only()) datasets_.Forget(project);
  ToProto(stored, response.mutable_column());
  return absl::OkStatus();
}

absl::Status ColumnMetadataCalls::Push(const rpc::CallContext& call,
                                       const v1::PushColumnDescriptionsRequest& request,
                                       v1::PushColumnDescriptionsResponse& response) const {
  RETURN_IF_ERROR(CheckName("table", request.table()));
  RETURN_IF_ERROR(CheckName("project", request.project()));
  ASSIGN_OR_RETURN(const int32_t project, projects_.Resolve(request.project(), call.bounds));
  ASSIGN_OR_RETURN(const PushOutcome outcome, columns_.Push(project, request.table(), call.bounds));
  response.mutable_tables()->Assign(outcome.tables.begin(), outcome.tables.end());
  response.set_columns_changed(outcome.columns_changed);
  return absl::OkStatus();
}

}  // namespace metricstore::registry
