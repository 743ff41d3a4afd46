// One line of progress that is rewritten in place on a terminal.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "cli/output/terminal.h"
#include "common/time/clock.h"

namespace metricstore::cli {

struct Progress {
  std::string label;               // "fact_bars"
  std::optional<double> fraction;  // 0 to 1; unset where nobody knows: then there is no bar
  std::string detail;              // "7/40 shards  1.2 M rows/s"
};

// "fact_bars [#####---------]  36%  7/40 shards" or "evaluating  1,234 rows", at most `width`
// characters.
std::string RenderProgress(const Progress& progress, int width);

// Not thread-safe. The terminal and the clock must outlive it.
class ProgressBar {
 public:
  // Off a terminal it prints nothing, or, with `plain_interval`, one plain line each interval.
  ProgressBar(Terminal& terminal, const Clock& clock,
              std::optional<absl::Duration> plain_interval = std::nullopt);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Shows it, at most ten times a second.
  void Show(const Progress& progress);
  // Removes the line, so that other text can be printed.
  void Clear();

 private:
  void ShowPlain(const Progress& progress);

  Terminal& terminal_;
  const Clock& clock_;
  std::optional<absl::Duration> plain_interval_;
  absl::Time last_;
  bool shown_ = false;
};

// "importing 212 files..." on a terminal while it lives, for calls whose progress nobody knows.
// When it has lived for `patience`, it prints the line `waiting` once, off a terminal too. Nobody
// else may write to the terminal meanwhile, which must outlive it.
class BusyLine {
 public:
  BusyLine(Terminal& terminal, std::string text, absl::Duration patience, std::string waiting);
  ~BusyLine();
  BusyLine(const BusyLine&) = delete;
  BusyLine& operator=(const BusyLine&) = delete;

 private:
  void WaitForEnd(absl::Duration patience);
  void Show();

  Terminal& terminal_;
  const std::string text_;
  const std::string waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace metricstore::cli
