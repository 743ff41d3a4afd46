#include "compute_service/evaluation/window_evaluation.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/evaluation/plan_evaluator.h"
#include "compute_service/rows/entity_rows.h"

namespace metricstore::compute {
namespace {

int64_t BytesOf(const SourcePoints& series) {
  constexpr int64_t kSeriesBytes = sizeof(vector::MetricPoints);
  constexpr int64_t kPointBytes = sizeof(int64_t) + sizeof(double) + sizeof(vector::PointStatus);
  int64_t bytes = 0;
  for (const vector::MetricPoints& points : series) {
    bytes += kSeriesBytes + kPointBytes * std::ssize(points.values);
    for (const std::string& text : points.texts) {
      bytes += static_cast<int64_t>(sizeof(std::string) + text.size());
    }
  }
  return bytes;
}

// One run over the windows of a plan.
class WindowRun {
 public:
  WindowRun(RegistryClient& registry, const SeriesPlan& plan, const PlanEvaluator& evaluator,
            const WindowScope& scope, const WindowHooks& hooks, const CallBounds& bounds)
      : registry_(registry),
        plan_(plan),
        evaluator_(evaluator),
        scope_(scope),
        hooks_(hooks),
        bounds_(bounds) {}

  absl::StatusOr<WindowSummary> Go();

 private:
  // Reads one window and hands the rows of each entity to `take`.
  absl::Status Read(size_t source, const EntityRows::Sink& take);
  // Keeps the points of an entity until its turn.
  absl::Status Keep(size_t source, std::string_view entity, const columns::ColumnBatch& rows);
  // The turn of an entity of the home dataset, after those that come before it.
  absl::Status TakeHome(std::string_view entity, const columns::ColumnBatch& rows);
  // Hands out the kept entities before `entity`; nullopt: all.
  absl::Status HandOutBefore(std::optional<std::string_view> entity);
  absl::Status HandOut(std::string_view entity, std::vector<SourcePoints> sources);
  absl::Status Evaluate(absl::FunctionRef<absl::Status()> step) const {
    return hooks_.evaluate == nullptr ? step() : hooks_.evaluate(step);
  }

  RegistryClient& registry_;
  const SeriesPlan& plan_;
  const PlanEvaluator& evaluator_;
  const WindowScope& scope_;
  const WindowHooks& hooks_;
  const CallBounds& bounds_;
  std::map<std::string, std::vector<SourcePoints>, std::less<>> kept_;  // by entity
  int64_t kept_bytes_ = 0;
  std::optional<int64_t> watermark_;
  int64_t rows_read_ = 0;
};

absl::Status WindowRun::Read(size_t source, const EntityRows::Sink& take) {
  const RowPlan& rows = plan_.sources[source];
  const bool is_home = source + 1 == plan_.sources.size();
  const auto interval = rows.interval.has_value() || !is_home ? rows.interval : scope_.fallback;
  if (!interval.has_value()) return absl::OkStatus();
  WindowRequest request{.project = scope_.project,
                        .dataset = rows.dataset,
                        .entities = {},
                        .interval = *interval,
                        .columns = rows.columns};
  if (!rows.entity_column.empty()) request.entities = scope_.entities;
  EntityRows entities(rows.entity_column, take);
  ASSIGN_OR_RETURN(const int64_t watermark,
                   registry_.StreamWindow(
                       request,
                       [&](columns::ColumnBatch&& batch) {
                         rows_read_ += static_cast<int64_t>(batch.rows);
                         return Evaluate([&] { return entities.Add(batch); });
                       },
                       bounds_));
  watermark_ = std::min(watermark_.value_or(watermark), watermark);
  return Evaluate([&] { return entities.Finish(); });
}

absl::Status WindowRun::Keep(size_t source, std::string_view entity,
                             const columns::ColumnBatch& rows) {
  if (hooks_.observe != nullptr) RETURN_IF_ERROR(hooks_.observe(source, rows));
  ASSIGN_OR_RETURN(SourcePoints points, evaluator_.EvaluateRows(source, rows, bounds_));
  kept_bytes_ += BytesOf(points);
  if (kept_bytes_ > kMostKeptBytes) {
    return status::ErrorBuilder(
               absl::StatusCode::kResourceExhausted, "TOO_LARGE",
               absl::StrCat("the points of dataset ", plan_.sources[source].dataset,
                            ", which are needed before those of ", plan_.home().dataset,
                            ", take more than ", kMostKeptBytes,
                            " bytes: ask for fewer entities or dates"))
        .Metadata("limit_bytes", absl::StrCat(kMostKeptBytes))
        .Build();
  }
  std::vector<SourcePoints>& sources = kept_[std::string(entity)];
  sources.resize(plan_.sources.size());
  sources[source] = std::move(points);
  return absl::OkStatus();
}

absl::Status WindowRun::HandOut(std::string_view entity, std::vector<SourcePoints> sources) {
  ASSIGN_OR_RETURN(std::vector<vector::MetricPoints> outputs,
                   evaluator_.Combine(std::move(sources), bounds_));
  return hooks_.sink(entity, std::move(outputs), rows_read_);
}

absl::Status WindowRun::HandOutBefore(std::optional<std::string_view> entity) {
  while (!kept_.empty() && (!entity.has_value() || kept_.begin()->first < *entity)) {
    auto first = kept_.extract(kept_.begin());
    RETURN_IF_ERROR(HandOut(first.key(), std::move(first.mapped())));
  }
  return absl::OkStatus();
}

absl::Status WindowRun::TakeHome(std::string_view entity, const columns::ColumnBatch& rows) {
  RETURN_IF_ERROR(HandOutBefore(entity));
  const size_t home = plan_.sources.size() - 1;
  if (hooks_.observe != nullptr) RETURN_IF_ERROR(hooks_.observe(home, rows));
  std::vector<SourcePoints> sources;
  if (!kept_.empty() && kept_.begin()->first == entity) {
    sources = std::move(kept_.extract(kept_.begin()).mapped());
  }
  sources.resize(plan_.sources.size());
  ASSIGN_OR_RETURN(sources[home], evaluator_.EvaluateRows(home, rows, bounds_));
  return HandOut(entity, std::move(sources));
}

absl::StatusOr<WindowSummary> WindowRun::Go() {
  const size_t home = plan_.sources.size() - 1;
  for (size_t source = 0; source < home; ++source) {
    RETURN_IF_ERROR(Read(source, [&](std::string_view entity, columns::ColumnBatch&& rows) {
      const columns::ColumnBatch owned = std::move(rows);  // freed on return
      return Keep(source, entity, owned);
    }));
  }
  RETURN_IF_ERROR(Read(home, [&](std::string_view entity, columns::ColumnBatch&& rows) {
    const columns::ColumnBatch owned = std::move(rows);
    return TakeHome(entity, owned);
  }));
  RETURN_IF_ERROR(Evaluate([&] { return HandOutBefore(std::nullopt); }));
  return WindowSummary{.rows_read = rows_read_, .read_watermark = watermark_.value_or(0)};
}

}  // namespace

absl::StatusOr<WindowSummary> EvaluateWindows(RegistryClient& registry, const SeriesPlan& plan,
                                              const WindowScope& scope, const WindowHooks& hooks,
                                              const CallBounds& bounds) {
  ASSIGN_OR_RETURN(const std::unique_ptr<const PlanEvaluator> evaluator,
                   PlanEvaluator::Create(plan));
  return WindowRun(registry, plan, *evaluator, scope, hooks, bounds).Go();
}

}  // namespace metricstore::compute
