#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "compute_service/engine/vector/kernels/rows/row_functions.h"
#include "compute_service/engine/vector/kernels/rows/row_maps.h"
#include "compute_service/engine/vector/kernels/texts/letter_case.h"
#include "compute_service/engine/vector/kernels/texts/utf8_text.h"

namespace metricstore::compute::vector {
namespace {

using expression::Function;

// The arguments of one row.
class RowArguments {
 public:
  RowArguments(const RowCallContext& context, const Operand* in, size_t row)
      : context_(context), in_(in), row_(row) {}

  std::string_view text(size_t index) const {
    return context_.texts[in_[index].as<uint32_t>()[row_]];
  }
  int64_t number(size_t index) const { return in_[index].as<int64_t>()[row_]; }
  bool is_null(size_t index) const {
    return in_[index].valid != nullptr && in_[index].valid[row_] == 0;
  }
  // A parameter, or what it is without one.
  std::string_view parameter(size_t index, std::string_view otherwise) const {
    const auto& texts = context_.parameters.texts;
    return index < texts.size() ? std::string_view(texts[index]) : otherwise;
  }
  int64_t number_parameter(size_t index) const {
    const auto& numbers = context_.parameters.numbers;
    return index < numbers.size() ? static_cast<int64_t>(numbers[index]) : 0;
  }

  bool Give(std::string_view text, uint32_t* result) const {
    *result = context_.texts.CodeOf(text);
    return true;
  }
  // Whether a text of so many times `bytes` may be made; if not the evaluation fails.
  bool MayMake(uint64_t bytes, uint64_t times = 1) const {
    if (bytes == 0 || times <= TextPool::kMaxRowTextBytes / bytes) return true;
    context_.texts.Refuse();
    return false;
  }

 private:
  const RowCallContext& context_;
  const Operand* in_;
  size_t row_;
};

// A function of `kArguments` arguments that are not NULL.
template <typename Out, size_t kArguments, bool (*kOf)(const RowArguments&, Out*)>
void MapTexts(const RowCallContext& context, const Operand* in, Operand* out, size_t rows) {
  MapPresentRows<Out>(in, kArguments, out, rows, [&](size_t row, Out* result) {
    return kOf(RowArguments(context, in, row), result);
  });
}

// Whether `text` starts with a space: Unicode's space separators, as DuckDB trims them.
bool StartsWithSpace(std::string_view text) {
  const uint32_t point = PointOf(text, PointBytes(text));
  return point == 0x20 || point == 0xA0 || point == 0x1680 ||
         (point >= 0x2000 && point <= 0x200A) || point == 0x202F || point == 0x205F ||
         point == 0x3000;
}

// Whether the code point that `text` starts with is to be trimmed.
bool IsTrimmed(const RowArguments& row, std::string_view text) {
  const std::string_view point = text.substr(0, PointBytes(text));
  const std::string_view trimmed = row.parameter(0, {});
  if (trimmed.data() == nullptr) return StartsWithSpace(text);
  for (size_t at = 0; at < trimmed.size(); at += PointBytes(trimmed.substr(at))) {
    if (trimmed.substr(at, PointBytes(trimmed.substr(at))) == point) return true;
  }
  return false;
}

template <bool kLeft, bool kRight>
bool Trim(const RowArguments& row, uint32_t* result) {
  std::string_view text = row.text(0);
  while (kLeft && !text.empty() && IsTrimmed(row, text)) text.remove_prefix(PointBytes(text));
  while (kRight && !text.empty()) {
    size_t last = text.size() - 1;
    while (last > 0 && IsContinuation(text[last])) --last;
    if (!IsTrimmed(row, text.substr(last))) break;
    text.remove_suffix(text.size() - last);
  }
  return row.Give(text, result);
}

bool Length(const RowArguments& row, int64_t* result) {
  *result = static_cast<int64_t>(CountPoints(row.text(0)));
  return true;
}

bool Lower(const RowArguments& row, uint32_t* result) {
  return row.Give(ToLower(row.text(0)), result);
}

bool Upper(const RowArguments& row, uint32_t* result) {
  return row.Give(ToUpper(row.text(0)), result);
}

// Code points [from, to) of the text, counted from 0.
std::string_view Points(std::string_view text, int64_t from, int64_t to) {
  if (to <= from) return {};
  const std::string_view rest = text.substr(OffsetOf(text, static_cast<size_t>(from)));
  return rest.substr(0, OffsetOf(rest, static_cast<size_t>(to - from)));
}

// Positions before the first count too: substring('hello', 0, 3) has two characters.
bool SubstringFrom(const RowArguments& row, uint32_t* result) {
  const int64_t from = std::max<int64_t>(row.number(1), 1) - 1;
  return row.Give(Points(row.text(0), from, INT64_MAX), result);
}

bool SubstringOf(const RowArguments& row, uint32_t* result) {
  const int64_t start = row.number(1);
  const int64_t length = row.number(2);
  if (length < 0) return false;
  int64_t end = 0;
  if (__builtin_add_overflow(start, length, &end)) end = INT64_MAX;
  return row.Give(Points(row.text(0), std::max<int64_t>(start, 1) - 1, end - 1), result);
}

void Substring(const RowCallContext& context, const Operand* in, Operand* out, size_t rows) {
  const bool has_length = in[2].values != nullptr;
  return has_length ? MapTexts<uint32_t, 3, SubstringOf>(context, in, out, rows)
                    : MapTexts<uint32_t, 2, SubstringFrom>(context, in, out, rows);
}

// How many of `points` a count takes: a negative one leaves out so many.
int64_t Taken(int64_t count, std::string_view text) {
  const auto points = static_cast<int64_t>(CountPoints(text));
  return count >= 0 ? std::min(count, points) : std::max<int64_t>(count, -points) + points;
}

bool Left(const RowArguments& row, uint32_t* result) {
  return row.Give(Points(row.text(0), 0, Taken(row.number(1), row.text(0))), result);
}

bool Right(const RowArguments& row, uint32_t* result) {
  const auto points = static_cast<int64_t>(CountPoints(row.text(0)));
  return row.Give(Points(row.text(0), points - Taken(row.number(1), row.text(0)), points), result);
}

size_t CountOf(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; ++count) {
    at = text.find(part, at + part.size());
  }
  return count;
}

bool Replace(const RowArguments& row, uint32_t* result) {
  const std::string_view text = row.text(0);
  const std::string_view from = row.text(1);
  const std::string_view to = row.text(2);
  if (from.empty()) return row.Give(text, result);
  const size_t count = CountOf(text, from);
  if (!row.MayMake(text.size()) || !row.MayMake(text.size() + to.size() * count)) return false;
  std::string made;
  size_t done = 0;
  for (size_t at = text.find(from); at != std::string_view::npos; at = text.find(from, done)) {
    made.append(text.substr(done, at - done)).append(to);
    done = at + from.size();
  }
  return row.Give(made.append(text.substr(done)), result);
}

bool Concat(const RowArguments& row, uint32_t* result) {
  if (!row.MayMake(row.text(0).size() + row.text(1).size())) return false;
  return row.Give(std::string(row.text(0)).append(row.text(1)), result);
}

bool StartsWith(const RowArguments& row, uint8_t* result) {
  *result = row.text(0).starts_with(row.text(1)) ? 1 : 0;
  return true;
}

bool EndsWith(const RowArguments& row, uint8_t* result) {
  *result = row.text(0).ends_with(row.text(1)) ? 1 : 0;
  return true;
}

bool Contains(const RowArguments& row, uint8_t* result) {
  *result = row.text(0).find(row.text(1)) != std::string_view::npos ? 1 : 0;
  return true;
}

bool Position(const RowArguments& row, int64_t* result) {
  const size_t at = row.text(0).find(row.text(1));
  *result = at == std::string_view::npos
                ? 0
                : static_cast<int64_t>(CountPoints(row.text(0).substr(0, at))) + 1;
  return true;
}

// As many code points of `fill`, over and over, as are wanted.
std::string Padding(std::string_view fill, size_t points) {
  std::string made;
  const size_t round = CountPoints(fill);
  for (; points >= round; points -= round) made.append(fill);
  return made.append(fill.substr(0, OffsetOf(fill, points)));
}

template <bool kLeft>
bool Pad(const RowArguments& row, uint32_t* result) {
  const std::string_view text = row.text(0);
  const std::string_view fill = row.parameter(0, " ");
  const int64_t length = std::max<int64_t>(row.number(1), 0);
  const auto points = static_cast<int64_t>(CountPoints(text));
  if (length <= points || fill.empty()) return row.Give(Points(text, 0, length), result);
  constexpr uint64_t kMostPointBytes = 4;
  if (!row.MayMake(kMostPointBytes, static_cast<uint64_t>(length))) return false;
  const std::string padding = Padding(fill, static_cast<size_t>(length - points));
  return row.Give(kLeft ? padding + std::string(text) : std::string(text) + padding, result);
}

bool Repeat(const RowArguments& row, uint32_t* result) {
  const int64_t count = std::max<int64_t>(row.number_parameter(0), 0);
  if (!row.MayMake(row.text(0).size(), static_cast<uint64_t>(count))) return false;
  std::string made;
  for (int64_t i = 0; i < count; ++i) made.append(row.text(0));
  return row.Give(made, result);
}

bool Reverse(const RowArguments& row, uint32_t* result) {
  std::string made;
  for (std::string_view rest = row.text(0); !rest.empty();) {
    const size_t bytes = PointBytes(rest);
    made.insert(0, rest.substr(0, bytes));
    rest.remove_prefix(bytes);
  }
  return row.Give(made, result);
}

// Without a separator every character is a part.
bool SplitPart(const RowArguments& row, uint32_t* result) {
  const std::string_view separator = row.parameter(0, {});
  const int64_t index = row.number_parameter(0);
  std::string_view rest = row.text(0);
  if (index < 1) return row.Give("", result);
  if (separator.empty()) return row.Give(Points(rest, index - 1, index), result);
  for (int64_t i = 1; i < index; ++i) {
    const size_t at = rest.find(separator);
    if (at == std::string_view::npos) return row.Give("", result);
    rest.remove_prefix(at + separator.size());
  }
  return row.Give(rest.substr(0, rest.find(separator)), result);
}

template <bool (*kHolds)(int)>
bool Compare(const RowArguments& row, uint8_t* result) {
  *result = kHolds(row.text(0).compare(row.text(1))) ? 1 : 0;
  return true;
}

bool IsBefore(int order) { return order < 0; }
bool IsNotAfter(int order) { return order <= 0; }
bool IsAfter(int order) { return order > 0; }
bool IsNotBefore(int order) { return order >= 0; }

// The greater or lesser text; where one is NULL, the other.
template <bool kGreater>
void Extreme(const RowCallContext& context, const Operand* in, Operand* out, size_t rows) {
  for (size_t i = 0; i < rows; ++i) {
    const RowArguments row(context, in, i);
    const bool takes_first =
        row.is_null(1) || (!row.is_null(0) && kGreater == (row.text(0) >= row.text(1)));
    // A NULL has the code zero.
    out->as<uint32_t>()[i] = in[takes_first ? 0 : 1].as<uint32_t>()[i];
    out->valid[i] = row.is_null(0) && row.is_null(1) ? 0 : 1;
  }
  DropFullMask(out, rows);
}

RowFunction ComparingFunction(Function function) {
  switch (function) {
    case Function::kLess:
      return MapTexts<uint8_t, 2, Compare<IsBefore>>;
    case Function::kLessEqual:
      return MapTexts<uint8_t, 2, Compare<IsNotAfter>>;
    case Function::kGreater:
      return MapTexts<uint8_t, 2, Compare<IsAfter>>;
    case Function::kGreaterEqual:
      return MapTexts<uint8_t, 2, Compare<IsNotBefore>>;
    case Function::kGreatest:
      return Extreme<true>;
    case Function::kLeast:
      return Extreme<false>;
    case Function::kStartsWith:
      return MapTexts<uint8_t, 2, StartsWith>;
    case Function::kEndsWith:
      return MapTexts<uint8_t, 2, EndsWith>;
    case Function::kContains:
      return MapTexts<uint8_t, 2, Contains>;
    case Function::kPosition:
      return MapTexts<int64_t, 2, Position>;
    default:
      return nullptr;
  }
}

RowFunction MakingFunction(Function function) {
  switch (function) {
    case Function::kConcat:
      return MapTexts<uint32_t, 2, Concat>;
    case Function::kLower:
      return MapTexts<uint32_t, 1, Lower>;
    case Function::kUpper:
      return MapTexts<uint32_t, 1, Upper>;
    case Function::kTrim:
      return MapTexts<uint32_t, 1, Trim<true, true>>;
    case Function::kTrimLeft:
      return MapTexts<uint32_t, 1, Trim<true, false>>;
    case Function::kTrimRight:
      return MapTexts<uint32_t, 1, Trim<false, true>>;
    case Function::kSubstring:
      return Substring;
    case Function::kLeft:
      return MapTexts<uint32_t, 2, Left>;
    case Function::kRight:
      return MapTexts<uint32_t, 2, Right>;
    case Function::kReplace:
      return MapTexts<uint32_t, 3, Replace>;
    case Function::kPadLeft:
      return MapTexts<uint32_t, 2, Pad<true>>;
    case Function::kPadRight:
      return MapTexts<uint32_t, 2, Pad<false>>;
    case Function::kRepeat:
      return MapTexts<uint32_t, 1, Repeat>;
    case Function::kReverse:
      return MapTexts<uint32_t, 1, Reverse>;
    case Function::kSplitPart:
      return MapTexts<uint32_t, 1, SplitPart>;
    default:
      return nullptr;
  }
}

}  // namespace

RowFunction TextFunction(Function function) {
  if (function == Function::kLength) return MapTexts<int64_t, 1, Length>;
  const RowFunction comparing = ComparingFunction(function);
  return comparing != nullptr ? comparing : MakingFunction(function);
}

}  // namespace metricstore::compute::vector
