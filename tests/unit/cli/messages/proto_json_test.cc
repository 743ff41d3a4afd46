#include "cli/messages/proto_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/messages/window_text.h"
#include "metricstore/registry/v1/catalog_service.pb.h"
#include "metricstore/registry/v1/dataset.pb.h"

namespace metricstore::cli {
namespace {

namespace reg = registry::v1;

TEST(JsonOf, EnumsTimesAndNumbersAreThoseOfTheTables) {
  reg::Metric metric;
  metric.set_name("range");
  metric.set_type(reg::METRIC_TYPE_SUM);
  metric.set_grain(reg::GRAIN_DAY);
  metric.set_dataset("fact_bars");
  metric.mutable_timeframe()->set_seconds(900);
  metric.mutable_create_time()->set_seconds(1'700'000'000);
  metric.mutable_window()->set_kind(reg::Window::KIND_FIRST);
  metric.add_tags("a");
  EXPECT_EQ(JsonOf(metric).dump(),
            R"({"name":"range","type":"sum","grain":"day","table":"fact_bars",)"
            R"("window":{"kind":"first"},"timeframe":"15m","tags":["a"],)"
            R"("create_time":"2023-11-14T22:13:20Z"})");
  reg::StaleResults stale;
  stale.set_points(5'000'000'000);
  EXPECT_EQ(JsonOf(stale).dump(), R"({"points":5000000000})");
  reg::FieldChange change;
  change.set_breaking(true);
  EXPECT_EQ(JsonOf(change).dump(), R"({"breaking":true})");
  reg::Dataset dataset;
  dataset.set_layer(reg::DATASET_LAYER_FACT);
  EXPECT_EQ(JsonOf(dataset).dump(), R"({"layer":"fact"})");
}

TEST(JsonOf, KeysOfMapsAreSorted) {
  reg::MetricTest test;
  auto& values = *test.add_rows()->mutable_values();
  for (const char* column : {"volume", "ts", "close", "symbol", "high", "low", "open"}) {
    values[column] = "1";
  }
  EXPECT_EQ(JsonOf(test).dump(),
            R"({"rows":[{"values":{"close":"1","high":"1","low":"1","open":"1","symbol":"1",)"
            R"("ts":"1","volume":"1"}}]})");
}

TEST(WindowText, IsWhatTheWindowOptionTakes) {
  for (const char* text :
       {"full_day", "rth", "first_30m", "rolling_20_sessions of rth", "rolling_30d", "rolling_24h",
        "month_to_date of rth", "previous of rth", "09:30-10:00 of rth"}) {
    const auto window = calendar::ParseWindow(text);
    ASSERT_TRUE(window.ok()) << text << ": " << window.status();
    reg::Window proto;
    ToProto(*window, &proto);
    EXPECT_EQ(WindowText(proto), text);
  }
  EXPECT_EQ(WindowText(reg::Window()), "full_day");
}

}  // namespace
}  // namespace metricstore::cli
