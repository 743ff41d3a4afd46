// Where a command writes, and how it hears of Ctrl-C: the process's own streams, or a test's.
#pragma once

#include <istream>
#include <ostream>

#include "common/time/cancellation.h"

namespace metricstore::cli {

// The streams must outlive it. Only the thread that runs the command writes to them, or another one
// while that thread waits for it.
struct Terminal {
  std::ostream& out;             // data
  std::ostream& err;             // errors, notes, progress
  bool err_is_terminal = false;  // progress bars only there
  int width = 80;                // characters in a line of `err`
  CancelToken interrupt;         // raised by Ctrl-C
  std::istream* in = nullptr;    // answers and `-` files; nullptr: nothing can be read
  bool out_is_terminal = false;  // colours only there
  bool in_is_terminal = false;   // questions only there
};

}  // namespace metricstore::cli
