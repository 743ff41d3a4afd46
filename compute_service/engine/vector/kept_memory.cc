#include "compute_service/engine/vector/kept_memory.h"

#include <cstdlib>  // says whose library it is
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace metricstore::compute::vector {

void KeepFreedMemory() {
#if defined(__GLIBC__)
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that it takes
#endif
}

}  // namespace metricstore::compute::vector
