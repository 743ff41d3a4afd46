#include "common/telemetry/instruments.h"

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace metricstore::telemetry {
namespace {

class PrometheusCounter final : public Counter {
 public:
  explicit PrometheusCounter(prometheus::Counter& counter) : counter_(counter) {}
  void Increment(double by) override { counter_.Increment(by); }

 private:
  prometheus::Counter& counter_;
};

class PrometheusGauge final : public Gauge {
 public:
  explicit PrometheusGauge(prometheus::Gauge& gauge) : gauge_(gauge) {}
  void Set(double value) override { gauge_.Set(value); }
  void Add(double by) override { gauge_.Increment(by); }

 private:
  prometheus::Gauge& gauge_;
};

class PrometheusHistogram final : public Histogram {
 public:
  explicit PrometheusHistogram(prometheus::Histogram& histogram) : histogram_(histogram) {}
  void Observe(double value) override { histogram_.Observe(value); }

 private:
  prometheus::Histogram& histogram_;
};

using Key = std::pair<std::string, Labels>;

// The handle under `key`, made by `make` the first time. The caller holds the lock.
template <typename Handle, typename Make>
Handle& FindOrMake(std::map<Key, std::unique_ptr<Handle>>& handles, const std::string& name,
                   const Labels& labels, Make make) {
  auto& handle = handles[Key(name, labels)];
  if (handle == nullptr) {
    try {
      handle = make();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "instrument %s: %s\n", name.c_str(), error.what());
      std::abort();
    }
  }
  return *handle;
}

}  // namespace

struct Instruments::State {
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  std::mutex mutex;
  // Guarded by mutex.
  std::map<Key, std::unique_ptr<Counter>> counters;
  std::map<Key, std::unique_ptr<Gauge>> gauges;
  std::map<Key, std::unique_ptr<Histogram>> histograms;
  std::unique_ptr<prometheus::Exposer> exposer;
};

Instruments::Instruments() : state_(std::make_unique<State>()) {}
Instruments::~Instruments() = default;

Counter& Instruments::GetCounter(const std::string& name, const std::string& help,
                                 const Labels& labels) {
  std::lock_guard lock(state_->mutex);
  return FindOrMake(state_->counters, name, labels, [&] {
    auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(*state_->registry);
    return std::make_unique<PrometheusCounter>(family.Add(labels));
  });
}

Gauge& Instruments::GetGauge(const std::string& name, const std::string& help,
                             const Labels& labels) {
  std::lock_guard lock(state_->mutex);
  return FindOrMake(state_->gauges, name, labels, [&] {
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(*state_->registry);
    return std::make_unique<PrometheusGauge>(family.Add(labels));
  });
}

Histogram& Instruments::GetHistogram(const std::string& name, const std::string& help,
                                     const std::vector<double>& bounds, const Labels& labels) {
  std::lock_guard lock(state_->mutex);
  return FindOrMake(state_->histograms, name, labels, [&] {
    auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(*state_->registry);
    return std::make_unique<PrometheusHistogram>(family.Add(labels, bounds));
  });
}

absl::StatusOr<int> Instruments::Serve(const std::string& listen) {
  std::lock_guard lock(state_->mutex);
  try {
    auto exposer = std::make_unique<prometheus::Exposer>(listen, /*num_threads=*/1);
    exposer->RegisterCollectable(state_->registry);
    const std::vector<int> ports = exposer->GetListeningPorts();
    if (!ports.empty()) {
      state_->exposer = std::move(exposer);
      return ports.front();
    }
  } catch (const std::exception&) {
    // The library's text names no cause; the address is what an operator needs.
  }
  return status::ErrorBuilder(
             absl::StatusCode::kFailedPrecondition, "LISTEN_FAILED",
             absl::StrCat("cannot serve instruments on ", listen,
                          ": the address is in use, not of this machine, or not HOST:PORT"))
      .Metadata("address", listen)
      .Build();
}

std::string Instruments::Render() const {
  return prometheus::TextSerializer().Serialize(state_->registry->Collect());
}

}  // namespace metricstore::telemetry
