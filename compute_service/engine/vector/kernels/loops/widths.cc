#include "compute_service/engine/vector/kernels/loops/widths.h"

#include <array>

namespace metricstore::compute::vector {

namespace narrow {  // registers that every processor has
extern const Loops kLoops;
}
#if defined(METRICSTORE_WIDE_REGISTERS)
namespace wide {  // of 32 bytes: AVX2
extern const Loops kLoops;
}
namespace widest {  // of 64 bytes: AVX-512
extern const Loops kLoops;
}
#endif

namespace {

struct Runnable {
  Runnable() {
    Add(narrow::kLoops);
#if defined(METRICSTORE_WIDE_REGISTERS)
    if (__builtin_cpu_supports("avx2") == 0) return;
    Add(wide::kLoops);
    for (const bool has_part :
         {__builtin_cpu_supports("avx512f") != 0, __builtin_cpu_supports("avx512bw") != 0,
          __builtin_cpu_supports("avx512dq") != 0, __builtin_cpu_supports("avx512vl") != 0,
          __builtin_cpu_supports("popcnt") != 0}) {
      if (!has_part) return;
    }
    Add(widest::kLoops);
#endif
  }
  void Add(const Loops& loops) { all[count++] = &loops; }

  std::array<const Loops*, 3> all = {};
  size_t count = 0;
};

const Runnable& AllRunnable() {
  static const Runnable runnable;
  return runnable;
}

}  // namespace

std::span<const Loops* const> RunnableLoops() {
  return std::span(AllRunnable().all).first(AllRunnable().count);
}

const Loops& WidestLoops() { return *RunnableLoops().back(); }

}  // namespace metricstore::compute::vector
