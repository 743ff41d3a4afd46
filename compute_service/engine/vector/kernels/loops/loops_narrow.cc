// The loops for registers that every processor has.
#define METRICSTORE_REGISTERS narrow
#include "compute_service/engine/vector/kernels/loops/loops.inc"
