#include "tests/integration/data/handler_fixture.h"

#include "absl/strings/str_cat.h"
#include "common/columns/proto_conversion.h"

namespace metricstore::registry {

HandlerTest::HandlerTest() {
  auto server = rpc::Server::Start(runtime_, {&ingest_handler_, &window_handler_, &result_handler_,
                                              &query_handler_, &backfill_handler_});
  EXPECT_OK(server);
  if (!server.ok()) return;
  server_ = *std::move(server);
  const auto channel = rpc::MakeChannel(absl::StrCat("127.0.0.1:", server_->port()), {});
  ingest_stub_ = v1::IngestService::NewStub(channel);
  window_stub_ = v1::WindowService::NewStub(channel);
  result_stub_ = v1::ResultService::NewStub(channel);
  query_stub_ = v1::QueryService::NewStub(channel);
  backfill_stub_ = v1::BackfillService::NewStub(channel);
}

common::v1::ColumnBatch HandlerTest::BarRows(const std::string& symbol, absl::Time start,
                                             int count) {
  std::vector<Bar> bars;
  for (int i = 0; i < count; ++i) bars.push_back({symbol, start + absl::Minutes(i), 1.0 + i});
  common::v1::ColumnBatch proto;
  columns::ToProto(Bars("", bars).rows, &proto);
  return proto;
}

}  // namespace metricstore::registry
