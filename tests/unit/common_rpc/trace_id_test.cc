// Trace ids from the W3C header.
#include "common/rpc/trace_id.h"

#include <gtest/gtest.h>

namespace metricstore::rpc {
namespace {

TEST(TraceId, IsTheCallers) {
  EXPECT_EQ(TraceIdFrom("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST(TraceId, IsNewIfTheHeaderIsMissingOrMalformed) {
  for (const char* header : {"", "00", "4bf92f3577b34da6a3ce929d0e0e4736",
                             "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                             "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                             "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                             "00-4bf92f3577b34da6a3ce929d0e0e473\n-00f067aa0ba902b7-01"}) {
    const std::string id = TraceIdFrom(header);
    EXPECT_EQ(id.size(), 32u);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
    EXPECT_NE(id, TraceIdFrom(header));
  }
}

}  // namespace
}  // namespace metricstore::rpc
