// RegistryClient over gRPC.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include "absl/time/time.h"
#include "compute_service/registry_client/registry_client.h"
#include "compute_service/registry_client/registry_contact.h"

namespace metricstore::compute {

struct RegistryClientOptions {
  std::string target;  // "host:port" or "dns:///name:port"
  std::string user_agent = "metricstore-compute";
  absl::Duration unary_timeout = absl::Seconds(10);
  absl::Duration stall_limit = absl::Seconds(60);  // for one step of a stream, the commit included
};

// Blocks the calling thread for the length of a call. Metric versions and calendar versions are
// immutable and kept; what is kept is bounded. Thread-safe.
class GrpcRegistryClient : public RegistryClient {
 public:
  // Connects in the background. `contact` must outlive the client.
  GrpcRegistryClient(const RegistryClientOptions& options, RegistryContact& contact);
  ~GrpcRegistryClient() override;

  absl::StatusOr<std::vector<LeasedShard>> LeaseShards(std::string_view worker, int max_shards,
                                                       absl::Duration lease,
                                                       const CallBounds& bounds) override;
  absl::StatusOr<std::vector<int64_t>> RenewLeases(std::string_view worker,
                                                   std::span<const Lease> leases,
                                                   absl::Duration lease,
                                                   const CallBounds& bounds) override;
  absl::Status ReleaseShard(const Lease& lease, std::string_view error, bool permanent,
                            const CallBounds& bounds) override;
  absl::StatusOr<std::vector<std::shared_ptr<const MetricDefinition>>> GetMetrics(
      std::string_view project, std::span<const MetricRef> refs, const CallBounds& bounds) override;
  absl::StatusOr<MetricMessage> GetMetric(std::string_view project, const MetricRef& ref,
                                          const CallBounds& bounds) override;
  absl::StatusOr<std::shared_ptr<const Dataset>> GetDataset(std::string_view project,
                                                            std::string_view name,
                                                            const CallBounds& bounds) override;
  absl::StatusOr<std::shared_ptr<const calendar::Calendar>> GetCalendar(
      std::string_view project, std::string_view name, int32_t version,
      const CallBounds& bounds) override;
  absl::StatusOr<int64_t> StreamWindow(const WindowRequest& request, const WindowSink& sink,
                                       const CallBounds& bounds) override;
  absl::StatusOr<BackfillMessage> CreateBackfill(const BackfillRequest& request,
                                                 const CallBounds& bounds) override;
  absl::Status WatchBackfill(std::string_view project, int64_t id, const BackfillSink& sink,
                             const CallBounds& bounds) override;
  absl::StatusOr<PersistOutcome> PersistShard(const Lease& lease, const ShardResults& results,
                                              const CallBounds& bounds) override;

 private:
  struct Transport;  // hides gRPC from those who include this: see registry_transport.h

  // Values of immutable versions by project, name and version.
  template <typename Value>
  class VersionCache {
   public:
    std::shared_ptr<const Value> Find(std::string_view project, std::string_view name,
                                      int32_t version) const;
    void Put(std::string_view project, std::string_view name, int32_t version,
             std::shared_ptr<const Value> value);

   private:
    using Key = std::tuple<std::string, std::string, int32_t>;
    mutable std::mutex mutex_;
    std::map<Key, std::shared_ptr<const Value>> values_;  // guarded by mutex_
  };

  // Calls the registry for the metrics and keeps those that were asked for by version.
  absl::StatusOr<std::vector<std::shared_ptr<const MetricDefinition>>> FetchMetrics(
      std::string_view project, std::span<const MetricRef> refs, const CallBounds& bounds);

  std::unique_ptr<Transport> transport_;
  VersionCache<MetricDefinition> metrics_;
  VersionCache<calendar::Calendar> calendars_;
};

}  // namespace metricstore::compute
