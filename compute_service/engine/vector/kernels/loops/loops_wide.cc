// The loops for registers of 32 bytes (AVX2).
#define METRICSTORE_REGISTERS wide
#include "compute_service/engine/vector/kernels/loops/loops.inc"
