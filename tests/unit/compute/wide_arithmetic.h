// Arithmetic in 113 bits, and how near to it the moments of doubles must be.
#pragma once

#include <cmath>
#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace metricstore::compute::vector {

inline constexpr double kDigits13 = 1e-13;

// Whether it differs by no more than this share of what is wanted.
inline void ExpectClose(const std::optional<double>& found, double wanted, double relative,
                        const std::string& what) {
  ASSERT_TRUE(found.has_value()) << what;
  EXPECT_LE(std::abs(*found - wanted), relative * std::abs(wanted))
      << what << ": found " << *found << ", wanted " << wanted;
}

__extension__ typedef __float128 Wide;

inline Wide RootOf(Wide square) {
  Wide root = std::sqrt(static_cast<double>(square));
  for (int i = 0; i < 3 && root != 0; ++i) root = (root + square / root) / 2;
  return root;
}

}  // namespace metricstore::compute::vector
