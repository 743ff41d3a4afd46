// The loops of row_kernels.h for the registers that every processor has.
#define METRICSTORE_REGISTERS narrow
#include "compute_service/engine/vector/kernels/arithmetic_kernels.inc"
#include "compute_service/engine/vector/kernels/condition_kernels.inc"
