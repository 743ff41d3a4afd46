#include <algorithm>

#include "tests/unit/cli/fake_answers.h"
#include "tests/unit/cli/fake_services.h"

namespace metricstore::cli {
namespace {

// What the service would store: the id follows from category and name.
reg::Metric Stored(const reg::Metric& given) {
  reg::Metric metric = given;
  metric.set_id(given.category() + "/" + given.name());
  metric.set_version(1);
  metric.set_active_version(1);
  metric.set_latest_version(1);
  return metric;
}

bool Contains(const google::protobuf::RepeatedPtrField<std::string>& texts,
              const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

}  // namespace

grpc::Status FakeCatalog::GetMetric(grpc::ServerContext*, const reg::GetMetricRequest* request,
                                    reg::GetMetricResponse* response) {
  for (const auto& metric : metrics) {
    // Deleted ones are found by their whole id only.
    const bool bare = metric.name() == request->name() && !metric.has_delete_time();
    if (metric.id() != request->name() && !bare) continue;
    *response->mutable_metric() = metric;
    if (request->version() != 0) response->mutable_metric()->set_version(request->version());
    return grpc::Status::OK;
  }
  return NotFound("METRIC_NOT_FOUND", "metric \"" + request->name() + "\" does not exist", "");
}

grpc::Status FakeCatalog::BatchGetMetrics(grpc::ServerContext* context,
                                          const reg::BatchGetMetricsRequest* request,
                                          reg::BatchGetMetricsResponse* response) {
  for (const auto& ref : request->metrics()) {
    reg::GetMetricRequest get;
    get.set_name(ref.id());
    reg::GetMetricResponse got;
    const grpc::Status status = GetMetric(context, &get, &got);
    if (!status.ok()) return status;
    *response->add_metrics() = got.metric();
  }
  return grpc::Status::OK;
}

grpc::Status FakeCatalog::ListMetrics(grpc::ServerContext*, const reg::ListMetricsRequest* request,
                                      reg::ListMetricsResponse* response) {
  lists.push_back(*request);
  std::vector<reg::Metric> asked;
  for (const auto& metric : metrics) {
    if (metric.has_delete_time() && !request->show_deleted()) continue;
    if (!request->category().empty() && metric.category() != request->category()) continue;
    asked.push_back(metric);
  }
  const auto* metric = PageOf(asked, request->page_token(), response->mutable_next_page_token());
  if (metric != nullptr) *response->add_metrics() = *metric;
  response->set_total_size(static_cast<int>(asked.size()));
  return grpc::Status::OK;
}

grpc::Status FakeCatalog::CreateMetric(grpc::ServerContext*,
                                       const reg::CreateMetricRequest* request,
                                       reg::CreateMetricResponse* response) {
  creates.push_back(*request);
  *response->mutable_metric() = Stored(request->metric());
  if (request->metric().expression().empty()) {
    response->mutable_metric()->set_not_computed("has no expression");
  }
  return write_status;
}

grpc::Status FakeCatalog::UpdateMetric(grpc::ServerContext*,
                                       const reg::UpdateMetricRequest* request,
                                       reg::UpdateMetricResponse* response) {
  updates.push_back(*request);
  *response = update_response;
  return write_status;
}

grpc::Status FakeCatalog::DeleteMetric(grpc::ServerContext*,
                                       const reg::DeleteMetricRequest* request,
                                       reg::DeleteMetricResponse* response) {
  deletes.push_back(*request);
  response->mutable_metric()->set_id(request->id());
  return write_status;
}

grpc::Status FakeCatalog::UndeleteMetric(grpc::ServerContext*,
                                         const reg::UndeleteMetricRequest* request,
                                         reg::UndeleteMetricResponse* response) {
  undeletes.push_back(*request);
  response->mutable_metric()->set_id(request->id());
  response->mutable_metric()->set_version(2);
  return write_status;
}

grpc::Status FakeCatalog::ImportMetrics(grpc::ServerContext*,
                                        const reg::ImportMetricsRequest* request,
                                        reg::ImportMetricsResponse* response) {
  imports.push_back(*request);
  if (before_import) before_import();
  *response = import_response;
  return write_status;
}

grpc::Status FakeCatalog::PlanImport(grpc::ServerContext*, const reg::PlanImportRequest* request,
                                     reg::PlanImportResponse* response) {
  plans.push_back(*request);
  *response = plan_response;
  return grpc::Status::OK;
}

grpc::Status FakeCatalog::ValidateMetrics(grpc::ServerContext*,
                                          const reg::ValidateMetricsRequest* request,
                                          reg::ValidateMetricsResponse* response) {
  validations.push_back(*request);
  *response = validate_response;
  return grpc::Status::OK;
}

grpc::Status FakeCatalog::ExportMetrics(grpc::ServerContext*,
                                        const reg::ExportMetricsRequest* request,
                                        reg::ExportMetricsResponse* response) {
  exports.push_back(*request);
  const auto* file =
      PageOf(export_files, request->page_token(), response->mutable_next_page_token());
  if (file != nullptr) *response->add_files() = *file;
  return grpc::Status::OK;
}

grpc::Status FakeCatalog::ListVersions(grpc::ServerContext*,
                                       const reg::ListVersionsRequest* request,
                                       reg::ListVersionsResponse* response) {
  const auto* version =
      PageOf(versions, request->page_token(), response->mutable_next_page_token());
  if (version != nullptr) *response->add_versions() = *version;
  return grpc::Status::OK;
}

grpc::Status FakeCatalog::PromoteVersion(grpc::ServerContext*,
                                         const reg::PromoteVersionRequest* request,
                                         reg::PromoteVersionResponse* response) {
  promotes.push_back(*request);
  *response = promote_response;
  return write_status;
}

grpc::Status FakeCatalog::DiffMetrics(grpc::ServerContext*, const reg::DiffMetricsRequest* request,
                                      reg::DiffMetricsResponse* response) {
  diffs.push_back(*request);
  *response = diff_response;
  return grpc::Status::OK;
}

grpc::Status FakeCatalog::SearchMetrics(grpc::ServerContext*,
                                        const reg::SearchMetricsRequest* request,
                                        reg::SearchMetricsResponse* response) {
  searches.push_back(*request);
  const auto* hit = PageOf(hits, request->page_token(), response->mutable_next_page_token());
  if (hit != nullptr) *response->add_hits() = *hit;
  response->set_total_size(static_cast<int>(hits.size()));
  return grpc::Status::OK;
}

grpc::Status FakeCatalog::FindBySynonym(grpc::ServerContext*,
                                        const reg::FindBySynonymRequest* request,
                                        reg::FindBySynonymResponse* response) {
  for (const auto& metric : metrics) {
    if (Contains(metric.synonyms(), request->synonym())) *response->add_metrics() = metric;
  }
  return grpc::Status::OK;
}

grpc::Status FakeCatalog::FindByTable(grpc::ServerContext*, const reg::FindByTableRequest* request,
                                      reg::FindByTableResponse* response) {
  for (const auto& metric : metrics) {
    if (metric.dataset() == request->table()) *response->add_metrics() = metric;
  }
  return grpc::Status::OK;
}

grpc::Status FakeCatalog::GetTableMap(grpc::ServerContext*, const reg::GetTableMapRequest* request,
                                      reg::GetTableMapResponse* response) {
  const auto* use = PageOf(table_uses, request->page_token(), response->mutable_next_page_token());
  if (use != nullptr) *response->add_tables() = *use;
  return grpc::Status::OK;
}

grpc::Status FakeCatalog::GetLineage(grpc::ServerContext*, const reg::GetLineageRequest*,
                                     reg::GetLineageResponse* response) {
  *response = lineage;
  return grpc::Status::OK;
}

}  // namespace metricstore::cli
