#include "registry_service/api/query_handler.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/buckets.h"
#include "common/rpc/page_token.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/request/request_text.h"
#include "registry_service/api/request/time_converter.h"
#include "registry_service/catalog/sources/metric_calls.h"

namespace metricstore::registry {
namespace {

constexpr int32_t kDefaultPageSize = 10'000;
constexpr int32_t kMaxPageSize = 50'000;
// Of metrics that are read through one another.
constexpr int kMostLevels = 32;

// What a page token carries: the point to go on behind, and the version that the first page was of.
struct TrendToken {
  TrendPosition after;
  int32_t version = 0;
};

std::string TokenScope(const v1::QueryTrendRequest& request) {
  v1::QueryTrendRequest filters = request;
  filters.clear_page_size();
  filters.clear_page_token();
  return "QueryTrend/" + filters.SerializeAsString();
}

std::string EncodeToken(const v1::QueryTrendRequest& request, const TrendToken& token) {
  return rpc::EncodePageToken(
      TokenScope(request), {token.after.entity, absl::StrCat(token.after.series_id),
                            absl::StrCat(token.after.bucket_start), absl::StrCat(token.version)});
}

absl::StatusOr<std::optional<TrendToken>> DecodeToken(const v1::QueryTrendRequest& request) {
  if (request.page_token().empty()) return std::nullopt;
  ASSIGN_OR_RETURN(const auto keys,
                   rpc::DecodePageToken(TokenScope(request), request.page_token()));
  TrendToken token;
  if (keys.size() == 4 && absl::SimpleAtoi(keys[1], &token.after.series_id) &&
      absl::SimpleAtoi(keys[2], &token.after.bucket_start) &&
      absl::SimpleAtoi(keys[3], &token.version)) {
    token.after.entity = keys[0];
    RETURN_IF_ERROR(api::CheckText("page_token", token.after.entity));
    return token;
  }
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID",
                              "the page token is not one of this method")
      .Build();
}

absl::StatusOr<size_t> PageSizeOf(const v1::QueryTrendRequest& request) {
  if (request.page_size() == 0) return kDefaultPageSize;
  if (request.page_size() < 0 || request.page_size() > kMaxPageSize) {
    return status::FieldInvalid("page_size", absl::StrCat(request.page_size()),
                                absl::StrCat("must be 1 to ", kMaxPageSize, ", or 0"));
  }
  return static_cast<size_t>(request.page_size());
}

absl::StatusOr<Grain> GrainOf(const v1::QueryTrendRequest& request, Grain own) {
  if (request.grain() == v1::GRAIN_UNSPECIFIED) return own;
  if (!v1::Grain_IsValid(request.grain())) {
    return status::FieldInvalid("grain", absl::StrCat(static_cast<int>(request.grain())),
                                "is not a known grain");
  }
  return static_cast<Grain>(request.grain());
}

// Without a dataset there is no calendar to cut buckets by, and nothing was ever stored.
absl::Status HasNoSeries(const MetricDefinition& metric) {
  const std::string why = WhyNotComputed(metric);
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED",
                              absl::StrCat(metric.id(), " is not computed by this release: ",
                                           why.empty() ? "has no table" : why))
      .Metadata("metric", metric.id())
      .Field("metric", "must be one that is computed")
      .Build();
}

// The entities that were asked for and have no points on the page.
std::vector<std::string> WithoutPoints(const TrendQuery& query, const TrendPage& page) {
  std::vector<std::string> without;
  for (const std::string& entity : query.entities) {
    const auto is_its = [&](const TrendPoints& points) { return points.entity == entity; };
    if (std::none_of(page.series.begin(), page.series.end(), is_its)) without.push_back(entity);
  }
  return without;
}

absl::Status ToProto(const TrendPoints& points, v1::TrendSeries* proto) {
  proto->set_entity(points.entity);
  if (points.dimensions != "{}") {
    const auto parsed =
        google::protobuf::util::JsonStringToMessage(points.dimensions, proto->mutable_dimensions());
    if (!parsed.ok()) return status::InternalError("stored dimensions are not a JSON object");
  }
  for (const int64_t micros : points.bucket_starts) {
    api::ToProto(FromMicros(micros), proto->add_bucket_start_times());
  }
  proto->mutable_values()->Add(points.values.begin(), points.values.end());
  for (const int16_t status : points.statuses) {
    proto->add_statuses(static_cast<v1::PointStatus>(status));
  }
  for (const std::string& text : points.texts) proto->add_texts(text);
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* QueryHandler::QueryTrend(grpc::CallbackServerContext* context,
                                                   const v1::QueryTrendRequest* request,
                                                   v1::QueryTrendResponse* response) {
  return rpc::HandleUnary<v1::QueryTrendRequest, v1::QueryTrendResponse>(
      runtime_, "QueryService/QueryTrend", context, request, response,
      [this](const rpc::CallContext& call, const v1::QueryTrendRequest& query,
             v1::QueryTrendResponse& reply) { return ReadTrend(call, query, reply); });
}

grpc::ServerUnaryReactor* QueryHandler::ListFreshness(grpc::CallbackServerContext* context,
                                                      const v1::ListFreshnessRequest* request,
                                                      v1::ListFreshnessResponse* response) {
  return rpc::HandleUnary<v1::ListFreshnessRequest, v1::ListFreshnessResponse>(
      runtime_, "QueryService/ListFreshness", context, request, response,
      [this](const rpc::CallContext& call, const v1::ListFreshnessRequest& query,
             v1::ListFreshnessResponse& reply) { return freshness_.List(call, query, reply); });
}

absl::StatusOr<std::string> QueryHandler::HomeOf(int32_t project_id, const MetricDefinition& metric,
                                                 const CallBounds& bounds) {
  MetricDefinition at = metric;
  // A circle does not get past validation; one that did ends here.
  for (int level = 0; at.dataset.empty(); ++level) {
    const std::vector<MetricCall> calls = MetricCallsIn(at.expression);
    if (calls.empty() || level == kMostLevels) return HasNoSeries(metric);
    ASSIGN_OR_RETURN(at, metrics_.Get(project_id, {calls.front().id, 0}, bounds));
  }
  return at.dataset;
}

absl::StatusOr<TimeRange> QueryHandler::InstantsOf(int32_t project_id,
                                                   const std::string& dataset_name,
                                                   const DateRange& dates, Grain grain,
                                                   const CallBounds& bounds) {
  ASSIGN_OR_RETURN(const auto dataset, datasets_.Get(project_id, dataset_name, bounds));
  ASSIGN_OR_RETURN(const auto calendar, calendars_.Get(project_id, dataset->calendar, 0, bounds));
  for (const absl::CivilDay day : {dates.start, dates.end - 1}) {
    if (calendar->Knows(day)) continue;
    return status::FieldInvalid("dates", FormatDate(day),
                                absl::StrCat("calendar ", calendar->spec().name, " knows ",
                                             FormatDate(calendar->spec().first_date), " to ",
                                             FormatDate(calendar->spec().last_date)));
  }
  // As a backfill of these dates computes them: whole buckets.
  return calendar->ExtentOf(calendar::AlignToGrain(*calendar, grain, dates));
}

absl::Status QueryHandler::ReadTrend(const rpc::CallContext& call,
                                     const v1::QueryTrendRequest& request,
                                     v1::QueryTrendResponse& response) {
  if (request.metric().empty()) return status::FieldRequired("metric");
  RETURN_IF_ERROR(api::CheckText("metric", request.metric()));
  for (const std::string& entity : request.entities()) {
    RETURN_IF_ERROR(api::CheckText("entities", entity));
  }
  if (request.version() < 0) {
    return status::FieldInvalid("version", absl::StrCat(request.version()), "must not be negative");
  }
  ASSIGN_OR_RETURN(const DateRange dates, api::FromProto("dates", request.dates()));
  ASSIGN_OR_RETURN(const size_t page_size, PageSizeOf(request));
  ASSIGN_OR_RETURN(const auto token, DecodeToken(request));
  ASSIGN_OR_RETURN(const int32_t project_id, projects_.Resolve(request.project(), call.bounds));
  // Later pages stay with the first one's version, whatever is promoted meanwhile.
  const MetricName name{request.metric(), token ? token->version : request.version()};
  ASSIGN_OR_RETURN(const MetricDefinition metric, metrics_.Get(project_id, name, call.bounds));
  ASSIGN_OR_RETURN(const std::string home, HomeOf(project_id, metric, call.bounds));
  TrendQuery query{.metric_id = metric.id(),
                   .version = metric.version,
                   .entities = {request.entities().begin(), request.entities().end()},
                   .page_size = page_size};
  ASSIGN_OR_RETURN(query.grain, GrainOf(request, metric.grain));
  ASSIGN_OR_RETURN(query.range, InstantsOf(project_id, home, dates, query.grain, call.bounds));
  if (token.has_value()) query.after = token->after;
  ASSIGN_OR_RETURN(const TrendPage page, trends_.Read(project_id, query, call.bounds));
  if (const auto without = WithoutPoints(query, page); !token.has_value() && !without.empty()) {
    RETURN_IF_ERROR(trends_.CheckEntities(project_id, home, metric.id(), without, call.bounds));
  }

  response.set_metric(query.metric_id);
  response.set_version(query.version);
  response.set_grain(static_cast<v1::Grain>(query.grain));
  response.set_unit(metric.unit);
  for (const TrendPoints& points : page.series) {
    RETURN_IF_ERROR(ToProto(points, response.add_series()));
  }
  if (page.next.has_value()) {
    response.set_next_page_token(EncodeToken(request, {*page.next, query.version}));
  }
  return absl::OkStatus();
}

}  // namespace metricstore::registry
