#include "registry_service/catalog/validation/metric_meaning.h"

#include <openssl/evp.h>

#include <array>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/calendar/buckets.h"
#include "common/calendar/window.h"

namespace metricstore::registry {
namespace {

constexpr size_t kMeaningBytes = 12;

// Lengths before texts: no two lists of parts run together into the same bytes.
class Parts {
 public:
  void Add(std::string_view part) { absl::StrAppend(&bytes_, part.size(), ":", std::string(part)); }
  void Add(const std::vector<std::string>& list) {
    absl::StrAppend(&bytes_, list.size(), "[");
    for (const std::string& part : list) Add(part);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

std::string Hash(const CanonicalForms& forms, const MetricDefinition& metric) {
  Parts parts;
  parts.Add(forms.expression);
  parts.Add(forms.filters);
  parts.Add(forms.sql);
  for (const auto& [variant, sql] : forms.sql_variants) {
    parts.Add(variant);
    parts.Add(sql);
  }
  parts.Add(metric.dataset);
  parts.Add(calendar::WindowText(metric.window));
  parts.Add(GrainName(metric.grain));
  parts.Add(metric.dimensions);
  parts.Add(metric.timeframe.has_value() ? absl::FormatDuration(*metric.timeframe) : "");
  // Hashes of before it was there stay as they are.
  if (metric.timeframe_alignment == calendar::BarAlignment::kSession) parts.Add("from the open");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  // Fails only for an unknown algorithm.
  EVP_Digest(parts.bytes().data(), parts.bytes().size(), digest.data(), &size, EVP_sha256(),
             nullptr);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), kMeaningBytes));
}

}  // namespace

std::string MeaningOf(const MetricDefinition& metric) { return Hash(metric.canonical, metric); }

std::string MeaningWithoutSqlOf(const MetricDefinition& metric) {
  if (metric.expression.empty() || !metric.has_select()) return "";
  return Hash({metric.canonical.expression, metric.canonical.filters, "", {}}, metric);
}

}  // namespace metricstore::registry
