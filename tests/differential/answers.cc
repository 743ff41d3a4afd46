#include "tests/differential/answers.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <vector>

namespace metricstore::differential {
namespace {

using compute::vector::MetricPoints;
using compute::vector::PointStatus;
using expression::OutputType;
using Kind = PeerValue::Kind;

constexpr double kTolerance = 1e-12;
// Below the rounding of the rows' values, which are of the order of ten: what is left of deviations
// that should be zero.
constexpr double kSlack = 1e-14;
// How many times the peer's own rounding we may differ from it.
constexpr double kNoiseFactor = 16;
// Answers that move by more than this share of themselves have no digit.
constexpr double kNoDigit = 0.01;

PeerValue OfJson(const nlohmann::json& json) {
  if (json.is_null()) return {};
  if (json.is_boolean()) return {.kind = Kind::kBoolean, .real = json.get<bool>() ? 1.0 : 0.0};
  if (json.is_string()) return {.kind = Kind::kText, .text = json.get<std::string>()};
  if (json.is_number_integer()) {
    return {.kind = Kind::kInteger, .real = json.get<double>(), .text = json.dump()};
  }
  if (json.is_number()) return {.kind = Kind::kReal, .real = json.get<double>()};
  PeerValue list{.kind = Kind::kList};
  for (const auto& element : json) list.elements.push_back(OfJson(element));
  return list;
}

bool IsFinite(const PeerValue& value) {
  if (value.kind == Kind::kList) {
    return std::all_of(value.elements.begin(), value.elements.end(), IsFinite);
  }
  return std::isfinite(value.real);
}

bool IsNumber(const PeerValue& value) {
  return value.kind == Kind::kReal || value.kind == Kind::kInteger || value.kind == Kind::kBoolean;
}

bool Near(double a, double b, double slack) {
  return std::abs(a - b) <= kTolerance * std::max(std::abs(a), std::abs(b)) + slack;
}

bool Equal(const PeerValue& a, const PeerValue& b, double slack) {
  if (a.kind == Kind::kInteger && b.kind == Kind::kInteger && slack <= kSlack) {
    return a.text == b.text;
  }
  if (IsNumber(a) && IsNumber(b)) return Near(a.real, b.real, slack);
  if (a.kind != b.kind || a.text != b.text || a.elements.size() != b.elements.size()) return false;
  for (size_t i = 0; i < a.elements.size(); ++i) {
    if (!Equal(a.elements[i], b.elements[i], slack)) return false;
  }
  return true;
}

// Texts with numbers in them, which are compared as numbers.
bool EqualButForLastDigits(const std::string& a, const std::string& b) {
  const char* left = a.c_str();
  const char* right = b.c_str();
  while (*left != '\0' && *right != '\0') {
    char* left_end = nullptr;
    char* right_end = nullptr;
    const double x = std::strtod(left, &left_end);
    const double y = std::strtod(right, &right_end);
    if (left_end != left && right_end != right && std::isfinite(x) && std::isfinite(y)) {
      if (!Near(x, y, kSlack)) return false;
      left = left_end;
      right = right_end;
    } else if (*left++ != *right++) {
      return false;
    }
  }
  return *left == *right;
}

// NULL, a number, what is not finite, a text or a list: noise that changes this leaves nothing.
int FormOf(const PeerValue& value) {
  if (value.kind == Kind::kNull) return 0;
  if (!IsFinite(value)) return 1;
  if (IsNumber(value)) return 2;
  return value.kind == Kind::kText ? 3 : 4;
}

bool IsRoundingOfNumbers(const PeerValue& ours, const PeerValue& peer,
                         std::span<const PeerValue> noisy) {
  double spread = 0;
  double size = std::abs(peer.real);
  for (const PeerValue& each : noisy) {
    spread = std::max(spread, std::abs(each.real - peer.real));
    size = std::max(size, std::abs(each.real));
  }
  if (spread > kNoDigit * size) return true;
  return spread > 0 && Equal(ours, peer, kSlack + kNoiseFactor * spread);
}

bool IsRoundingOfValues(const PeerValue& ours, const PeerValue& peer,
                        std::span<const PeerValue> noisy);

bool IsRoundingOfLists(const PeerValue& ours, const PeerValue& peer,
                       std::span<const PeerValue> noisy) {
  const size_t size = peer.elements.size();
  for (const PeerValue& each : noisy) {
    if (each.elements.size() != size) return true;
  }
  if (ours.elements.size() != size) return false;
  for (size_t i = 0; i < size; ++i) {
    std::vector<PeerValue> elements;
    for (const PeerValue& each : noisy) elements.push_back(each.elements[i]);
    if (!Equal(ours.elements[i], peer.elements[i], kSlack) &&
        !IsRoundingOfValues(ours.elements[i], peer.elements[i], elements)) {
      return false;
    }
  }
  return true;
}

bool IsRoundingOfValues(const PeerValue& ours, const PeerValue& peer,
                        std::span<const PeerValue> noisy) {
  const int form = FormOf(peer);
  for (const PeerValue& each : noisy) {
    if (FormOf(each) != form) return true;
  }
  if (form == 2) return IsRoundingOfNumbers(ours, peer, noisy);
  if (form == 4 && ours.kind == Kind::kList) return IsRoundingOfLists(ours, peer, noisy);
  if (form != 3 || ours.kind != Kind::kText) return false;
  bool moves = false;
  for (const PeerValue& each : noisy) {
    if (each.text == ours.text) return true;
    moves = moves || each.text != peer.text;
  }
  return moves && EqualButForLastDigits(ours.text, peer.text);
}

}  // namespace

Answer AnswerAt(const MetricPoints& points, size_t index, OutputType output) {
  if (points.statuses[index] == PointStatus::kNull) return {};
  if (points.statuses[index] == PointStatus::kNotFinite) return {.value = {}, .not_finite = true};
  const std::string text = points.texts.empty() ? "" : points.texts[index];
  const double value = points.values[index];
  if (output == OutputType::kText) return {{.kind = Kind::kText, .text = text}};
  if (output == OutputType::kVector) return {OfJson(nlohmann::json::parse(text))};
  if (output == OutputType::kInteger) {
    const std::string digits = text.empty() ? std::to_string(static_cast<int64_t>(value)) : text;
    return {{.kind = Kind::kInteger, .real = value, .text = digits}};
  }
  return {{.kind = Kind::kReal, .real = value}};
}

bool Agrees(const Answer& ours, const PeerValue& peer) {
  if (peer.kind != Kind::kNull && !IsFinite(peer)) return ours.not_finite;
  return !ours.not_finite && Equal(ours.value, peer, kSlack);
}

bool IsRounding(const Answer& ours, const PeerValue& peer, std::span<const PeerValue> noisy) {
  const PeerValue of_no_number{.kind = Kind::kReal, .real = std::nan("")};
  return IsRoundingOfValues(ours.not_finite ? of_no_number : ours.value, peer, noisy);
}

std::string Show(const Answer& answer) {
  return answer.not_finite ? "not finite" : ToString(answer.value);
}

}  // namespace metricstore::differential
