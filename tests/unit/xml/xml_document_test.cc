#include "lib/xml/xml_document.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace ccplace {
namespace {

const xmlNode* RootOf(const XmlDocument& document) { return xmlDocGetRootElement(document.get()); }

TEST(XmlDocumentTest, ReadsTextAndAttributes) {
  const auto document = ParseXml("<a><b c='1'>t<![CDATA[<&]]></b></a>");
  ASSERT_TRUE(document.ok()) << document.status();
  const xmlNode* found = FindChild(RootOf(*document), "b");
  EXPECT_EQ(TextOf(found), "t<&");
  EXPECT_EQ(AttributeOf(found, "c"), "1");
  EXPECT_EQ(AttributeOf(found, "d"), "");
}

TEST(XmlDocumentTest, ReadsTheSameWithoutWhiteSpaceBetweenElements) {
  constexpr char kXml[] =
      "<a>\n  <b c=' 1 '> t\n</b>\n  <b> </b>\n  <d>\n    <e>\t</e>\n  </d>\n</a>\n";
  for (const XmlUse use : {XmlUse::kToChange, XmlUse::kToRead}) {
    const auto document = ParseXml(kXml, use);
    ASSERT_TRUE(document.ok()) << document.status();
    std::vector<std::string> texts;
    EachChild(RootOf(*document), "b", [&](const xmlNode* b) { texts.push_back(TextOf(b)); });
    EXPECT_EQ(texts, std::vector<std::string>({" t\n", " "}));
    EXPECT_EQ(AttributeOf(FindChild(RootOf(*document), "b"), "c"), " 1 ");
    EXPECT_EQ(TextOf(FindChild(FindChild(RootOf(*document), "d"), "e")), "\t");
    const bool has_blank = RootOf(*document)->children->type == XML_TEXT_NODE;
    EXPECT_EQ(has_blank, use == XmlUse::kToChange);
  }
}

TEST(XmlDocumentTest, FindsAChildInItsNamespaceAlone) {
  const auto document = ParseXml("<a xmlns:x='urn:x'><x:b>other</x:b><b>own</b></a>");
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(TextOf(FindChild(RootOf(*document), "b")), "own");
  EXPECT_EQ(TextOf(FindChild(RootOf(*document), "b", "urn:x")), "other");
  EXPECT_EQ(FindChild(RootOf(*document), "b", "urn:y"), nullptr);
}

TEST(XmlDocumentTest, AnswersNothingOfWhatIsNotThere) {
  const xmlNode* nothing = nullptr;
  EXPECT_EQ(FindChild(nothing, "a"), nullptr);
  EXPECT_EQ(TextOf(nothing), "");
  EXPECT_EQ(AttributeOf(nothing, "a"), "");
  EXPECT_EQ(StringOf(nullptr), "");
  EXPECT_FALSE(Equals(nullptr, ""));
}

TEST(XmlDocumentTest, RefusesWhatIsNoDocumentOrHasADocumentType) {
  for (const char* xml : {"", "a", "<a>", "<a/><b/>", "<!DOCTYPE a><a/>",
                          "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseXml(xml).status())) << xml;
  }
}

TEST(XmlDocumentTest, ReadsNoMoreThanLibvirtsProtocolCarries) {
  const std::string at_the_limit =
      absl::StrCat("<a>", std::string(kXmlLimitBytes - 7, 'x'), "</a>");
  EXPECT_TRUE(ParseXml(at_the_limit).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(ParseXml(absl::StrCat(at_the_limit, " ")).status()));
}

}  // namespace
}  // namespace ccplace
