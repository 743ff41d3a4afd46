// How much of an answer of DuckDB's is rounding: the same question with its last bits moved.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "tests/differential/duckdb_peer.h"

namespace metricstore::differential {

// Makes what WithRoundingNoise writes known to the peer.
absl::Status DefineRoundingNoise(DuckDbPeer* peer);

// The query with everything that two correct engines may round differently moved by up to two last
// places: sums and means, transcendental functions, products and what is interpolated. Rows keep
// their values, and + - * / and roots, which are rounded in one way only, stay as they are; a
// function gives equal values for equal arguments, sums of different rows are moved apart. `seed`
// chooses how; those that 3 divides round to 14 digits instead, so that what only rounding keeps
// apart becomes equal.
std::string WithRoundingNoise(const std::string& sql, uint32_t seed);

}  // namespace metricstore::differential
