#include "common/time/backoff.h"

#include <gtest/gtest.h>

namespace metricstore {
namespace {

// Between half and all of the nominal delay.
void ExpectSpread(absl::Duration delay, absl::Duration nominal) {
  EXPECT_GE(delay, nominal / 2);
  EXPECT_LE(delay, nominal);
}

TEST(Backoff, DoublesUpToTheMost) {
  Backoff backoff(absl::Seconds(1), absl::Seconds(5));
  for (const int nominal : {1, 2, 4, 5, 5}) ExpectSpread(backoff.Next(), absl::Seconds(nominal));
}

TEST(Backoff, StartsOverAfterReset) {
  Backoff backoff(absl::Seconds(1), absl::Seconds(5));
  for (int i = 0; i < 4; ++i) backoff.Next();
  backoff.Reset();
  ExpectSpread(backoff.Next(), absl::Seconds(1));
}

TEST(Backoff, CallersDoNotWaitInStep) {
  Backoff one(absl::Seconds(1), absl::Seconds(1));
  Backoff other(absl::Seconds(1), absl::Seconds(1));
  bool differed = false;
  for (int i = 0; i < 10; ++i) differed |= one.Next() != other.Next();
  EXPECT_TRUE(differed);
}

}  // namespace
}  // namespace metricstore
