#include "lib/base/text.h"

#include "gtest/gtest.h"

namespace ccplace {
namespace {

TEST(TextTest, KeepsPlainAndWellFormedText) {
  EXPECT_EQ(Printable("q35 \xC3\xA9\xE2\x82\xAC"), "q35 \xC3\xA9\xE2\x82\xAC");
  EXPECT_TRUE(IsPrintable("\xF0\x9F\x94\x91"));
}

TEST(TextTest, EscapesControlCharactersAndBrokenUtf8) {
  EXPECT_EQ(Printable("a\nb\x1b[31m"), "a\\x0ab\\x1b[31m");
  EXPECT_EQ(Printable("\xC0\xAF"), "\\xc0\\xaf");
  EXPECT_EQ(Printable("\xED\xA0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ(Printable("\xE2\x82"), "\\xe2\\x82");
  EXPECT_FALSE(IsPrintable("a\tb"));
  EXPECT_FALSE(IsPrintable("\xC2\x85"));
  EXPECT_FALSE(IsPrintable("right-to-left \xE2\x80\xAE"));
  EXPECT_FALSE(IsPrintable("isolate \xE2\x81\xA6"));
  EXPECT_FALSE(IsPrintable("line separator \xE2\x80\xA8"));
}

// Text is looked at in pieces of many bytes.
TEST(TextTest, FindsAnOddCharacterWhereverItStands) {
  constexpr size_t kLongest = 67;
  for (size_t size = 1; size <= kLongest; ++size) {
    EXPECT_EQ(Quoted(std::string(size, '~')), "'" + std::string(size, '~') + "'");
    for (size_t at = 0; at < size; ++at) {
      std::string text(size, ' ');
      for (const char odd : {'\0', '\x1f', '\x7f', '\x80', '\xff'}) {
        text[at] = odd;
        EXPECT_FALSE(IsPrintable(text)) << size << " " << at;
        EXPECT_EQ(Printable(text).size(), size + 3);
      }
      text[at] = '\'';
      EXPECT_EQ(Printable(text), text);
      EXPECT_EQ(Quoted(text), "'" + text.substr(0, at) + "\\'" + text.substr(at + 1) + "'");
    }
  }
}

TEST(TextTest, CutsLongTextAtACharacter) {
  EXPECT_EQ(Printable("abcdef", 4), "abcd...");
  EXPECT_EQ(Printable("abc\xC3\xA9", 4), "abc...");
}

TEST(TextTest, ReadsBytesFromPairsOfDigits) {
  EXPECT_EQ(BytesFromHex("00fFA5"), std::string("\0\xff\xa5", 3));
  EXPECT_EQ(BytesFromHex(""), "");
  for (const char* text : {"0", "000", "0x", "g0", " 1", "+1", "-1", "1 "}) {
    EXPECT_EQ(BytesFromHex(text), "") << text;
  }
}

TEST(TextTest, QuotesAndEscapesQuotes) { EXPECT_EQ(Quoted("it's"), "'it\\'s'"); }

}  // namespace
}  // namespace ccplace
