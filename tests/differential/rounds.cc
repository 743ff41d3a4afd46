#include "tests/differential/rounds.h"

#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace metricstore::differential {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

uint64_t Seed() { return FromEnvironment("METRICSTORE_SEED", 20240301); }
size_t Batches() { return FromEnvironment("METRICSTORE_DIFFERENTIAL_BATCHES", 40); }

std::vector<Shape> Shapes() {
  return {{{.rows = 5, .null_share = 0}, 2, 3},
          {{.rows = 12, .null_share = 0.4}, 3, 7},
          {{.rows = 40, .null_share = 0.2, .whole_numbers = true}, 5, 35},
          {{.rows = 9, .null_share = 1}, 1, 8},
          {{.rows = 300, .null_share = 0.1}, 20, 290},
          {{.rows = 60, .null_share = 0}, 0, 60},
          {{.rows = 50, .null_share = 0.1, .equal_times = true}, 0, 50}};
}

std::string LabelOf(uint64_t seed, const Shape& shape) {
  return absl::StrCat("seed ", seed, ", rows [", shape.begin, ", ", shape.end, ") of ",
                      shape.traits.rows, ", NULL ", shape.traits.null_share,
                      shape.traits.whole_numbers ? ", whole numbers" : "",
                      shape.traits.equal_times ? ", equal times" : "");
}

void ExpectMostlyEqual(const Comparison& comparison) {
  const Tally& tally = comparison.tally();
  std::cout << "seed " << Seed() << ": " << tally.equal << " equal, " << tally.rounded
            << " but for rounding, " << tally.refused << " refused by DuckDB\n";
  for (const std::string& each : tally.roundeds) std::cout << "  rounding  " << each << "\n";
  EXPECT_GT(tally.equal, 0u);
  EXPECT_LE(tally.rounded * 100, tally.equal) << absl::StrJoin(tally.roundeds, "\n");
  EXPECT_LE(tally.refused * 50, tally.equal) << absl::StrJoin(tally.refusals, "\n");
}

}  // namespace metricstore::differential
