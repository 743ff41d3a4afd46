#include "registry_service/datasets/partitions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/datasets/dataset_statements.h"
#include "registry_service/datasets/raw_table.h"

namespace metricstore::registry {
namespace {

constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2200;

absl::Status BatchRefused(const Dataset& dataset, std::string_view message) {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "BATCH_INVALID", message)
      .Metadata("column", dataset.time_column)
      .Build();
}

Partition MonthPartition(const Dataset& dataset, absl::CivilMonth month) {
  return {absl::StrFormat("%s_p%04d_%02d", dataset.name, month.year(), month.month()),
          absl::CivilDay(month), absl::CivilDay(month + 1)};
}

Partition YearPartition(const Dataset& dataset, absl::CivilYear year) {
  return {absl::StrFormat("%s_p%04d", dataset.name, year.year()), absl::CivilDay(year),
          absl::CivilDay(year + 1)};
}

// The distinct starts of the units that the instants fall into. Rows come nearly in order, so the
// unit of the row before is tried first.
template <typename Unit>
absl::StatusOr<std::set<Unit>> UnitsOf(const Dataset& dataset,
                                       std::span<const int64_t> unix_micros) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  std::set<Unit> units;
  int64_t known_from = 0;
  int64_t known_to = 0;
  for (const int64_t micros : unix_micros) {
    if (micros >= known_from && micros < known_to) continue;
    const Unit unit(absl::ToCivilSecond(FromMicros(micros), utc));
    if (unit.year() < kFirstYear || unit.year() > kLastYear) {
      return BatchRefused(dataset, absl::StrCat("column ", dataset.time_column,
                                                " holds an instant outside the years ", kFirstYear,
                                                " to ", kLastYear));
    }
    units.insert(unit);
    known_from = ToMicros(absl::FromCivil(unit, utc));
    known_to = ToMicros(absl::FromCivil(unit + 1, utc));
  }
  if (units.size() > kMaxPartitionsPerBatch) {
    return BatchRefused(dataset, absl::StrCat("the batch spans ", units.size(),
                                              " partitions, more than ", kMaxPartitionsPerBatch));
  }
  return units;
}

// A new table is filled in beside its parent and attached: CREATE TABLE ... PARTITION OF would lock
// the parent against all readers.
absl::Status CreatePartition(pg::Transaction& transaction, const Dataset& dataset,
                             const Partition& partition) {
  const std::string table = absl::StrCat("\"public\".", pg::QuoteIdentifier(partition.name));
  const std::string parent = QuotedTable(dataset.name);
  const auto bound = [](absl::CivilDay day) {
    return pg::QuoteLiteral(absl::StrCat(FormatDate(day), " 00:00:00+00"));
  };
  const std::string create =
      absl::StrCat("CREATE TABLE ", table, " (LIKE ", parent, " INCLUDING ALL)");
  RETURN_IF_ERROR(transaction.ExecuteDynamic("create_partition", create).status());
  const std::string attach =
      absl::StrCat("ALTER TABLE ", parent, " ATTACH PARTITION ", table, " FOR VALUES FROM (",
                   bound(partition.from), ") TO (", bound(partition.to), ")");
  return transaction.ExecuteDynamic("attach_partition", attach).status();
}

absl::Status CreateMissing(pg::Transaction& transaction, const Dataset& dataset,
                           const std::vector<Partition>& wanted) {
  RETURN_IF_ERROR(LockRawTable(transaction, dataset.name));
  const pg::Params name = pg::Params().Add(dataset.name);
  ASSIGN_OR_RETURN(const pg::Result table, transaction.Execute(kSelectRawTable, name));
  if (table.empty() || table.Single().Text(0).empty()) {
    return status::ErrorBuilder(absl::StatusCode::kFailedPrecondition, "DATASET_CHANGE_REFUSED",
                                absl::StrCat("the table of dataset \"", dataset.name,
                                             "\" is gone or was made anew; try again"))
        .Metadata("dataset", dataset.name)
        .Build();
  }
  std::vector<std::string> names;
  for (const Partition& partition : wanted) names.push_back(partition.name);
  const pg::Params params = pg::Params().AddArray(names);
  ASSIGN_OR_RETURN(const pg::Result rows, transaction.Execute(kSelectExistingTables, params));
  std::set<std::string, std::less<>> existing;
  for (const pg::Row row : rows) existing.emplace(row.Text(0));
  for (const Partition& partition : wanted) {
    if (existing.contains(partition.name)) continue;
    RETURN_IF_ERROR(CreatePartition(transaction, dataset, partition));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Partition>> PartitionsOf(const Dataset& dataset,
                                                    std::span<const int64_t> unix_micros) {
  std::vector<Partition> partitions;
  if (dataset.partitioning == Partitioning::kMonth) {
    ASSIGN_OR_RETURN(const auto months, UnitsOf<absl::CivilMonth>(dataset, unix_micros));
    for (const auto month : months) partitions.push_back(MonthPartition(dataset, month));
  } else if (dataset.partitioning == Partitioning::kYear) {
    ASSIGN_OR_RETURN(const auto years, UnitsOf<absl::CivilYear>(dataset, unix_micros));
    for (const auto year : years) partitions.push_back(YearPartition(dataset, year));
  }
  return partitions;
}

absl::Status LockRawTable(pg::Transaction& transaction, std::string_view dataset) {
  return transaction.Execute(kLockRawTable, pg::Params().Add(dataset)).status();
}

std::vector<Partition> Partitions::UnknownOf(const Dataset& dataset,
                                             std::vector<Partition> wanted) {
  std::lock_guard lock(mutex_);
  std::erase_if(wanted, [&](const Partition& partition) {
    return known_.contains({dataset.name, dataset.update_time, partition.name});
  });
  return wanted;
}

absl::Status Partitions::Ensure(const Dataset& dataset, std::span<const int64_t> unix_micros,
                                const CallBounds& bounds) {
  ASSIGN_OR_RETURN(std::vector<Partition> wanted, PartitionsOf(dataset, unix_micros));
  wanted = UnknownOf(dataset, std::move(wanted));
  if (wanted.empty()) return absl::OkStatus();
  const auto create = [&](pg::Transaction& transaction) {
    return CreateMissing(transaction, dataset, wanted);
  };
  RETURN_IF_ERROR(pool_.Run(bounds, pg::TransactionMode::kReadWrite, create));
  std::lock_guard lock(mutex_);
  for (const Partition& partition : wanted) {
    known_.emplace(dataset.name, dataset.update_time, partition.name);
  }
  return absl::OkStatus();
}

void Partitions::Forget(std::string_view dataset) {
  std::lock_guard lock(mutex_);
  std::erase_if(known_, [&](const auto& known) { return std::get<0>(known) == dataset; });
}

}  // namespace metricstore::registry
