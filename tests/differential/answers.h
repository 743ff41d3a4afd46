// Our answers beside DuckDB's: when they are equal, and when rounding alone may part them.
#pragma once

#include <span>
#include <string>

#include "compute_service/engine/vector/evaluator.h"
#include "tests/differential/duckdb_peer.h"

namespace metricstore::differential {

// What we say of one bucket that has a point. NaN and infinities are one thing here: points only
// say that the value is not finite.
struct Answer {
  PeerValue value;
  bool not_finite = false;
};

// The point at `index`.
Answer AnswerAt(const compute::vector::MetricPoints& points, size_t index,
                expression::OutputType output);

// Equal to 1e-12 relative or next to nothing; integers, texts and NULL exactly. Zeroes of both
// signs are one value.
bool Agrees(const Answer& ours, const PeerValue& peer);

// Whether the difference between answers that do not agree is one of rounding. `noisy` are what the
// peer says when the last bits of what may round in more than one way are moved (see
// rounding_noise.h). It is if we are no further away than those are from each other, or if they
// show that the peer's answer has no digit: sums that cancel to nothing, an argument at the edge of
// a domain, ties that a last bit decides.
bool IsRounding(const Answer& ours, const PeerValue& peer, std::span<const PeerValue> noisy);

std::string Show(const Answer& answer);

}  // namespace metricstore::differential
