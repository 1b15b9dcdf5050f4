#include "client/sync/placement/placement_rest.h"

#include "absl/strings/str_cat.h"
#include "client/sync/placement/placement_json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/status.h"
#include "nlohmann/json.hpp"
#include "tests/unit/sync/http/http_fake.h"

namespace ccplace::sync {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kUuid[] = "19e48d35-ffe6-50d5-86f0-eb01e1f98a00";

// As Placement says that it has no such thing.
constexpr char kNotFoundHere[] =
    R"({"errors": [{"status": 404, "code": "placement.undefined_code", "detail": "none"}]})";

class TokensFake : public TokenSource {
 public:
  absl::StatusOr<Access> Get() override {
    if (!failure.ok()) return failure;
    return Access{dropped > 0 ? "second" : "first", "http://placement"};
  }
  void Drop() override { ++dropped; }
  int dropped = 0;
  absl::Status failure;
};

class PlacementRestTest : public ::testing::Test {
 protected:
  absl::Status StatusFor(int answered, const std::string& body) {
    http_.Answer(answered, body);
    return rest_.Usages(kUuid, kMemEncryptionContext).status();
  }

  HttpFake http_;
  TokensFake tokens_;
  PlacementRest rest_{&http_, &tokens_};
};

TEST_F(PlacementRestTest, AsksForAProviderByItsEncodedName) {
  http_.Answer(200, R"({"resource_providers": [{"uuid": "u", "name": "a b&c=/é",
                        "generation": 3, "parent_provider_uuid": null,
                        "root_provider_uuid": "u"}]})");
  const auto found = *rest_.FindByName("a b&c=/\xC3\xA9");
  EXPECT_EQ(http_.requests[0].url,
            "http://placement/resource_providers?name=a%20b%26c%3D%2F%C3%A9");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->generation, 3u);
  EXPECT_EQ(found->parent_uuid, "");
  EXPECT_EQ(http_.Header("OpenStack-API-Version"), "placement 1.39");
}

TEST_F(PlacementRestTest, TellsNoProviderFromAFailure) {
  http_.Answer(200, R"({"resource_providers": []})");
  EXPECT_FALSE(rest_.FindByName("n")->has_value());
}

// A list of one provider below itself, as `row` has it.
std::string ListOf(const std::string& uuid, const std::string& name) {
  return absl::StrCat(R"({"resource_providers": [{"uuid": ")", uuid, R"(", "name": ")", name,
                      R"(", "generation": 3, "parent_provider_uuid": null,
                      "root_provider_uuid": ")",
                      uuid, R"("}]})");
}

TEST_F(PlacementRestTest, TakesANameThatADatabaseWithoutCaseFound) {
  http_.Answer(200, ListOf("u", "Node-1"));
  const auto found = *rest_.FindByName("node-1");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->name, "Node-1");
}

TEST_F(PlacementRestTest, RefusesAnotherProviderThanItAskedFor) {
  http_.Answer(200, ListOf("u", "node-2"));
  const absl::Status by_name = rest_.FindByName("node-1").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(by_name)) << by_name;
  EXPECT_EQ(ReasonOf(by_name), "NOT_ASKED_FOR");
  EXPECT_THAT(by_name.message(), AllOf(HasSubstr("'node-1'"), HasSubstr("'node-2'")));
  http_.Answer(200, ListOf("u", "node-1"));
  EXPECT_TRUE(absl::IsFailedPrecondition(rest_.FindByUuid(kUuid).status()));
}

ProviderRow RowOf(const std::string& uuid, const std::string& parent, const std::string& root) {
  return {uuid, "name-" + uuid, parent, root, 1};
}

TEST(TreeTest, IsTheOneAskedForWithEveryRowBelowItsRoot) {
  EXPECT_TRUE(
      CheckIsTree({RowOf("c", "b", "a"), RowOf("a", "", "a"), RowOf("b", "a", "a")}, "a").ok());
}

TEST(TreeTest, RefusesForeignAndCyclicParents) {
  for (const std::vector<ProviderRow>& rows : std::vector<std::vector<ProviderRow>>{
           {RowOf("b", "a", "a")},                                             // No root.
           {RowOf("a", "", "a"), RowOf("b", "a", "other")},                    // Another's child.
           {RowOf("a", "", "a"), RowOf("b", "gone", "a")},                     // No such parent.
           {RowOf("a", "", "a"), RowOf("b", "c", "a"), RowOf("c", "b", "a")},  // A circle.
           {RowOf("a", "", "a"), RowOf("b", "", "a")},                         // Two roots.
           {RowOf("a", "b", "a"), RowOf("b", "a", "a")},                       // The root in it.
           {RowOf("a", "", "a"), RowOf("b", "a", "a"), RowOf("b", "a", "a")}}) {  // Twice.
    EXPECT_EQ(ReasonOf(CheckIsTree(rows, "a")), "NOT_ASKED_FOR");
  }
}

TEST_F(PlacementRestTest, ReadsInventoriesOfOursAndOthers) {
  http_.Answer(200, R"({"resource_provider_generation": 4, "inventories": {
      "MEM_ENCRYPTION_CONTEXT": {"total": 63, "reserved": 2, "min_unit": 1, "max_unit": 1,
                                 "step_size": 1, "allocation_ratio": 1.0},
      "VGPU": {"total": 1}}})");
  const InventoriesRow row = *rest_.Inventories(kUuid, kMemEncryptionContext);
  EXPECT_EQ(row.generation, 4u);
  EXPECT_EQ(row.keys, (KeyFigures{63, 2}));
  EXPECT_TRUE(row.usual_units);
  EXPECT_TRUE(row.other_inventories);
}

TEST_F(PlacementRestTest, SeesUnitsThatAreNotOurs) {
  http_.Answer(200, R"({"resource_provider_generation": 4, "inventories": {
      "MEM_ENCRYPTION_CONTEXT": {"total": 63, "reserved": 2, "min_unit": 1, "max_unit": 9,
                                 "step_size": 1, "allocation_ratio": 1.0}}})");
  const InventoriesRow row = *rest_.Inventories(kUuid, kMemEncryptionContext);
  EXPECT_FALSE(row.usual_units);
  EXPECT_FALSE(row.other_inventories);
}

TEST_F(PlacementRestTest, SortsTraits) {
  http_.Answer(200, R"({"resource_provider_generation": 4, "traits": ["B", "A"]})");
  EXPECT_THAT(rest_.Traits(kUuid)->traits, ElementsAre("A", "B"));
}

TEST_F(PlacementRestTest, WritesOneClassAloneWithTheGeneration) {
  http_.Answer(200, R"({"resource_provider_generation": 8})");
  EXPECT_EQ(*rest_.SetInventory(kUuid, 7, "MEM_ENCRYPTION_CONTEXT", {63, 2}, true), 8u);
  EXPECT_EQ(http_.requests[0].method, "PUT");
  EXPECT_THAT(http_.requests[0].url, HasSubstr("/inventories/MEM_ENCRYPTION_CONTEXT"));
  const auto body = nlohmann::json::parse(http_.requests[0].body);
  EXPECT_EQ(body["resource_provider_generation"], 7);
  EXPECT_EQ(body["reserved"], 2);
}

TEST_F(PlacementRestTest, AddsAClassToTheOthers) {
  http_.Answer(201, R"({"resource_provider_generation": 1})");
  EXPECT_TRUE(rest_.SetInventory(kUuid, 0, "MEM_ENCRYPTION_CONTEXT", {63, 2}, false).ok());
  EXPECT_EQ(http_.requests[0].method, "POST");
  EXPECT_EQ(nlohmann::json::parse(http_.requests[0].body)["resource_class"],
            "MEM_ENCRYPTION_CONTEXT");
}

TEST_F(PlacementRestTest, GivesEachRefusalItsCode) {
  EXPECT_TRUE(absl::IsInvalidArgument(StatusFor(400, "")));
  EXPECT_TRUE(absl::IsPermissionDenied(StatusFor(403, "")));
  EXPECT_TRUE(absl::IsNotFound(StatusFor(404, kNotFoundHere)));
  EXPECT_TRUE(absl::IsAborted(StatusFor(409, "")));
  for (const int status : {408, 429, 500, 502, 503, 504}) {
    EXPECT_TRUE(absl::IsUnavailable(StatusFor(status, "<html>")));
  }
  EXPECT_TRUE(absl::IsFailedPrecondition(StatusFor(302, "")));
  EXPECT_TRUE(absl::IsUnavailable(rest_.Usages(kUuid, kMemEncryptionContext).status()));
}

TEST_F(PlacementRestTest, SaysWhatToDoAboutARefusal) {
  const auto told = [this](int status) { return std::string(StatusFor(status, "").message()); };
  http_.Answer(401, "");  // Tried again with another token.
  EXPECT_THAT(told(401), HasSubstr("correct the credentials in clouds.yaml or the OS_* variables"));
  EXPECT_THAT(told(403), HasSubstr("give the user the role service"));
  EXPECT_THAT(told(302), HasSubstr("'http://placement': where that is not Placement's URL"));
}

TEST_F(PlacementRestTest, QuotesABodyWithoutTheTokenThatItSendsBack) {
  const absl::Status told = StatusFor(400, "you sent X-Auth-Token: first and more");
  EXPECT_THAT(told.message(), AllOf(HasSubstr("and more"), Not(HasSubstr("first"))));
}

TEST_F(PlacementRestTest, NamesTheTargetOfARedirectWithoutItsSecrets) {
  http_.Answer(307, "", {{"location", "https://user:hidden@elsewhere/x?sig=hidden"}});
  const absl::Status told = rest_.Usages(kUuid, kMemEncryptionContext).status();
  EXPECT_THAT(told.message(), AllOf(HasSubstr("'https://elsewhere/x'"), Not(HasSubstr("hidden"))));
  EXPECT_EQ(http_.requests.size(), 1u);
}

TEST_F(PlacementRestTest, TakesARemovalTwiceForOneWherePlacementItselfSaysSo) {
  http_.Answer(404, kNotFoundHere);
  EXPECT_TRUE(rest_.DeleteProvider(kUuid).ok());
  http_.Answer(404, "<html>");
  EXPECT_TRUE(absl::IsFailedPrecondition(rest_.DeleteProvider(kUuid)));
  tokens_.failure = absl::FailedPreconditionError("no placement in the catalog");
  EXPECT_TRUE(absl::IsFailedPrecondition(rest_.DeleteProvider(kUuid)));
}

TEST_F(PlacementRestTest, NamesTheUrlWhereSomethingElseThanPlacementAnswers) {
  for (const auto& [status, body] : std::vector<std::pair<int, std::string>>{
           {404, "<html>"}, {404, kNotFoundHere}, {200, "<html>"}}) {
    http_.Answer(status, body);
    const absl::Status told = rest_.FindByName("n").status();
    EXPECT_EQ(told.code(), status == 404 ? absl::StatusCode::kFailedPrecondition
                                         : absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(told.message(), AllOf(HasSubstr("'http://placement'"),
                                      HasSubstr("--placement_endpoint, OS_REGION_NAME")));
  }
}

TEST_F(PlacementRestTest, CarriesPlacementsOwnErrorCode) {
  const absl::Status status = StatusFor(
      409, R"({"errors": [{"code": "placement.concurrent_update", "detail": "changed\n"}]})");
  EXPECT_EQ(ReasonOf(status), "placement.concurrent_update");
  EXPECT_THAT(status.message(), HasSubstr("changed"));
}

TEST_F(PlacementRestTest, RefusesAnAnswerThatIsNotAsDocumented) {
  for (const char* body : {"", "<html>", "[]", "{}", R"({"resource_provider_generation": "x"})",
                           R"({"resource_provider_generation": -1, "usages": {}})"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(StatusFor(200, body))) << body;
  }
}

// What is overlooked would be written over: each of these is refused as a whole.
TEST_F(PlacementRestTest, RefusesTraitsThatItCannotReadAllOf) {
  for (const char* traits : {"", R"(, "traits": {})", R"(, "traits": ["A", 3])"}) {
    http_.Answer(200, std::string(R"({"resource_provider_generation": 4)") + traits + "}");
    EXPECT_TRUE(absl::IsInvalidArgument(rest_.Traits(kUuid).status())) << traits;
  }
}

TEST_F(PlacementRestTest, RefusesAnAllocationThatIsNoFigure) {
  for (const char* figure : {"\"1\"", "-1", "1.5", "null"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(
        StatusFor(200, std::string(R"({"resource_provider_generation": 4, "usages": {)") +
                           R"("MEM_ENCRYPTION_CONTEXT": )" + figure + "}}")))
        << figure;
  }
}

TEST_F(PlacementRestTest, RefusesAnInventoryThatIsNone) {
  for (const char* inventory : {"3", "{}", R"({"total": 1, "reserved": 2})"}) {
    http_.Answer(200, std::string(R"({"resource_provider_generation": 4, "inventories": {)") +
                          R"("MEM_ENCRYPTION_CONTEXT": )" + inventory + "}}");
    EXPECT_TRUE(absl::IsInvalidArgument(rest_.Inventories(kUuid, kMemEncryptionContext).status()))
        << inventory;
  }
}

TEST_F(PlacementRestTest, RefusesAProviderWithoutANameOrOfAnUnreadableParent) {
  for (const char* row :
       {R"("generation": 1, "name": "n")", R"("generation": 1, "uuid": "u")",
        R"("generation": 1, "uuid": "u", "name": "n", "parent_provider_uuid": 7)"}) {
    http_.Answer(200, std::string(R"({"resource_providers": [{)") + row + "}]}");
    EXPECT_TRUE(absl::IsInvalidArgument(rest_.FindByName("n").status())) << row;
  }
}

TEST_F(PlacementRestTest, OutlivesAnAnswerNestedWithoutEnd) {
  const std::string deep(200'000, '[');
  const std::string undeep(200'000, ']');
  EXPECT_TRUE(absl::IsInvalidArgument(StatusFor(200, deep + undeep)));
  EXPECT_TRUE(absl::IsUnimplemented(StatusFor(406, R"({"errors": [)" + deep + undeep + "]}")));
}

TEST_F(PlacementRestTest, RenewsARefusedTokenOnce) {
  http_.Answer(401, "Authentication required");
  http_.Answer(200, R"({"resource_provider_generation": 1, "usages": {}})");
  EXPECT_TRUE(rest_.Usages(kUuid, kMemEncryptionContext).ok());
  EXPECT_EQ(http_.Header("X-Auth-Token"), "second");
  http_.Answer(401, "");
  http_.Answer(401, "");
  EXPECT_TRUE(absl::IsUnauthenticated(rest_.Usages(kUuid, kMemEncryptionContext).status()));
  EXPECT_EQ(tokens_.dropped, 2);
}

TEST_F(PlacementRestTest, SpeaksTheMicroversionOfAnOlderServer) {
  http_.Answer(406, R"({"errors": [{"max_version": "1.28", "min_version": "1.0"}]})");
  http_.Answer(200, R"({"resource_provider_generation": 1, "usages": {}})");
  EXPECT_TRUE(rest_.Usages(kUuid, kMemEncryptionContext).ok());
  EXPECT_EQ(http_.Header("OpenStack-API-Version"), "placement 1.28");
}

TEST_F(PlacementRestTest, RefusesAServerTooOldToSpeakTo) {
  EXPECT_TRUE(absl::IsUnimplemented(
      StatusFor(406, R"({"errors": [{"max_version": "1.25", "min_version": "1.0"}]})")));
  EXPECT_EQ(http_.requests.size(), 1u);
  EXPECT_TRUE(absl::IsUnimplemented(StatusFor(406, "Not Acceptable")));
}

TEST_F(PlacementRestTest, CountsRequestsByMethodAndStatus) {
  http_.Answer(200, R"({"resource_provider_generation": 1, "usages": {}})");
  http_.Answer(204, "");
  EXPECT_TRUE(rest_.Usages(kUuid, kMemEncryptionContext).ok());
  EXPECT_TRUE(rest_.DeleteProvider(kUuid).ok());
  EXPECT_TRUE(absl::IsUnavailable(rest_.Usages(kUuid, kMemEncryptionContext).status()));
  const RequestCounts expected = {{{"GET", 200}, 1}, {{"DELETE", 204}, 1}, {{"GET", 0}, 1}};
  EXPECT_EQ(rest_.counts(), expected);
}

}  // namespace
}  // namespace ccplace::sync
