#include "compute_service/planner/metric_graph.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/expression/bound_texts.h"
#include "common/expression/node.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/planner/dataset_need.h"
#include "compute_service/planner/executor_choice.h"
#include "compute_service/planner/reference_errors.h"

namespace metricstore::compute {
namespace {

using expression::Node;
using expression::OutputType;

absl::Status NotSupported(std::string_view message, std::string_view field = "expression") {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED", message)
      .Metadata("field", field)
      .Field(field, message)
      .Build();
}

// The same error with a violation of `field`, unless it names one.
absl::Status InField(const absl::Status& error, const std::string& field) {
  const auto details = status::DetailsOf(error);
  if (!details.has_value() || !details->violations.empty()) return error;
  const std::string message(error.message());
  status::ErrorBuilder builder(error.code(), details->reason, message);
  for (const auto& [key, value] : details->metadata) builder.Metadata(key, value);
  builder.Field(field, message);
  return builder.Build();
}

// Calls of metric(...), from left to right.
void CollectReferences(const Node& node, std::vector<const Node*>* calls) {
  if (node.kind == expression::NodeKind::kCall && node.function == expression::Function::kMetric) {
    calls->push_back(&node);
    return;
  }
  for (const expression::NodePtr& argument : node.arguments) CollectReferences(*argument, calls);
}

std::string_view PluralOf(OutputType type) {
  switch (type) {
    case OutputType::kText:
      return "texts";
    case OutputType::kVector:
      return "vectors";
    default:
      return "conditions";
  }
}

}  // namespace

absl::Status BlameVersion(const absl::Status& error, const MetricDefinition& metric) {
  return status::WithPrefix(
      error, absl::StrCat("metric ", metric.ref.id, " version ", metric.ref.version, ": "));
}

// Loads one graph.
class GraphLoader {
 public:
  GraphLoader(DefinitionSource& source, const Blame& blame) : source_(source), blame_(blame) {}

  absl::StatusOr<MetricGraph> Load(std::span<const DefinitionPtr> roots);

 private:
  // A metric while its place in the order is not known.
  struct Found {
    GraphMetric metric;
    std::vector<size_t> reads;  // of the references
    int height = 0;             // levels below and with it; 0: not ordered yet
    bool is_open = false;       // on the path that is being followed
    size_t place = 0;
  };

  // Who reads an id, and where its expression first does.
  struct Reader {
    size_t index;  // in found_
    const Node* call;
  };

  size_t Add(DefinitionPtr definition);
  absl::Status Bind(Found* found);
  // Binds what was added since the last level and adds what that reads.
  absl::Status LoadLevel();
  absl::Status LoadRead(const std::map<std::string, Reader>& reader_of);
  // What is told of metrics that could not be had.
  absl::Status Unread(const absl::Status& error,
                      const std::map<std::string, Reader>& reader_of) const;
  // Orders a metric and what it reads.
  absl::Status Order(size_t index);
  absl::Status CheckHome(Found* found);
  absl::Status CheckReference(const Found& reader, const Found& read);
  absl::Status Cycle(size_t index) const;
  // Of the root that is followed: where on its way the limit is met says nothing to the caller.
  absl::Status TooDeep() const;
  absl::Status Told(const absl::Status& error, const Found& found) const {
    return blame_(error, *found.metric.definition);
  }

  DefinitionSource& source_;
  const Blame& blame_;
  expression::BoundTexts texts_;
  std::vector<Found> found_;
  std::map<MetricRef, size_t> by_ref_;
  std::map<std::string, size_t> read_;  // by id: what readers of it are given
  size_t bound_ = 0;                    // how many of found_ are
  std::vector<size_t> path_;
  MetricGraph graph_;
};

size_t GraphLoader::Add(DefinitionPtr definition) {
  const auto [entry, is_new] = by_ref_.try_emplace(definition->ref, found_.size());
  if (is_new) found_.push_back({.metric = {.definition = std::move(definition)}});
  return entry->second;
}

absl::Status GraphLoader::Bind(Found* found) {
  GraphMetric& metric = found->metric;
  const MetricDefinition& definition = *metric.definition;
  const ExecutorChoice choice = ChooseExecutor(definition);
  if (choice.executor == Executor::kSql) return NotSupported(choice.reason, "sql");
  if (!definition.dataset.empty()) {
    absl::StatusOr<DatasetPtr> dataset = source_.GetDataset(definition.dataset);
    if (status::ReasonOf(dataset.status()) == "DATASET_NOT_FOUND") {
      return InField(dataset.status(), "dataset");
    }
    ASSIGN_OR_RETURN(metric.dataset, std::move(dataset));
    if (metric.dataset->time_column.empty()) {
      return status::FieldInvalid("dataset", definition.dataset, "has no time column");
    }
  }
  static const expression::Schema kNoSchema;
  const expression::Schema& schema = metric.dataset == nullptr ? kNoSchema : metric.dataset->schema;
  auto bound = metric.dataset == nullptr ? BindWithoutDataset(definition.expression)
                                         : texts_.Metric(definition.expression, schema);
  if (!bound.ok()) return InField(bound.status(), "expression");
  metric.expression = *std::move(bound);
  for (size_t i = 0; i < definition.filters.size(); ++i) {
    auto filter = texts_.Filter(definition.filters[i], schema);
    if (!filter.ok()) return InField(filter.status(), absl::StrCat("filters[", i, "]"));
    metric.filters.push_back(*std::move(filter));
  }
  return absl::OkStatus();
}

absl::Status GraphLoader::LoadLevel() {
  std::map<std::string, Reader> reader_of;  // of ids that nobody has read before
  for (; bound_ < found_.size(); ++bound_) {
    Found& found = found_[bound_];
    if (absl::Status status = Bind(&found); !status.ok()) return Told(status, found);
    std::vector<const Node*> calls;
    CollectReferences(found.metric.expression->root(), &calls);
    for (const Node* call : calls) {
      found.metric.references.push_back({.call = call, .offset = OffsetOf(*call)});
      if (!read_.contains(MetricOf(*call))) reader_of.try_emplace(MetricOf(*call), bound_, call);
    }
  }
  return LoadRead(reader_of);
}

absl::Status GraphLoader::LoadRead(const std::map<std::string, Reader>& reader_of) {
  if (reader_of.empty()) return absl::OkStatus();
  std::vector<MetricRef> refs;
  for (const auto& [id, reader] : reader_of) refs.push_back({id, 0});
  absl::StatusOr<std::vector<DefinitionPtr>> metrics = source_.GetMetrics(refs);
  if (!metrics.ok()) return Unread(metrics.status(), reader_of);
  for (size_t i = 0; i < refs.size(); ++i) read_[refs[i].id] = Add((*metrics)[i]);
  return absl::OkStatus();
}

absl::Status GraphLoader::Unread(const absl::Status& error,
                                 const std::map<std::string, Reader>& reader_of) const {
  const auto details = status::DetailsOf(error);
  if (!details.has_value() || absl::IsUnavailable(error)) return error;
  const auto named = details->metadata.find("metric");
  if (named == details->metadata.end()) return Told(error, found_[reader_of.begin()->second.index]);
  const auto found = reader_of.find(named->second);
  if (found == reader_of.end()) return error;
  const Found& reader = found_[found->second.index];
  const MetricDefinition& definition = *reader.metric.definition;
  const Node& call = *found->second.call;
  return Told(details->reason == "METRIC_NOT_FOUND"
                  ? MissingReference(error, definition, call, source_.GivenIds())
                  : AtReference(error, definition, call),
              reader);
}

absl::Status GraphLoader::Cycle(size_t index) const {
  std::vector<std::string> names;
  for (auto at = std::find(path_.begin(), path_.end(), index); at != path_.end(); ++at) {
    names.push_back(found_[*at].metric.definition->ref.id);
  }
  const Found& first = found_[index];
  names.push_back(first.metric.definition->ref.id);
  const std::string cycle = absl::StrJoin(names, " -> ");
  const absl::Status error =
      status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "DEPENDENCY_CYCLE",
                           absl::StrCat("metrics read each other in a circle: ", cycle))
          .Metadata("cycle", cycle)
          .Build();
  // What was followed is what stands next in the order of references: those before are done.
  const GraphMetric::Reference& followed = first.metric.references[first.reads.size()];
  return Told(AtReference(error, *first.metric.definition, *followed.call), first);
}

absl::Status GraphLoader::TooDeep() const {
  return Told(NotSupported(absl::StrCat("metrics are read through one another over more than ",
                                        MetricGraph::kMostDepth, " levels")),
              found_[path_.front()]);
}

absl::Status GraphLoader::CheckReference(const Found& reader, const Found& read) {
  const OutputType type = read.metric.expression->output();
  const std::string& id = read.metric.definition->ref.id;
  if (type != OutputType::kNumber && type != OutputType::kInteger) {
    return NotSupported(absl::StrCat("the points of metric ", id, " are ",
                                     std::string(PluralOf(type)),
                                     "; other metrics can read numbers only"));
  }
  const Dataset& ours = *reader.metric.home;
  const Dataset& theirs = *read.metric.home;
  if (ours.calendar != theirs.calendar) {
    return NotSupported(absl::StrCat(
        "its buckets are those of calendar ", ours.calendar, " (dataset ", ours.name, "), metric ",
        id, " has those of calendar ", theirs.calendar, " (dataset ", theirs.name, ")"));
  }
  if (ours.entity_column.empty() != theirs.entity_column.empty()) {
    const bool has = !ours.entity_column.empty();
    return NotSupported(absl::StrCat("dataset ", has ? ours.name : theirs.name,
                                     " has entities and dataset ", has ? theirs.name : ours.name,
                                     " has none, so the points of metric ", id,
                                     " cannot be matched"));
  }
  return absl::OkStatus();
}

absl::Status GraphLoader::CheckHome(Found* found) {
  GraphMetric& metric = found->metric;
  metric.home = metric.dataset != nullptr ? metric.dataset : found_[found->reads[0]].metric.home;
  for (size_t i = 0; i < found->reads.size(); ++i) {
    const absl::Status status = CheckReference(*found, found_[found->reads[i]]);
    if (!status.ok()) return AtReference(status, *metric.definition, *metric.references[i].call);
  }
  return absl::OkStatus();
}

absl::Status GraphLoader::Order(size_t index) {
  if (found_[index].height > 0) return absl::OkStatus();
  if (found_[index].is_open) return Cycle(index);
  if (path_.size() >= static_cast<size_t>(MetricGraph::kMostDepth)) return TooDeep();
  path_.push_back(index);
  found_[index].is_open = true;
  int height = 1;
  for (const GraphMetric::Reference& reference : found_[index].metric.references) {
    const size_t read = read_.at(MetricOf(*reference.call));
    RETURN_IF_ERROR(Order(read));
    found_[index].reads.push_back(read);
    height = std::max(height, found_[read].height + 1);
  }
  if (height > MetricGraph::kMostDepth) return TooDeep();
  Found& found = found_[index];
  if (absl::Status status = CheckHome(&found); !status.ok()) return Told(status, found);
  found.is_open = false;
  found.height = height;
  path_.pop_back();
  found.place = graph_.metrics_.size();
  for (size_t i = 0; i < found.reads.size(); ++i) {
    found.metric.references[i].metric = found_[found.reads[i]].place;
  }
  graph_.metrics_.push_back(found.metric);
  return absl::OkStatus();
}

absl::StatusOr<MetricGraph> GraphLoader::Load(std::span<const DefinitionPtr> roots) {
  std::vector<size_t> indexes;
  for (const DefinitionPtr& root : roots) indexes.push_back(Add(root));
  // A chain that is too long is found when it is ordered; a level more would only cost calls.
  for (int level = 0; bound_ < found_.size() && level <= MetricGraph::kMostDepth; ++level) {
    RETURN_IF_ERROR(LoadLevel());
  }
  for (const size_t index : indexes) {
    RETURN_IF_ERROR(Order(index));
    graph_.roots_.push_back(found_[index].place);
  }
  return std::move(graph_);
}

absl::StatusOr<MetricGraph> MetricGraph::Load(DefinitionSource& source,
                                              std::span<const DefinitionPtr> roots,
                                              const Blame& blame) {
  return GraphLoader(source, blame).Load(roots);
}

}  // namespace metricstore::compute
