#include "common/status/error.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

namespace metricstore::status {
namespace {

// Caps of single texts and of all violations together: with the message they stay below the 8 KiB
// that gRPC peers accept as trailers by default.
constexpr size_t kMaxMetadataValueBytes = 256;
constexpr size_t kMaxViolationTextBytes = 512;
constexpr size_t kMaxViolationsBytes = 4096;

// Number of bytes of the UTF-8 character at the start of `text`, or 0 if it is not one.
size_t Utf8CharacterSize(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const auto continues = [&](size_t count) {
    if (text.size() <= count) return false;
    for (size_t i = 1; i <= count; ++i) {
      if ((byte(i) & 0xC0) != 0x80) return false;
    }
    return true;
  };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!continues(2)) return 0;
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;  // overlong
    if (lead == 0xED && byte(1) > 0x9F) return 0;  // surrogate
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!continues(3)) return 0;
    if (lead == 0xF0 && byte(1) < 0x90) return 0;  // overlong
    if (lead == 0xF4 && byte(1) > 0x8F) return 0;  // above U+10FFFF
    return 4;
  }
  return 0;
}

// `text` as valid UTF-8 (bad bytes become '?': peers refuse a message that is not) of at most
// `max_bytes`, cut between characters.
std::string CleanText(std::string_view text, size_t max_bytes) {
  std::string clean;
  while (!text.empty()) {
    const size_t size = Utf8CharacterSize(text);
    const size_t consumed = std::max<size_t>(size, 1);
    if (clean.size() + consumed > max_bytes) break;
    if (size == 0) {
      clean.push_back('?');
    } else {
      clean.append(text.substr(0, size));
    }
    text.remove_prefix(consumed);
  }
  return clean;
}

template <typename Message>
std::string TypeUrl() {
  return absl::StrCat("type.googleapis.com/", Message::descriptor()->full_name());
}

template <typename Message>
void Attach(absl::Status& status, const Message& message) {
  status.SetPayload(TypeUrl<Message>(), absl::Cord(message.SerializeAsString()));
}

template <typename Message>
std::optional<Message> Detach(const absl::Status& status) {
  const auto payload = status.GetPayload(TypeUrl<Message>());
  Message message;
  if (!payload.has_value() || !message.ParseFromString(std::string(*payload))) return std::nullopt;
  return message;
}

// How many of `violations` fit into both limits, with a place kept for the closing one.
size_t CountThatFit(const std::vector<FieldViolation>& violations) {
  size_t bytes = 0;
  for (size_t i = 0; i < violations.size(); ++i) {
    bytes += violations[i].field.size() + violations[i].description.size();
    if (i >= kMaxViolations || bytes > kMaxViolationsBytes) {
      return std::min(i, kMaxViolations - 1);
    }
  }
  return violations.size();
}

google::rpc::BadRequest ToBadRequest(const std::vector<FieldViolation>& violations) {
  google::rpc::BadRequest bad_request;
  const size_t kept = CountThatFit(violations);
  for (size_t i = 0; i < kept; ++i) {
    auto* violation = bad_request.add_field_violations();
    violation->set_field(violations[i].field);
    violation->set_description(violations[i].description);
  }
  if (kept < violations.size()) {
    auto* violation = bad_request.add_field_violations();
    violation->set_field(violations[kept].field);
    violation->set_description(
        absl::StrCat("and ", violations.size() - kept, " more that are not listed"));
  }
  return bad_request;
}

google::rpc::RetryInfo ToRetryInfo(absl::Duration delay) {
  google::rpc::RetryInfo retry_info;
  absl::Duration rest = std::clamp(delay, absl::ZeroDuration(), absl::Hours(24));
  auto* target = retry_info.mutable_retry_delay();
  target->set_seconds(absl::IDivDuration(rest, absl::Seconds(1), &rest));
  target->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return retry_info;
}

}  // namespace

ErrorBuilder::ErrorBuilder(absl::StatusCode code, std::string_view reason, std::string_view message)
    : code_(code), message_(CleanText(message, kMaxMessageBytes)) {
  details_.reason = std::string(reason);
}

ErrorBuilder& ErrorBuilder::Metadata(std::string_view key, std::string_view value) & {
  details_.metadata[std::string(key)] = CleanText(value, kMaxMetadataValueBytes);
  return *this;
}

ErrorBuilder&& ErrorBuilder::Metadata(std::string_view key, std::string_view value) && {
  return std::move(Metadata(key, value));
}

ErrorBuilder& ErrorBuilder::Field(std::string_view field, std::string_view description) & {
  details_.violations.push_back(
      {CleanText(field, kMaxViolationTextBytes), CleanText(description, kMaxViolationTextBytes)});
  return *this;
}

ErrorBuilder&& ErrorBuilder::Field(std::string_view field, std::string_view description) && {
  return std::move(Field(field, description));
}

ErrorBuilder& ErrorBuilder::RetryAfter(absl::Duration delay) & {
  details_.retry_after = delay;
  return *this;
}

ErrorBuilder&& ErrorBuilder::RetryAfter(absl::Duration delay) && {
  return std::move(RetryAfter(delay));
}

absl::Status ErrorBuilder::Build() const {
  absl::Status status(code_, message_);
  google::rpc::ErrorInfo info;
  info.set_reason(details_.reason);
  info.set_domain(std::string(kErrorDomain));
  for (const auto& [key, value] : details_.metadata) (*info.mutable_metadata())[key] = value;
  Attach(status, info);
  if (!details_.violations.empty()) Attach(status, ToBadRequest(details_.violations));
  if (details_.retry_after.has_value()) Attach(status, ToRetryInfo(*details_.retry_after));
  return status;
}

std::optional<ErrorDetails> DetailsOf(const absl::Status& status) {
  const auto info = Detach<google::rpc::ErrorInfo>(status);
  if (!info.has_value() || info->domain() != kErrorDomain) return std::nullopt;
  ErrorDetails details;
  details.reason = info->reason();
  details.metadata.insert(info->metadata().begin(), info->metadata().end());
  if (const auto bad_request = Detach<google::rpc::BadRequest>(status)) {
    for (const auto& violation : bad_request->field_violations()) {
      details.violations.push_back({violation.field(), violation.description()});
    }
  }
  if (const auto retry_info = Detach<google::rpc::RetryInfo>(status)) {
    details.retry_after = absl::Seconds(retry_info->retry_delay().seconds()) +
                          absl::Nanoseconds(retry_info->retry_delay().nanos());
  }
  return details;
}

std::string ReasonOf(const absl::Status& status) {
  const auto info = Detach<google::rpc::ErrorInfo>(status);
  return info.has_value() && info->domain() == kErrorDomain ? info->reason() : "";
}

absl::Status WithPrefix(const absl::Status& status, std::string_view prefix) {
  if (status.ok()) return status;
  absl::Status prefixed(
      status.code(),
      CleanText(absl::StrCat(std::string(prefix), status.message()), kMaxMessageBytes));
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    prefixed.SetPayload(type_url, payload);
  });
  return prefixed;
}

absl::Status FieldRequired(std::string_view field) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "FIELD_REQUIRED",
                      std::string(field) + " is required")
      .Metadata("field", field)
      .Field(field, "is required")
      .Build();
}

absl::Status FieldInvalid(std::string_view field, std::string_view value,
                          std::string_view description) {
  const std::string shown = CleanText(value, kMaxMetadataValueBytes);
  return ErrorBuilder(
             absl::StatusCode::kInvalidArgument, "FIELD_INVALID",
             absl::StrCat(std::string(field), " \"", shown, "\": ", std::string(description)))
      .Metadata("field", field)
      .Metadata("value", shown)
      .Field(field, description)
      .Build();
}

absl::Status InternalError(std::string_view message) {
  return ErrorBuilder(absl::StatusCode::kInternal, "INTERNAL", message).Build();
}

}  // namespace metricstore::status
