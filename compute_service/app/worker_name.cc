// The name under which this process leases shards.
#include <unistd.h>

#include <array>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "compute_service/app/compute_app.h"

namespace metricstore::compute {

std::string MakeWorkerName() {
  std::array<char, 256> host = {};
  // The name is for people; without a host name the rest still makes it unique.
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  std::random_device random;
  return absl::StrCat(host.data(), "-", getpid(), "-", absl::Hex(random(), absl::kZeroPad8));
}

}  // namespace metricstore::compute
