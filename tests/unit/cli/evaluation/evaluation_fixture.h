// Runs of the commands that compute without storing: the registry reads the files that are given,
// the service that computes answers as it is told.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/rpc/status_conversion.h"
#include "common/status/error.h"
#include "tests/unit/cli/catalog_fixture.h"
#include "tests/unit/cli/folder.h"

namespace metricstore::cli {

inline constexpr int64_t kMonday = 1709528400;  // 2024-03-04T05:00:00Z

class EvaluationCommands : public CatalogFixture {
 protected:
  Outcome Run(std::vector<std::string> args) {
    args.insert(args.end(), {"--compute", services_.endpoint()});
    return CatalogFixture::Run(std::move(args));
  }
  Outcome Evaluate(std::vector<std::string> args) {
    args.insert(args.begin(), "evaluate");
    args.insert(args.end(), {"--from", "2024-03-04", "--to", "2024-03-05"});
    return Run(std::move(args));
  }
  Outcome Explain(std::vector<std::string> args) {
    args.insert(args.begin(), "explain");
    args.insert(args.end(), {"--date", "2024-03-04"});
    return Run(std::move(args));
  }
  void Answer(const compute::v1::EvaluatedSeries& series, int64_t rows) {
    auto& message = compute_.evaluate_messages.emplace_back();
    *message.add_series() = series;
    message.set_rows_read(rows);
  }
  void Refuse(absl::StatusCode code, const std::string& reason, const std::string& message) {
    compute_.status = rpc::ToGrpc(status::ErrorBuilder(code, reason, message).Build());
  }
  // What the registry says of a file's metrics.
  reg::DefinitionReport& AddReport(const std::string& name) {
    auto* report = catalog_.validate_response.add_reports();
    report->set_kind("metric");
    report->set_name("price/" + name);
    *report->mutable_definition() = MetricOf("price", name);
    report->mutable_definition()->set_version(0);
    return *report;
  }
  void AddReport(const std::string& name, const std::map<std::string, int>& lines) {
    reg::DefinitionReport& report = AddReport(name);
    report.set_path("price/a.yaml");
    report.mutable_field_lines()->insert(lines.begin(), lines.end());
  }

  FakeCompute& compute_ = services_.compute;
  TestFolder folder_{"cli_evaluation"};
};

}  // namespace metricstore::cli
