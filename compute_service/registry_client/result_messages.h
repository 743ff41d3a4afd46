// Cuts a shard's results into messages of bounded size.
#pragma once

#include <cstddef>

#include "compute_service/registry_client/shard.h"
#include "metricstore/registry/v1/result_service.pb.h"

namespace metricstore::compute {

// Iterates over the messages that carry a shard's results: the first names the lease, the last is
// marked as such. Each but the last is near the target size; none exceeds 1 MiB. Every call of
// Next gives the same messages for the same results. Refers to the results. Not thread-safe.
class ResultMessages {
 public:
  static constexpr size_t kTargetBytes = 512u << 10;

  ResultMessages(const Lease& lease, const ShardResults& results)
      : lease_(lease), results_(results) {}

  // Fills the next message; false if the last one was given.
  bool Next(registry::v1::PersistShardRequest* message);

 private:
  // Adds points of the current series, as many as `room` bytes hold, and moves on. Returns the
  // bytes used.
  size_t AddPiece(size_t room, registry::v1::PersistShardRequest* message);

  const Lease lease_;
  const ShardResults& results_;
  size_t series_ = 0;  // the series to send next
  size_t point_ = 0;   // and its first point that is not sent
  bool first_ = true;
  bool done_ = false;
};

}  // namespace metricstore::compute
