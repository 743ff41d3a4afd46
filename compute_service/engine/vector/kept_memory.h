// How the process treats memory that evaluations free.
#pragma once

namespace metricstore::compute::vector {

// Keeps up to 64 MiB of it for each thread that evaluates, instead of handing it back to the
// system: the next entity needs as much again, and a tenth of an evaluation is spent on fresh pages
// otherwise. Once is enough, and holds for the whole process. Does nothing where the C library is
// not GNU's.
void KeepFreedMemory();

}  // namespace metricstore::compute::vector
