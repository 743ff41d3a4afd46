// The names by which the outside knows a running process: worker name and ready file.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "compute_service/app/compute_app.h"

namespace metricstore::compute {

std::string MakeWorkerName() {
  std::array<char, 256> host = {};
  // The name is for people; without a host name the rest still makes it unique.
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  std::random_device random;
  return absl::StrCat(host.data(), "-", getpid(), "-", absl::Hex(random(), absl::kZeroPad8));
}

absl::Status WriteReadyFile(const std::string& path, int grpc_port, int metrics_port) {
  const std::string unfinished = absl::StrCat(path, ".", getpid());
  {
    std::ofstream file(unfinished, std::ios::trunc);
    file << "{\"grpc\": " << grpc_port << ", \"metrics\": " << metrics_port
         << ", \"pid\": " << getpid() << "}\n";
    file.flush();
    if (!file) {
      return absl::FailedPreconditionError(absl::StrCat("cannot write ready_file ", unfinished));
    }
  }
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("cannot rename to ready_file ", path));
  }
  return absl::OkStatus();
}

}  // namespace metricstore::compute
