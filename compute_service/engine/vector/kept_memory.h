// How the process treats memory that evaluations free.
#pragma once

namespace metricstore::compute::vector {

// Keeps it instead of handing it back to the system: the next entity needs as much again, and a
// tenth of an evaluation is spent on fresh pages otherwise. The first thread's heap keeps 64 MiB at
// most; those of others grow in pieces of 64 MiB, which go back only when all that was in one is
// freed, so evaluations at the same time keep about what they needed together. Once is enough, and
// holds for the whole process. Does nothing where the C library is not GNU's.
void KeepFreedMemory();

}  // namespace metricstore::compute::vector
