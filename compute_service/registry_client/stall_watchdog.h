// Ends streams whose peer neither reads nor writes for too long.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "absl/time/time.h"
#include "common/time/cancellation.h"

namespace metricstore::compute {

// One thread that cancels stalled streams. gRPC fixes a call's deadline when it starts, and a long
// stream has no fitting one. Thread-safe; must outlive its watches.
class StallWatchdog {
 public:
  explicit StallWatchdog(absl::Duration limit);
  ~StallWatchdog();
  StallWatchdog(const StallWatchdog&) = delete;
  StallWatchdog& operator=(const StallWatchdog&) = delete;

  // The watch over one stream, used by one thread.
  class Watch {
   public:
    Watch(StallWatchdog& watchdog, const CallBounds& parent);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // The parent's bounds, cancelled by a stall too: what the stream must run under.
    const CallBounds& bounds() const { return bounds_; }
    bool stalled() const;

    // Runs one blocking step of the stream. Only time spent in here counts towards a stall.
    template <typename Step>
    auto Await(Step step) {
      Arm();
      auto result = step();
      Disarm();
      return result;
    }

   private:
    friend class StallWatchdog;
    void Arm();
    void Disarm();

    StallWatchdog& watchdog_;
    CallBounds bounds_;
    CancelToken::Registration parent_;
    absl::Duration armed_for_ = absl::ZeroDuration();  // guarded by watchdog_.mutex_, as below
    bool armed_ = false;
    bool stalled_ = false;
  };

 private:
  void Run();
  // Adds the time of one tick to every waiting stream and cancels those over the limit.
  void Tick(absl::Duration elapsed);

  const absl::Duration limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<Watch*> watches_;  // guarded by mutex_
  bool stopping_ = false;     // guarded by mutex_
  std::thread thread_;
};

}  // namespace metricstore::compute
