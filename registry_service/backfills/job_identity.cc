#include "registry_service/backfills/job_identity.h"

#include <set>
#include <span>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "registry_service/backfills/backfill_statements.h"

namespace metricstore::registry {
namespace {

// Where entities or dates of a group have no rows, no shard names them: the groups' dates are told
// apart by the requested ones, of which they are the widened form.
std::string PlanText(const BackfillPlan& plan) {
  std::string text =
      absl::StrCat(FormatDate(plan.requested_dates.start), " ",
                   FormatDate(plan.requested_dates.end), "\n", BackfillSpecToJson(plan.spec));
  for (const ShardSpec& shard : plan.shards) absl::StrAppend(&text, "\n", ShardSpecToJson(shard));
  for (const auto& [id, version] : plan.reads) absl::StrAppend(&text, "\n", id, " ", version);
  return text;
}

}  // namespace

absl::StatusOr<std::string> JobIdentity(pg::Transaction& transaction, int32_t project_id,
                                        const BackfillPlan& plan) {
  std::set<std::string> distinct;
  for (const ShardSpec& shard : plan.shards) {
    distinct.insert(shard.dataset);
    distinct.insert(shard.also_reads.begin(), shard.also_reads.end());
  }
  const std::vector<std::string> datasets(distinct.begin(), distinct.end());
  pg::Params params;
  params.Add(project_id).Add(PlanText(plan)).AddArray(std::span<const std::string>(datasets));
  params.Add(plan.snapshot);
  ASSIGN_OR_RETURN(const pg::Result identity, transaction.Execute(kJobIdentity, params));
  return std::string(identity.Single().Text(0));
}

}  // namespace metricstore::registry
