// The loops for registers of 64 bytes (AVX-512).
#define METRICSTORE_REGISTERS widest
#include "compute_service/engine/vector/kernels/loops/loops.inc"
