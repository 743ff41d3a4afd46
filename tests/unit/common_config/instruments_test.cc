// Instruments and the endpoint that Prometheus scrapes.
#include "common/telemetry/instruments.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/status/error.h"

namespace metricstore::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What a server on this machine answers to GET `path`.
std::string HttpGet(int port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(send(fd, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t n = 0; (n = recv(fd, buffer, sizeof(buffer), 0)) > 0;) answer.append(buffer, n);
  close(fd);
  return answer;
}

TEST(Instruments, GiveTheSameHandleForTheSameNameAndLabels) {
  Instruments instruments;
  Counter& one = instruments.GetCounter("metricstore_test_total", "Help.", {{"code", "OK"}});
  Counter& same = instruments.GetCounter("metricstore_test_total", "Help.", {{"code", "OK"}});
  Counter& other = instruments.GetCounter("metricstore_test_total", "Help.", {{"code", "BAD"}});
  EXPECT_EQ(&one, &same);
  EXPECT_NE(&one, &other);
}

TEST(Instruments, RenderWhatWasCounted) {
  Instruments instruments;
  instruments.GetCounter("metricstore_rows_total", "Rows.", {{"dataset", "fact_bars"}})
      .Increment(3);
  Gauge& gauge = instruments.GetGauge("metricstore_queue_length", "Waiting.");
  gauge.Set(5);
  gauge.Add(-2);
  Histogram& histogram =
      instruments.GetHistogram("metricstore_call_seconds", "Duration.", {0.1, 1});
  histogram.Observe(0.5);
  histogram.Observe(5);
  const std::string text = instruments.Render();
  EXPECT_THAT(text, HasSubstr("# HELP metricstore_rows_total Rows."));
  EXPECT_THAT(text, HasSubstr("metricstore_rows_total{dataset=\"fact_bars\"} 3"));
  EXPECT_THAT(text, HasSubstr("metricstore_queue_length 3"));
  EXPECT_THAT(text, HasSubstr("metricstore_call_seconds_bucket{le=\"0.1\"} 0"));
  EXPECT_THAT(text, HasSubstr("metricstore_call_seconds_bucket{le=\"1\"} 1"));
  EXPECT_THAT(text, HasSubstr("metricstore_call_seconds_count 2"));
}

TEST(Instruments, EndTheProcessWhenANameIsUsedForTwoKinds) {
  Instruments instruments;
  instruments.GetCounter("metricstore_test_total", "Help.");
  EXPECT_DEATH(instruments.GetGauge("metricstore_test_total", "Help."), "metricstore_test_total");
}

TEST(Instruments, AreServedOverHttpOnAFreePort) {
  Instruments instruments;
  instruments.GetCounter("metricstore_rows_total", "Rows.").Increment(42);
  const auto port = instruments.Serve("127.0.0.1:0");
  ASSERT_TRUE(port.ok()) << port.status();
  EXPECT_GT(*port, 0);
  const std::string answer = HttpGet(*port, "/metrics");
  EXPECT_THAT(answer, HasSubstr("200 OK"));
  EXPECT_THAT(answer, HasSubstr("metricstore_rows_total 42"));
  EXPECT_THAT(HttpGet(*port, "/other"), Not(HasSubstr("metricstore_rows_total")));
}

TEST(Instruments, ReportAnAddressThatCannotBeServed) {
  Instruments first, second;
  const auto port = first.Serve("127.0.0.1:0");
  ASSERT_TRUE(port.ok()) << port.status();
  for (const std::string& listen : {"127.0.0.1:" + std::to_string(*port), std::string("no port")}) {
    const auto refused = second.Serve(listen);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition) << listen;
    EXPECT_EQ(status::ReasonOf(refused.status()), "LISTEN_FAILED") << listen;
  }
}

}  // namespace
}  // namespace metricstore::telemetry
