#include "tests/unit/cli/fake_services.h"

#include <algorithm>

#include "tests/unit/cli/fake_answers.h"

namespace metricstore::cli {

grpc::Status FakeDatasets::GetColumnMetadata(grpc::ServerContext*,
                                             const reg::GetColumnMetadataRequest* request,
                                             reg::GetColumnMetadataResponse* response) {
  for (const auto& column : columns) {
    if (column.table() != request->table() || column.column() != request->column()) continue;
    *response->mutable_column() = column;
    return grpc::Status::OK;
  }
  return NotFound("COLUMN_NOT_FOUND", "no column \"" + request->column() + "\"", "");
}

grpc::Status FakeDatasets::ListColumnMetadata(grpc::ServerContext*,
                                              const reg::ListColumnMetadataRequest* request,
                                              reg::ListColumnMetadataResponse* response) {
  std::vector<reg::ColumnMetadata> asked;
  for (const auto& column : columns) {
    if (request->table().empty() || column.table() == request->table()) asked.push_back(column);
  }
  const auto* column = PageOf(asked, request->page_token(), response->mutable_next_page_token());
  if (column != nullptr) *response->add_columns() = *column;
  return grpc::Status::OK;
}

grpc::Status FakeDatasets::UpdateColumnMetadata(grpc::ServerContext*,
                                                const reg::UpdateColumnMetadataRequest* request,
                                                reg::UpdateColumnMetadataResponse* response) {
  column_updates.push_back(*request);
  *response->mutable_column() = request->column();
  return grpc::Status::OK;
}

grpc::Status FakeDatasets::PushColumnDescriptions(grpc::ServerContext*,
                                                  const reg::PushColumnDescriptionsRequest* request,
                                                  reg::PushColumnDescriptionsResponse* response) {
  pushes.push_back(*request);
  response->add_tables("fact_bars");
  response->set_columns_changed(3);
  return grpc::Status::OK;
}

grpc::Status FakeDatasets::GetDataset(grpc::ServerContext*, const reg::GetDatasetRequest* request,
                                      reg::GetDatasetResponse* response) {
  for (const auto& dataset : datasets) {
    if (dataset.name() != request->name()) continue;
    *response->mutable_dataset() = dataset;
    return grpc::Status::OK;
  }
  return NotFound("DATASET_NOT_FOUND", "dataset \"" + request->name() + "\" does not exist",
                  datasets.empty() ? "" : datasets.front().name());
}

grpc::Status FakeDatasets::ListDatasets(grpc::ServerContext*,
                                        const reg::ListDatasetsRequest* request,
                                        reg::ListDatasetsResponse* response) {
  const auto* dataset =
      PageOf(datasets, request->page_token(), response->mutable_next_page_token());
  if (dataset != nullptr) *response->add_datasets() = *dataset;
  return grpc::Status::OK;
}

grpc::Status FakeDatasets::GetCalendar(grpc::ServerContext*, const reg::GetCalendarRequest* request,
                                       reg::GetCalendarResponse* response) {
  for (const auto& calendar : calendars) {
    if (calendar.name() != request->name()) continue;
    *response->mutable_calendar() = calendar;
    return grpc::Status::OK;
  }
  return NotFound("CALENDAR_NOT_FOUND", "no such calendar", "");
}

grpc::Status FakeDatasets::ListCalendars(grpc::ServerContext*, const reg::ListCalendarsRequest*,
                                         reg::ListCalendarsResponse* response) {
  for (const auto& calendar : calendars) *response->add_calendars() = calendar;
  return grpc::Status::OK;
}

grpc::Status FakeDatasets::ResolveWindow(grpc::ServerContext*,
                                         const reg::ResolveWindowRequest* request,
                                         reg::ResolveWindowResponse* response) {
  resolves.push_back(*request);
  std::string next;
  const auto* page = PageOf(windows, request->page_token(), &next);
  if (page == nullptr) return NotFound("CALENDAR_NOT_FOUND", "no such calendar", "XNYS");
  *response = *page;
  response->set_next_page_token(next);
  return grpc::Status::OK;
}

grpc::Status FakeDatasets::ListSessions(grpc::ServerContext*,
                                        const reg::ListSessionsRequest* request,
                                        reg::ListSessionsResponse* response) {
  session_requests.push_back(*request);
  std::string next;
  const auto* page = PageOf(sessions, request->page_token(), &next);
  if (page == nullptr) return NotFound("CALENDAR_NOT_FOUND", "no such calendar", "XNYS");
  *response = *page;
  response->set_next_page_token(next);
  return grpc::Status::OK;
}

int FakeIngest::streams() const {
  const std::lock_guard lock(mutex_);
  return streams_;
}

std::vector<std::string> FakeIngest::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

int64_t FakeIngest::stored_rows() const {
  const std::lock_guard lock(mutex_);
  int64_t rows = 0;
  for (const auto& [id, result] : stored_) rows += result.inserted_rows();
  return rows;
}

reg::StreamRowsRequest::OpenStream FakeIngest::opened() const {
  const std::lock_guard lock(mutex_);
  return opened_;
}

common::v1::ColumnBatch FakeIngest::batch(size_t i) const {
  const std::lock_guard lock(mutex_);
  return batches_.at(i);
}

grpc::Status FakeIngest::StreamRows(
    grpc::ServerContext*,
    grpc::ServerReaderWriter<reg::StreamRowsResponse, reg::StreamRowsRequest>* stream) {
  Break end{-1, grpc::Status::OK};
  reg::StreamRowsRequest request;
  if (!stream->Read(&request)) return grpc::Status::OK;
  {
    const std::lock_guard lock(mutex_);
    ++streams_;
    opened_ = request.open();
    if (!breaks.empty()) {
      end = breaks.front();
      breaks.pop_front();
    }
  }
  int acks = 0;
  while (end.after_acks != acks && stream->Read(&request)) {
    reg::StreamRowsResponse response;
    *response.mutable_result() = Store(request.batch());
    ++acks;
    if (on_ack) on_ack(acks);
    if (!stream->Write(response)) return grpc::Status::OK;
  }
  if (end.store_one_more && stream->Read(&request)) Store(request.batch());
  return end.status;
}

reg::BatchResult FakeIngest::Store(const reg::StreamRowsRequest::RowBatch& batch) {
  const std::lock_guard lock(mutex_);
  received_.push_back(batch.batch_id());
  if (const auto found = stored_.find(batch.batch_id()); found != stored_.end()) {
    reg::BatchResult result = found->second;
    result.set_already_stored(true);
    result.clear_rejects();
    return result;
  }
  reg::BatchResult result;
  result.set_batch_id(batch.batch_id());
  result.set_inserted_rows(batch.rows().row_count());
  batches_.push_back(batch.rows());
  for (; rejected_rows > 0; --rejected_rows) {
    result.set_inserted_rows(result.inserted_rows() - 1);
    result.set_rejected_rows(result.rejected_rows() + 1);
    auto* reject = result.add_rejects();
    reject->set_row(static_cast<uint32_t>(result.rejected_rows() - 1));
    reject->set_column("ts");
    reject->set_description("is beyond the calendar");
  }
  stored_[batch.batch_id()] = result;
  return result;
}

grpc::Status FakeQuery::QueryTrend(grpc::ServerContext*, const reg::QueryTrendRequest* request,
                                   reg::QueryTrendResponse* response) {
  requests.push_back(*request);
  std::string next;
  const auto* page = PageOf(pages, request->page_token(), &next);
  if (page == nullptr) return NotFound("METRIC_NOT_FOUND", "no such metric", "intraday/rth_close");
  *response = *page;
  response->set_next_page_token(next);
  return grpc::Status::OK;
}

grpc::Status FakeQuery::ListFreshness(grpc::ServerContext*,
                                      const reg::ListFreshnessRequest* request,
                                      reg::ListFreshnessResponse* response) {
  freshness_requests.push_back(*request);
  const auto* metric =
      PageOf(freshness, request->page_token(), response->mutable_next_page_token());
  if (metric != nullptr) *response->add_metrics() = *metric;
  return grpc::Status::OK;
}

grpc::Status FakeBackfills::CreateBackfill(grpc::ServerContext*,
                                           const reg::CreateBackfillRequest* request,
                                           reg::CreateBackfillResponse* response) {
  creates.push_back(*request);
  if (refused_starts.contains(request->dates().start_date())) {
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "these dates are refused");
  }
  *response = create_response;
  return grpc::Status::OK;
}

grpc::Status FakeBackfills::GetBackfill(grpc::ServerContext*,
                                        const reg::GetBackfillRequest* request,
                                        reg::GetBackfillResponse* response) {
  for (const auto& backfill : backfills) {
    if (backfill.id() != request->id()) continue;
    *response->mutable_backfill() = backfill;
    return grpc::Status::OK;
  }
  return NotFound("BACKFILL_NOT_FOUND", "no such backfill", "");
}

grpc::Status FakeBackfills::ListBackfills(grpc::ServerContext*,
                                          const reg::ListBackfillsRequest* request,
                                          reg::ListBackfillsResponse* response) {
  const auto* backfill =
      PageOf(backfills, request->page_token(), response->mutable_next_page_token());
  if (backfill != nullptr) *response->add_backfills() = *backfill;
  return grpc::Status::OK;
}

grpc::Status FakeBackfills::CancelBackfill(grpc::ServerContext* context,
                                           const reg::CancelBackfillRequest* request,
                                           reg::CancelBackfillResponse* response) {
  for (auto& backfill : backfills) {
    if (backfill.id() == request->id()) backfill.set_state(reg::Backfill::STATE_CANCELLED);
  }
  reg::GetBackfillRequest get;
  get.set_id(request->id());
  reg::GetBackfillResponse got;
  const grpc::Status status = GetBackfill(context, &get, &got);
  *response->mutable_backfill() = got.backfill();
  return status;
}

grpc::Status FakeBackfills::WatchBackfill(grpc::ServerContext*, const reg::WatchBackfillRequest*,
                                          grpc::ServerWriter<reg::WatchBackfillResponse>* writer) {
  ++watch_calls;
  if (watches.empty()) return grpc::Status(grpc::StatusCode::INTERNAL, "no watch is scripted");
  const Watch watch = watches.front();
  watches.pop_front();
  for (const auto& message : watch.messages) {
    if (!writer->Write(message)) return grpc::Status::OK;
  }
  if (watch.after_messages) {
    watch.after_messages();
    while (writer->Write(watch.messages.back())) {
    }
  }
  return watch.status;
}

grpc::Status FakeCompute::GetWorkerStatus(grpc::ServerContext*,
                                          const compute::v1::GetWorkerStatusRequest*,
                                          compute::v1::GetWorkerStatusResponse* response) {
  response->set_registry_reachable(registry_reachable);
  if (!registry_reachable) response->set_registry_error("connection refused");
  return grpc::Status::OK;
}

grpc::Status FakeCompute::Evaluate(grpc::ServerContext*,
                                   const compute::v1::EvaluateRequest* request,
                                   grpc::ServerWriter<compute::v1::EvaluateResponse>* writer) {
  evaluations.push_back(*request);
  for (const auto& message : evaluate_messages) {
    if (!writer->Write(message)) break;
  }
  return status;
}

grpc::Status FakeCompute::ExplainMetric(grpc::ServerContext*,
                                        const compute::v1::ExplainMetricRequest* request,
                                        compute::v1::ExplainMetricResponse* response) {
  explanations.push_back(*request);
  *response = explain_response;
  return status;
}

grpc::Status FakeCompute::RunDay(grpc::ServerContext*, const compute::v1::RunDayRequest* request,
                                 grpc::ServerWriter<compute::v1::RunDayResponse>* writer) {
  days.push_back(*request);
  for (const auto& job : day_messages) {
    compute::v1::RunDayResponse message;
    *message.mutable_backfill() = job;
    if (!writer->Write(message)) break;
  }
  return status;
}

FakeServices::FakeServices() {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  for (grpc::Service* service : std::initializer_list<grpc::Service*>{
           &datasets, &catalog, &ingest, &query, &backfills, &compute}) {
    builder.RegisterService(service);
  }
  server_ = builder.BuildAndStart();
}

FakeServices::~FakeServices() { server_->Shutdown(std::chrono::system_clock::now()); }

std::string FakeServices::endpoint() const { return "127.0.0.1:" + std::to_string(port_); }

reg::Dataset BarDataset() {
  reg::Dataset dataset;
  dataset.set_name("fact_bars");
  dataset.set_layer(reg::DATASET_LAYER_FACT);
  dataset.set_time_column("ts");
  dataset.set_entity_column("symbol");
  dataset.set_calendar("XNYS");
  dataset.mutable_timeframe()->set_seconds(60);
  dataset.add_grain("symbol");
  dataset.add_grain("ts");
  const auto add = [&](const std::string& name, common::v1::ColumnType type) {
    dataset.add_columns()->set_name(name);
    dataset.mutable_columns()->rbegin()->set_type(type);
  };
  add("symbol", common::v1::COLUMN_TYPE_TEXT);
  add("ts", common::v1::COLUMN_TYPE_TIMESTAMP);
  for (const char* name : {"open", "high", "low", "close", "volume"}) {
    add(name, common::v1::COLUMN_TYPE_FLOAT64);
  }
  dataset.set_row_count(1234);
  return dataset;
}

std::string ClosedEndpoint() {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  reg::DatasetService::Service service;
  builder.RegisterService(&service);
  builder.BuildAndStart()->Shutdown();
  return "127.0.0.1:" + std::to_string(port);
}

}  // namespace metricstore::cli
