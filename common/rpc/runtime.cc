#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "common/rpc/call_instruments.h"
#include "common/rpc/server.h"

namespace metricstore::rpc {

ServerRuntime::CallInstruments::CallInstruments(telemetry::Instruments& all)
    : instruments(all),
      in_flight(all.GetGauge("metricstore_rpc_in_flight", "Calls that have not ended.")),
      unary_queued(all.GetGauge("metricstore_rpc_queued",
                                "Call bodies that wait for a thread of their executor.",
                                {{"executor", "unary"}})),
      stream_queued(all.GetGauge("metricstore_rpc_queued",
                                 "Call bodies that wait for a thread of their executor.",
                                 {{"executor", "stream"}})),
      refused(all.GetCounter("metricstore_rpc_refused_total",
                             "Calls refused because an executor's queue was full.")),
      stalled(all.GetCounter("metricstore_rpc_stalled_total",
                             "Streams ended because their client neither read nor wrote.")) {}

telemetry::Histogram& ServerRuntime::CallInstruments::Seconds(const std::string& method,
                                                              const std::string& code) {
  static const std::vector<double>* const bounds = new std::vector<double>(
      {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300});
  return instruments.GetHistogram("metricstore_rpc_seconds", "Duration of calls, as served.",
                                  *bounds, {{"method", method}, {"code", code}});
}

// Exports how long the oldest task of each executor has run, however few calls arrive. Its thread
// lives as long as it does.
class ServerRuntime::ExecutorSampler {
 public:
  ExecutorSampler(ServerRuntime& runtime, telemetry::Instruments& instruments)
      : runtime_(runtime),
        unary_(OldestTask(instruments, "unary")),
        stream_(OldestTask(instruments, "stream")),
        thread_([this] { Run(); }) {}
  ~ExecutorSampler() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  static telemetry::Gauge& OldestTask(telemetry::Instruments& instruments,
                                      const std::string& executor) {
    return instruments.GetGauge("metricstore_executor_oldest_task_seconds",
                                "How long the oldest running call body has run; 0 if none runs.",
                                {{"executor", executor}});
  }
  void Run() {
    const auto interval = absl::ToChronoNanoseconds(runtime_.options().sample_interval);
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, interval, [this] { return stopping_; })) {
      unary_.Set(runtime_.unary_executor().oldest_task_seconds());
      stream_.Set(runtime_.stream_executor().oldest_task_seconds());
    }
  }

  ServerRuntime& runtime_;
  telemetry::Gauge& unary_;
  telemetry::Gauge& stream_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

ServerRuntime::ServerRuntime(ServerOptions options, telemetry::Instruments& instruments)
    : options_(std::move(options)),
      unary_(std::make_unique<BoundedExecutor>("rpc-unary", options_.unary_threads,
                                               options_.unary_queue)),
      stream_(std::make_unique<BoundedExecutor>("rpc-stream", options_.stream_threads,
                                                options_.stream_queue)),
      call_instruments_(std::make_unique<CallInstruments>(instruments)),
      sampler_(std::make_unique<ExecutorSampler>(*this, instruments)) {}

void ServerRuntime::BeginDrain() {
  const std::lock_guard lock(calls_mutex_);
  draining_ = true;
}

bool ServerRuntime::CallArrived() {
  const std::lock_guard lock(calls_mutex_);
  if (draining_) return false;
  ++calls_;
  return true;
}

void ServerRuntime::CallLeft() {
  const std::lock_guard lock(calls_mutex_);
  if (--calls_ == 0) no_calls_.notify_all();
}

bool ServerRuntime::AwaitNoCalls(absl::Time deadline) {
  std::unique_lock lock(calls_mutex_);
  return no_calls_.wait_until(lock, absl::ToChronoTime(deadline), [this] { return calls_ == 0; });
}

telemetry::Instruments& ServerRuntime::instruments() { return call_instruments_->instruments; }

ServerRuntime::~ServerRuntime() {
  sampler_.reset();
  // The bodies that still run use the instruments.
  unary_.reset();
  stream_.reset();
}

}  // namespace metricstore::rpc
