// Cancellation and deadlines as plain values, so that code below the RPC layer can honour them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace metricstore {

// A flag that is raised once. Copies share it. Thread-safe.
class CancelToken {
 public:
  // A token that nobody has raised yet.
  CancelToken();

  // Raises the flag and runs the registered callbacks, once, on the calling thread.
  void Cancel() const;
  bool cancelled() const;

  // Keeps a callback registered for as long as it lives. Its destructor waits for a running
  // callback.
  class Registration {
   public:
    Registration() = default;
    Registration(Registration&&) noexcept;
    Registration& operator=(Registration&&) noexcept;
    ~Registration();

   private:
    friend class CancelToken;
    struct Entry;
    explicit Registration(std::shared_ptr<Entry> entry);
    std::shared_ptr<Entry> entry_;
  };
  // Runs `callback` when the flag is raised; at once if it is up already. It must not block.
  [[nodiscard]] Registration OnCancel(std::function<void()> callback) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// What bounds a piece of work: a deadline and a cancel flag.
struct CallBounds {
  absl::Time deadline = absl::InfiniteFuture();
  CancelToken cancel;

  // Time left until the deadline, never negative.
  absl::Duration remaining() const;
  // OK, or CANCELLED (reason CANCELLED), or DEADLINE_EXCEEDED (reason DEADLINE_EXCEEDED).
  absl::Status Check() const;
};

}  // namespace metricstore
