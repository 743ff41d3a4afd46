// What a piece of work costs, whatever else the machine does meanwhile.
#pragma once

#include <ctime>

namespace metricstore::benchmark {

// Of all threads of this process so far.
inline double ProcessorSeconds() {
  timespec now = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace metricstore::benchmark
