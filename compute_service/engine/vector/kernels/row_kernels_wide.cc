// The same loops for registers of 32 bytes (AVX2).
#define METRICSTORE_REGISTERS wide
#include "compute_service/engine/vector/kernels/arithmetic_kernels.inc"
#include "compute_service/engine/vector/kernels/condition_kernels.inc"
