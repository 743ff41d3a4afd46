// The data services of the registry on a free port, over a fresh database.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "common/rpc/status_conversion.h"
#include "common/telemetry/instruments.h"
#include "metricstore/common/v1/column_batch.pb.h"
#include "registry_service/api/backfill_handler.h"
#include "registry_service/api/ingest_handler.h"
#include "registry_service/api/query_handler.h"
#include "registry_service/api/result_handler.h"
#include "registry_service/api/window_handler.h"
#include "registry_service/catalog/view/catalog_cache.h"
#include "registry_service/query/freshness_reader.h"
#include "tests/integration/data/data_fixture.h"

namespace metricstore::registry {

class HandlerTest : public DataTest {
 protected:
  HandlerTest();

  // A batch of bars a minute from `start` on.
  static common::v1::ColumnBatch BarRows(const std::string& symbol, absl::Time start, int count);

  v1::IngestService::Stub& ingest() { return *ingest_stub_; }
  v1::WindowService::Stub& window_stub() { return *window_stub_; }
  v1::ResultService::Stub& results() { return *result_stub_; }
  v1::QueryService::Stub& queries() { return *query_stub_; }
  v1::BackfillService::Stub& jobs() { return *backfill_stub_; }

  telemetry::Instruments instruments_;
  rpc::ServerRuntime runtime_{rpc::ServerOptions{}, instruments_};
  IngestHandler ingest_handler_{runtime_, projects_, datasets_, writer_};
  WindowHandler window_handler_{runtime_, projects_, datasets_, windows_};
  ResultHandler result_handler_{runtime_, committer_};
  CatalogCache cache_{pool_, {}, nullptr};
  FreshnessReader freshness_{pool_, datasets_, calendars_};
  QueryHandler query_handler_{runtime_,   projects_, metrics_, datasets_,
                              calendars_, trends_,   cache_,   freshness_};
  BackfillHandler backfill_handler_{runtime_, projects_, backfills_};
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<v1::IngestService::Stub> ingest_stub_;
  std::unique_ptr<v1::WindowService::Stub> window_stub_;
  std::unique_ptr<v1::ResultService::Stub> result_stub_;
  std::unique_ptr<v1::QueryService::Stub> query_stub_;
  std::unique_ptr<v1::BackfillService::Stub> backfill_stub_;
};

}  // namespace metricstore::registry
