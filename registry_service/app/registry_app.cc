#include "registry_service/app/registry_app.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/logging/logging.h"
#include "common/pg/pool.h"
#include "common/rpc/ready_file.h"
#include "common/status/macros.h"
#include "common/telemetry/instruments.h"
#include "proto_descriptors.h"
#include "registry_service/api/backfill_handler.h"
#include "registry_service/api/catalog/catalog_handler.h"
#include "registry_service/api/catalog/metric_conversion.h"
#include "registry_service/api/datasets/dataset_handler.h"
#include "registry_service/api/ingest_handler.h"
#include "registry_service/api/query_handler.h"
#include "registry_service/api/result_handler.h"
#include "registry_service/api/window_handler.h"
#include "registry_service/backfills/backfill_planner.h"
#include "registry_service/backfills/backfill_store.h"
#include "registry_service/calendars/calendar_store.h"
#include "registry_service/catalog/plan/import_planner.h"
#include "registry_service/catalog/store/importer.h"
#include "registry_service/catalog/store/metric_editor.h"
#include "registry_service/catalog/store/metric_store.h"
#include "registry_service/catalog/store/metric_test_runner.h"
#include "registry_service/catalog/view/catalog_cache.h"
#include "registry_service/compute_client/grpc_row_evaluator.h"
#include "registry_service/datasets/column_metadata.h"
#include "registry_service/datasets/dataset_store.h"
#include "registry_service/datasets/partitions.h"
#include "registry_service/ingest/batch_writer.h"
#include "registry_service/projects/projects.h"
#include "registry_service/query/freshness_reader.h"
#include "registry_service/query/trend_reader.h"
#include "registry_service/results/shard_committer.h"
#include "registry_service/telemetry/catalog_instruments.h"
#include "registry_service/telemetry/registry_instruments.h"
#include "registry_service/windows/window_reader.h"

namespace metricstore::registry {
namespace {

pg::PoolOptions PoolOptionsFor(const DatabaseConfig& database, PoolName pool, int connections,
                               RegistryInstruments& instruments) {
  pg::PoolOptions options;
  options.connection_string = database.connection;
  options.max_connections = connections;
  options.connect_timeout = database.connect_timeout;
  options.acquire_timeout = database.acquire_timeout;
  options.statement_timeout =
      pool == PoolName::kStream ? database.stream_statement_timeout : database.statement_timeout;
  options.lock_timeout = database.lock_timeout;
  options.application_name = "metricstore-registry";
  options.on_statement = [&instruments](std::string_view name, absl::Duration elapsed,
                                        const absl::Status& status) {
    instruments.StatementRan(name, elapsed, status);
  };
  options.on_acquire = [&instruments, pool](absl::Duration waited) {
    instruments.ConnectionAwaited(pool, waited);
  };
  return options;
}

rpc::ServerOptions WithDescriptors(rpc::ServerOptions options) {
  options.descriptor_set = ProtoDescriptors();
  return options;
}

CatalogCache::Options CacheOptionsFor(CatalogInstruments& instruments) {
  CatalogCache::Options options;
  options.on_look = [&instruments](const absl::Status& look) { instruments.Looked(look); };
  return options;
}

}  // namespace

// In the order of construction: each part may use those above it.
struct RegistryApp::Parts {
  Parts(const RegistryConfig& settings, std::function<void()> fatal,
        std::function<void(const absl::Status&)> on_look)
      : config(settings),
        on_fatal(std::move(fatal)),
        registry_instruments(instruments),
        catalog_instruments(instruments),
        unary_pool(PoolOptionsFor(config.database, PoolName::kUnary,
                                  config.database.unary_connections, registry_instruments)),
        stream_pool(PoolOptionsFor(config.database, PoolName::kStream,
                                   config.database.stream_connections, registry_instruments)),
        ingest_pool(PoolOptionsFor(config.database, PoolName::kIngest,
                                   config.database.ingest_connections, registry_instruments)),
        admin_pool(PoolOptionsFor(config.database, PoolName::kAdmin, 2, registry_instruments)),
        runtime(WithDescriptors(config.service.server), instruments),
        watch(admin_pool, DatabaseWatchOptions{}, std::move(on_look)) {}

  const RegistryConfig config;
  const std::function<void()> on_fatal;
  telemetry::Instruments instruments;
  RegistryInstruments registry_instruments;
  CatalogInstruments catalog_instruments;

  pg::Pool unary_pool;
  pg::Pool stream_pool;
  pg::Pool ingest_pool;
  // One connection to look whether the database is there, one to keep the catalogue in memory
  // coherent: neither waits for the work of calls.
  pg::Pool admin_pool;

  Projects projects{unary_pool};
  DatasetStore datasets{unary_pool};
  CalendarStore calendars{unary_pool};
  MetricStore metrics{unary_pool};
  ColumnMetadataStore columns{unary_pool};
  GrpcRowEvaluator evaluator{config.compute};
  MetricTestRunner tests{evaluator};
  Importer importer{unary_pool, datasets, tests};
  ImportPlanner import_planner{unary_pool, tests};
  MetricEditor editor{unary_pool, tests};
  CatalogCache catalog{admin_pool, CacheOptionsFor(catalog_instruments), api::EncodeMetric};
  Partitions partitions{ingest_pool};
  BatchWriter batch_writer{ingest_pool, partitions};
  WindowReader windows{stream_pool};
  ShardCommitter committer{ingest_pool};
  TrendReader trends{unary_pool};
  FreshnessReader freshness{unary_pool, datasets, calendars};
  BackfillPlanner planner{unary_pool, metrics, datasets, calendars};
  BackfillStore backfills{unary_pool, planner};

  rpc::ServerRuntime runtime;
  CatalogHandler catalog_handler{
      runtime,
      {projects, catalog, metrics, importer, import_planner, editor, datasets, calendars, columns}};
  DatasetHandler dataset_handler{runtime, projects, datasets, calendars, columns};
  IngestHandler ingest_handler{runtime, projects, datasets, batch_writer};
  WindowHandler window_handler{runtime, projects, datasets, windows};
  ResultHandler result_handler{runtime, committer};
  QueryHandler query_handler{runtime,   projects, metrics, datasets,
                             calendars, trends,   catalog, freshness};
  BackfillHandler backfill_handler{runtime, projects, backfills};

  DatabaseWatch watch;
  std::unique_ptr<rpc::Server> server;
  int metrics_port = 0;
  std::atomic<bool> ready = false;
  bool drained = false;
};

RegistryApp::RegistryApp(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

absl::StatusOr<std::unique_ptr<RegistryApp>> RegistryApp::Start(const RegistryConfig& config,
                                                                std::function<void()> on_fatal) {
  std::unique_ptr<RegistryApp> app(new RegistryApp(nullptr));
  app->parts_ = std::make_unique<Parts>(
      config, std::move(on_fatal),
      [app = app.get()](const absl::Status& look) { app->DatabaseSeen(look); });
  RETURN_IF_ERROR(app->Serve());
  return app;
}

RegistryApp::~RegistryApp() { Drain(absl::ZeroDuration()); }

absl::Status RegistryApp::Serve() {
  Parts& parts = *parts_;
  ASSIGN_OR_RETURN(parts.metrics_port,
                   parts.instruments.Serve(parts.config.service.metrics_listen));
  ASSIGN_OR_RETURN(parts.server, rpc::Server::Start(parts.runtime,
                                                    {&parts.catalog_handler, &parts.dataset_handler,
                                                     &parts.ingest_handler, &parts.window_handler,
                                                     &parts.result_handler, &parts.query_handler,
                                                     &parts.backfill_handler}));
  if (const absl::Status look = parts.watch.LookNow(); IsWrongSchema(look)) return look;
  parts.watch.Start();
  parts.catalog.Start();
  if (!parts.config.service.ready_file.empty()) {
    RETURN_IF_ERROR(
        rpc::WriteReadyFile(parts.config.service.ready_file, grpc_port(), metrics_port()));
  }
  logging::Info("serving", {{"grpc_port", grpc_port()}, {"metrics_port", metrics_port()}});
  return absl::OkStatus();
}

void RegistryApp::DatabaseSeen(const absl::Status& look) {
  Sample();
  const bool was_ready = parts_->ready.exchange(look.ok());
  parts_->registry_instruments.database_ready().Set(look.ok() ? 1 : 0);
  if (look.ok() != was_ready) parts_->server->SetReady(look.ok());
  if (look.ok() && !was_ready) logging::Info("database reached");
  if (!look.ok() && !IsWrongSchema(look)) {
    logging::Warning("database cannot be used", {{"error", look}});
  }
  if (!IsWrongSchema(look)) return;
  logging::Error("database has another schema", {{"error", look}});
  parts_->on_fatal();
}

void RegistryApp::Sample() {
  const auto sample = [this](PoolName name, const pg::Pool& pool) {
    parts_->registry_instruments.connections_in_use(name).Set(pool.connections_in_use());
  };
  sample(PoolName::kUnary, parts_->unary_pool);
  sample(PoolName::kStream, parts_->stream_pool);
  sample(PoolName::kIngest, parts_->ingest_pool);
  sample(PoolName::kAdmin, parts_->admin_pool);
  const CatalogCache::Holding held = parts_->catalog.Held();
  parts_->catalog_instruments.Held(held.age, held.metrics);
}

int RegistryApp::grpc_port() const { return parts_->server->port(); }
int RegistryApp::metrics_port() const { return parts_->metrics_port; }
bool RegistryApp::ready() const { return parts_->ready; }

void RegistryApp::Drain(absl::Duration grace) {
  if (parts_ == nullptr || std::exchange(parts_->drained, true)) return;
  parts_->watch.Stop();
  if (parts_->server != nullptr) parts_->server->Drain(grace);
  parts_->catalog.Stop();
}

bool RegistryApp::abandoned_calls() const {
  return parts_->server != nullptr && parts_->server->abandoned_calls();
}

}  // namespace metricstore::registry
