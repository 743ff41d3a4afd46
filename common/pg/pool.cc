#include "common/pg/pool.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/random/random.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/pg/connection_source.h"
#include "common/pg/interrupter.h"
#include "common/pg/transaction.h"
#include "common/pg/wire.h"
#include "common/status/macros.h"

namespace metricstore::pg {
namespace {

constexpr int kMaxRetries = 5;
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(5);
constexpr absl::Duration kLongestBackoff = absl::Milliseconds(200);

// Waits a random part of a span that doubles with every attempt, or until `bounds` end.
absl::Status BackOff(const CallBounds& bounds, int attempt) {
  const absl::Duration span = std::min(kLongestBackoff, kFirstBackoff * (1 << attempt));
  absl::BitGen random;
  const absl::Duration pause = span * absl::Uniform(random, 0.5, 1.5);
  absl::Notification cancelled;
  {
    const auto registration = bounds.cancel.OnCancel([&] { cancelled.Notify(); });
    cancelled.WaitForNotificationWithTimeout(std::min(pause, bounds.remaining()));
  }
  return bounds.Check();
}

}  // namespace

class Pool::State {
 public:
  explicit State(PoolOptions options) : options_(std::move(options)) {
    auto conninfo = CompleteConninfo(options_.connection_string,
                                     {options_.connect_timeout, options_.application_name});
    if (!conninfo.ok()) {
      unusable_ = std::move(conninfo).status();
      return;
    }
    interrupter_.emplace();
    source_.emplace(SourceOptions{.conninfo = *std::move(conninfo),
                                  .max_connections = std::max(1, options_.max_connections),
                                  .acquire_timeout = options_.acquire_timeout});
  }

  absl::Status Run(const CallBounds& bounds, TransactionMode mode,
                   absl::FunctionRef<absl::Status(Transaction&)> body) {
    RETURN_IF_ERROR(unusable_);
    for (int attempt = 0;; ++attempt) {
      bool conflict = false;
      absl::Status status = RunOnce(bounds, mode, body, conflict);
      if (!conflict || attempt == kMaxRetries) return status;
      RETURN_IF_ERROR(BackOff(bounds, attempt));
    }
  }

  int in_use() const { return source_.has_value() ? source_->in_use() : 0; }

 private:
  absl::StatusOr<ConnectionSource::Lease> Acquire(const CallBounds& bounds) {
    const absl::Time start = absl::Now();
    auto lease = source_->Acquire(bounds);
    if (options_.on_acquire) options_.on_acquire(absl::Now() - start);
    return lease;
  }

  // Sets `conflict` if the same body may succeed when run again.
  absl::Status RunOnce(const CallBounds& bounds, TransactionMode mode,
                       absl::FunctionRef<absl::Status(Transaction&)> body, bool& conflict) {
    while (true) {
      ASSIGN_OR_RETURN(auto lease, Acquire(bounds));
      PgTransaction transaction(lease.connection(), *interrupter_, options_, bounds, mode);
      absl::Status status = transaction.Begin();
      if (!status.ok() && transaction.connection_lost() && lease.reused() && bounds.Check().ok()) {
        // It died while idle, and so have its like; nothing has been done yet.
        source_->DropIdle();
        continue;
      }
      if (status.ok()) status = transaction.Finish(body(transaction));
      conflict = transaction.conflict() && !transaction.connection_lost();
      if (transaction.connection_reusable()) lease.Keep();
      return status;
    }
  }

  const PoolOptions options_;
  absl::Status unusable_;
  std::optional<Interrupter> interrupter_;
  std::optional<ConnectionSource> source_;
};

Pool::Pool(PoolOptions options) : state_(std::make_shared<State>(std::move(options))) {}
Pool::~Pool() = default;

absl::Status Pool::Run(const CallBounds& bounds, TransactionMode mode,
                       absl::FunctionRef<absl::Status(Transaction&)> body) {
  return state_->Run(bounds, mode, body);
}

absl::Status Pool::Ping(const CallBounds& bounds) {
  return Run(bounds, TransactionMode::kReadOnly, [](Transaction& transaction) {
    return transaction.Execute({.name = "ping", .sql = "SELECT 1"}).status();
  });
}

int Pool::connections_in_use() const { return state_->in_use(); }

}  // namespace metricstore::pg
