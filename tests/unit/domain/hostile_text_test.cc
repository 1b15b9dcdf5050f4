// A property: whatever texts a request holds, either the checks refuse it, or its XML parses, has
// exactly one launchSecurity, is valid against libvirt's schema, and gives every text back.
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/domain/domain_xml.h"
#include "tests/support/faithful_xml.h"
#include "tests/unit/domain/requests.h"
#include "tests/unit/domain/xml_oracle.h"

namespace ccplace {
namespace {

// A text of a few pieces, each harmless somewhere and harmful elsewhere.
std::string HostileText(std::mt19937& random) {
  static const std::vector<std::string> kPieces = {"/",
                                                   "a",
                                                   "0",
                                                   "-",
                                                   ".",
                                                   ":",
                                                   "_",
                                                   ",",
                                                   " ",
                                                   "/a/",
                                                   "..",
                                                   "<",
                                                   ">",
                                                   "&",
                                                   "\"",
                                                   "'",
                                                   "]]>",
                                                   "<!--",
                                                   "-->",
                                                   "<![CDATA[",
                                                   "&lt;",
                                                   "&#0;",
                                                   "&amp",
                                                   "</domain>",
                                                   "<?x?>",
                                                   "%s%n",
                                                   "${HOME}",
                                                   "'/><launchSecurity type='none'/>",
                                                   "</owner><owner>",
                                                   "\n",
                                                   "\t",
                                                   "\r",
                                                   "\x1b[0m",
                                                   "\x7f",
                                                   std::string(1, '\0'),
                                                   "\xC3\xA9",
                                                   "\xC3",
                                                   "\xED\xA0\x80",
                                                   "\xEF\xBF\xBE",
                                                   "\xEF\xBF\xBF",
                                                   "\xC2\x85",
                                                   "\xE2\x80\xA8",
                                                   "\xF0\x9F\x94\x91",
                                                   std::string(120, 'x'),
                                                   std::string(5000, 'y')};
  const auto pick = [&random](size_t limit) { return random() % limit; };
  std::string text = pick(2) == 0 ? "/" : "";
  for (size_t left = 1 + pick(4); left > 0; --left) text += kPieces[pick(kPieces.size())];
  return text;
}

void ExpectFaithful(const v1::DefineTdxDomainRequest& request) {
  DomainPolicy policy = PlainPolicy();
  if (!request.domain().machine_type().empty()) {
    policy.machine_type = request.domain().machine_type();
  }
  policy.quote_service_path = request.launch().quote_service_path();
  const auto xml = BuildDomainXml(request, policy);
  ASSERT_TRUE(xml.ok()) << xml.status();
  EXPECT_EQ(SchemaFaults(*xml), "");
  EXPECT_EQ(FaultsOfXml(request, *xml), "");
}

// Puts `text` in the place of some other; gives its name.
std::string ChangeText(std::mt19937& random, const std::string& text,
                       v1::DefineTdxDomainRequest& request) {
  const std::vector<TextPlace> places = TextsOf(request);
  const auto& [message, field] = places[random() % places.size()];
  message->GetReflection()->SetString(message, field, text);
  return std::string(field->full_name());
}

TEST(HostileTextTest, EveryTextComesOutWhereItShould) {
  const v1::DefineTdxDomainRequest request = RequestWithEveryText();
  ASSERT_EQ(ValidateDomainSpec(request), absl::OkStatus());
  ExpectFaithful(request);
}

TEST(HostileTextTest, IsRefusedOrComesOutUnchanged) {
  std::mt19937 random(20261123);
  int accepted = 0;
  int refused = 0;
  for (int round = 0; round < 4000; ++round) {
    v1::DefineTdxDomainRequest request = RequestWithEveryText();
    const std::string changed = ChangeText(random, HostileText(random), request);
    if (!ValidateDomainSpec(request).ok()) {
      ++refused;
      continue;
    }
    ++accepted;
    ExpectFaithful(request);
    ASSERT_FALSE(HasFailure()) << changed;
  }
  EXPECT_GT(accepted, 200);
  EXPECT_GT(refused, 200);
}

TEST(HostileTextTest, WhatCannotStandInXmlIsNeverWritten) {
  v1::DefineTdxDomainRequest unchecked = PlainRequest();
  for (const char* owner : {"a\x01", "\xEF\xBF\xBE", "\xC3"}) {
    unchecked.mutable_domain()->set_owner(owner);
    EXPECT_EQ(BuildDomainXml(unchecked, PlainPolicy()).status().code(),
              absl::StatusCode::kInternal);
  }
}

}  // namespace
}  // namespace ccplace
