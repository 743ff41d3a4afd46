// Stops what a connection does when its call is cancelled or its deadline has passed. Internal to
// this folder.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "common/pg/connection.h"
#include "common/time/cancellation.h"

namespace metricstore::pg {

// Watches transactions on two threads of its own: one decides, one sends cancel requests, which may
// block while the network is down. Thread-safe.
//
// The server's own statement_timeout normally ends a statement at the deadline; this is for
// cancelled calls, for several statements that share one deadline, and for servers that no longer
// answer: their socket is shut down.
class Interrupter {
 public:
  Interrupter();
  ~Interrupter();
  Interrupter(const Interrupter&) = delete;
  Interrupter& operator=(const Interrupter&) = delete;

  class Watch;
  // Watches `connection` until the Watch is destroyed, which must be before the connection is.
  std::unique_ptr<Watch> Start(const Connection& connection, const CallBounds& bounds);

 private:
  struct Entry;
  void Decide();
  void SendCancels();
  absl::Time ActOn(Entry& entry, absl::Time now);
  void Remove(const std::shared_ptr<Entry>& entry);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable cancels_waiting_;
  bool stopping_ = false;
  absl::Time next_look_ = absl::InfiniteFuture();
  std::vector<std::shared_ptr<Entry>> entries_;
  std::vector<std::shared_ptr<const CancelKey>> cancels_;
  std::thread decider_;
  std::thread sender_;
};

// One watched transaction.
class Interrupter::Watch {
 public:
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // From now on, only a server that does not answer is given up: for COMMIT, whose outcome matters.
  void SpareCommit();
  // Ends the watch; nothing is sent any more.
  void Stop();
  // Whether a cancel request was sent or the socket was shut down. The connection must then be
  // closed: a late request could hit the next transaction.
  bool interrupted() const;

 private:
  friend class Interrupter;
  Watch(Interrupter* interrupter, std::shared_ptr<Entry> entry, const CallBounds& bounds);

  Interrupter* interrupter_;
  std::shared_ptr<Entry> entry_;
  CancelToken::Registration registration_;
};

}  // namespace metricstore::pg
