// Which texts definitions may hold.

#include "registry_service/catalog/definition/text_form.h"

#include <string>

#include "gtest/gtest.h"

namespace metricstore::registry {
namespace {

std::string DefectOf(std::string_view text) {
  const auto defect = FindTextDefect(text);
  return defect.has_value() ? std::to_string(defect->offset) + " " + defect->message : "";
}

TEST(FindTextDefect, TakesTextWithTabsAndNewlines) {
  for (const char* text : {"", "plain", "a\tb\nc", "\xC3\xA9", "\xE6\x97\xA5", "\xF0\x9F\x98\x80",
                           "\xC2\xA0", "\xEF\xBF\xBD", "\xEF\xBB\xBF", "\xE2\x80\xA8"}) {
    EXPECT_EQ(DefectOf(text), "") << text;
  }
}

TEST(FindTextDefect, NamesTheFirstDefectAndItsPlace) {
  EXPECT_EQ(DefectOf("ab\x01\x02"), "2 holds the control character U+0001");
  EXPECT_EQ(DefectOf("\x1f"), "0 holds the control character U+001F");
  EXPECT_EQ(DefectOf("a\r\nb"), "1 holds the control character U+000D");
  EXPECT_EQ(DefectOf("\x7f"), "0 holds the control character U+007F");
  EXPECT_EQ(DefectOf("\xC3\xA9\xC2\x9F"), "2 holds the control character U+009F");
  EXPECT_EQ(DefectOf(std::string("ab\0c", 4)), "2 holds the control character U+0000");
  EXPECT_EQ(DefectOf("\xEF\xBF\xBF"), "0 holds U+FFFF, which is no character");
  EXPECT_EQ(DefectOf("\xEF\xB7\x90"), "0 holds U+FDD0, which is no character");
  EXPECT_EQ(DefectOf("\xF4\x8F\xBF\xBF"), "0 holds U+10FFFF, which is no character");
}

TEST(FindTextDefect, NamesTheLineThatIsNotUtf8) {
  EXPECT_EQ(DefectOf("one\ntwo\xFF\n"), "4 is not UTF-8");
  EXPECT_EQ(DefectOf("\xC3"), "0 is not UTF-8");
  EXPECT_EQ(DefectOf("\xED\xA0\x80"), "0 is not UTF-8");
}

TEST(NormalText, CutsWhiteSpaceOffAndKeepsUnixLines) {
  EXPECT_EQ(NormalText(" \r\n\ta\r\n b \r\n"), "a\n b");
  EXPECT_EQ(NormalText(" \n\t"), "");
  EXPECT_EQ(NormalText("a b"), "a b");
}

}  // namespace
}  // namespace metricstore::registry
