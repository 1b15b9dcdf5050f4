// Properties that must hold for any request, shown on many made at random from a fixed seed.
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/request/request_facts.h"
#include "lib/request/rule.h"
#include "tests/unit/request/request_builder.h"

namespace ccplace {
namespace {

using ::testing::Contains;

constexpr int kRequests = 20000;

// Keys with values that come up in the wild, good and bad.
const std::vector<std::pair<std::string, std::vector<std::string>>>& FlavorChoices() {
  static const auto* choices = new std::vector<std::pair<std::string, std::vector<std::string>>>{
      {"hw:mem_encryption", {"true", "false", "True", " yes", "0", "enabled", "", "2", "off\n"}},
      {"hw:mem_encryption_model",
       {"intel-tdx", "amd-sev", "amd-sev-es", "amd-sev-snp", "Intel-TDX", "x"}},
      {"hw:firmware_type", {"uefi", "bios"}},
      {"hw:machine_type", {"q35", "pc"}},
      {"hw:pmu", {"true", "false", "x"}},
      {"os:secure_boot", {"required", "disabled", "true"}},
      {"resources:VCPU", {"1", "x"}},
      {"hw:mem_encrypt", {"true"}}};
  return *choices;
}

const std::vector<std::pair<std::string, std::vector<std::string>>>& ImageChoices() {
  static const auto* choices = new std::vector<std::pair<std::string, std::vector<std::string>>>{
      {"hw_mem_encryption", {"true", "false", "FALSE ", "on", "n", "enabled", "", "None"}},
      {"hw_mem_encryption_model", {"intel-tdx", "amd-sev", "amd-sev-snp", "tdx"}},
      {"hw_firmware_type", {"uefi", "uefi", "bios", ""}},
      {"hw_machine_type", {"q35", "pc-q35-9.2", "pc", ""}},
      {"hw_firmware_stateless", {"true", "True", "false", "x"}},
      {"hw_video_model", {"none", "none", "virtio"}},
      {"hw_disk_bus", {"virtio", "scsi"}},
      {"hw_scsi_model", {"virtio-scsi"}},
      {"hw_pmu", {"true", "false"}}};
  return *choices;
}

// Keys of which a request has few: found by their form, or held to nova's tables.
const std::vector<std::pair<std::string, std::vector<std::string>>>& RareFlavorChoices() {
  static const auto* choices = new std::vector<std::pair<std::string, std::vector<std::string>>>{
      {"group_policy", {"none", "isolate"}},
      {"trait:HW_CPU_X86_INTEL_TDX", {"required", "forbidden"}},
      {"resources:MEM_ENCRYPTION_CONTEXT", {"1", "0"}},
      {"resources1:VGPU", {"1", "x"}},
      {"hw:mem_encryption_tdx", {"true", "false"}},
      {"hw:cpu_cores", {"2", "0"}},
      {"hw:locked_memory", {"true", "x"}}};
  return *choices;
}

const std::vector<std::pair<std::string, std::vector<std::string>>>& RareImageChoices() {
  static const auto* choices = new std::vector<std::pair<std::string, std::vector<std::string>>>{
      {"trait:CUSTOM_FAST", {"required", "forbidden"}},
      {"hw_mem_encryption_sev", {"true", "no"}},
      {"hw_vif_model", {"virtio", "x"}},
      {"hw_cpu_cores", {"2", "two"}},
      {"hw_mem_encrypton", {"true"}},
      {"hw_locked_memory", {"true", "false"}}};
  return *choices;
}

class Maker {
 public:
  v1::ValidateRequestRequest Make() {
    auto request = Request(Choose(FlavorChoices()), Choose(ImageChoices()));
    if (Below(4) == 0) {
      const char* indexes[] = {"0", "", "None", "-1", "1", "x"};
      const char* buses[] = {"scsi", "virtio", ""};
      *request.add_block_devices() = Device(buses[Below(3)], indexes[Below(6)]);
    }
    if (Below(4) == 0) request.set_operation(static_cast<v1::Operation>(Below(11)));
    return request;
  }

  // The same with rare keys too, in either dialect.
  v1::ValidateRequestRequest MakeRare() {
    auto request = Make();
    for (const auto& [key, value] : Choose(RareFlavorChoices())) {
      (*request.mutable_flavor()->mutable_extra_specs())[key] = value;
    }
    for (const auto& [key, value] : Choose(RareImageChoices())) {
      (*request.mutable_image()->mutable_properties())[key] = value;
    }
    if (Below(3) == 0) request.mutable_image()->set_status("queued");
    request.set_dialect(static_cast<v1::RequestDialect>(Below(3)));
    return request;
  }

 private:
  size_t Below(size_t limit) { return random_() % limit; }

  Pairs Choose(const std::vector<std::pair<std::string, std::vector<std::string>>>& choices) {
    Pairs pairs;
    for (const auto& [key, values] : choices) {
      if (Below(2) == 0) pairs[key] = values[Below(values.size())];
    }
    return pairs;
  }

  std::mt19937 random_{20261123};
};

std::optional<std::string> Find(const google::protobuf::Map<std::string, std::string>& map,
                                const std::string& key) {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

std::string Plain(const std::string& text) {
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
}

bool ClearlyFalse(const std::string& text) {
  const std::set<std::string> words = {"0", "f", "false", "off", "n", "no"};
  return words.count(Plain(text)) == 1;
}

bool NovasTrue(const std::string& text) {
  const std::set<std::string> words = {"1", "t", "true", "on", "y", "yes"};
  return words.count(Plain(text)) == 1;
}

// nova's own way through a request, written down from FACTS' order: the first thing it complains
// about, or nothing.
std::string NovasFirstError(const v1::ValidateRequestRequest& request) {
  const auto& flavor = request.flavor().extra_specs();
  const auto& image = request.image().properties();
  const auto flavor_on = Find(flavor, "hw:mem_encryption");
  const auto image_on = Find(image, "hw_mem_encryption");
  const bool on_by_flavor = flavor_on && NovasTrue(*flavor_on);
  const bool on_by_image = image_on && NovasTrue(*image_on);
  if (flavor_on && image_on && on_by_flavor != on_by_image) return "ENCRYPTION_CONFLICT";
  if (!on_by_flavor && !on_by_image) return "";
  const std::string flavor_model = Find(flavor, "hw:mem_encryption_model").value_or("");
  const std::string image_model = Find(image, "hw_mem_encryption_model").value_or("");
  const bool both = !flavor_model.empty() && !image_model.empty();
  if (both && flavor_model != image_model) return "MODEL_CONFLICT";
  std::string model = flavor_model.empty() ? image_model : flavor_model;
  if (model.empty()) model = "amd-sev";
  const std::set<std::string> known = {"intel-tdx", "amd-sev", "amd-sev-es", "amd-sev-snp"};
  if (known.count(model) == 0) return "UNKNOWN_MODEL";
  const auto firmware = Find(image, "hw_firmware_type");
  if (firmware.value_or("") != "uefi") return "FIRMWARE_NOT_UEFI";
  const auto machine = Find(image, "hw_machine_type");
  if (machine.value_or("q35").find("q35") == std::string::npos) return "MACHINE_NOT_Q35";
  const bool strict = model == "intel-tdx" || model == "amd-sev-snp";
  const bool stateless = NovasTrue(Find(image, "hw_firmware_stateless").value_or(""));
  if (strict && !stateless) return "FIRMWARE_NOT_STATELESS";
  const bool no_video = Find(image, "hw_video_model").value_or("") == "none";
  return model == "intel-tdx" && !no_video ? "VIDEO_MODEL_NOT_NONE" : "";
}

TEST(PropertyTest, WhatIsNotClearlyOffIsNeverTakenForNotConfidential) {
  Maker maker;
  for (int i = 0; i < kRequests; ++i) {
    const auto request = maker.Make();
    const auto flavor = Find(request.flavor().extra_specs(), "hw:mem_encryption");
    const auto image = Find(request.image().properties(), "hw_mem_encryption");
    // nova starts nothing from an image with a model that it does not know.
    const auto model = Find(request.image().properties(), "hw_mem_encryption_model");
    const bool off = (!flavor || ClearlyFalse(*flavor)) && (!image || ClearlyFalse(*image)) &&
                     model.value_or("") != "tdx";
    ASSERT_EQ(Judged(request).decision() == v1::DECISION_NOT_CONFIDENTIAL, off)
        << request.DebugString();
  }
}

TEST(PropertyTest, NovasFirstErrorIsAlwaysAmongOurs) {
  Maker maker;
  int errors = 0;
  for (int i = 0; i < kRequests; ++i) {
    const auto request = maker.Make();
    const std::string error = NovasFirstError(request);
    if (error.empty()) continue;
    ++errors;
    ASSERT_THAT(ReasonsOf(Judged(request)), Contains(error)) << request.DebugString();
  }
  EXPECT_GT(errors, kRequests / 4);
}

TEST(PropertyTest, DecisionViolationsAndSchedulingAgree) {
  Maker maker;
  int accepted = 0;
  for (int i = 0; i < kRequests; ++i) {
    const auto answer = Judged(maker.Make());
    const bool rejected = answer.decision() == v1::DECISION_REJECTED;
    ASSERT_NE(answer.decision(), v1::DECISION_UNSPECIFIED);
    ASSERT_EQ(answer.violations_size() > 0, rejected);
    ASSERT_EQ(answer.has_scheduling(), answer.decision() == v1::DECISION_ACCEPTED);
    ASSERT_EQ(answer.decision() == v1::DECISION_ACCEPTED, answer.has_scheduling());
    accepted += answer.has_scheduling() ? 1 : 0;
    for (const auto& violation : answer.violations()) {
      ASSERT_GT(violation.offenders_size(), 0);
      ASSERT_FALSE(violation.message().empty() || violation.remedy().empty());
    }
  }
  EXPECT_GT(accepted, 0);
}

TEST(PropertyTest, SidesReadByThemselvesGetTheVerdictOfTheWhole) {
  Maker maker;
  const v1::HostPolicy policy = UsualPolicy();
  for (int i = 0; i < kRequests / 4; ++i) {
    const auto request = maker.MakeRare();
    v1::ValidateRequestResponse whole;
    EvaluateWithoutScheduling(request, policy, whole);
    const rules::Settings flavor(request.flavor());
    const rules::Settings image(request.image());
    v1::ValidateRequestResponse pairing;
    EvaluateFacts(rules::RequestFacts(request, policy, flavor, image), pairing);
    ASSERT_EQ(pairing.DebugString(), whole.DebugString()) << request.DebugString();
  }
}

TEST(PropertyTest, ABriefVerdictCountsWhatTheWholeOneTells) {
  using Findings = std::vector<std::pair<int, std::string>>;
  Maker maker;
  const v1::HostPolicy policy = UsualPolicy();
  int mistakes = 0;
  for (int i = 0; i < kRequests / 4; ++i) {
    const auto request = maker.MakeRare();
    v1::ValidateRequestResponse whole;
    EvaluateWithoutScheduling(request, policy, whole);
    Findings violations, unencrypted;
    for (const auto& one : whole.violations()) violations.emplace_back(one.reason(), one.remedy());
    for (const auto& one : whole.warnings()) {
      if (one.runs_unencrypted()) unencrypted.emplace_back(one.reason(), one.remedy());
    }
    const BriefVerdict brief = EvaluateBriefly(rules::RequestFacts(request, policy));
    Findings counted, told;
    for (const auto& one : brief.violations) counted.emplace_back(one.reason, one.remedy);
    for (const auto& one : brief.mistakes) told.emplace_back(one.reason, one.remedy);
    ASSERT_EQ(brief.decision, whole.decision()) << request.DebugString();
    ASSERT_EQ(brief.model, whole.model()) << request.DebugString();
    ASSERT_EQ(counted, violations) << request.DebugString();
    ASSERT_EQ(told, unencrypted) << request.DebugString();
    mistakes += unencrypted.empty() ? 0 : 1;
  }
  EXPECT_GT(mistakes, 0);
}

TEST(PropertyTest, AVerdictInSentencesSaysWhatTheWholeOneDoes) {
  using Findings = std::vector<std::tuple<int, std::string, std::string>>;
  const auto whole_list = [](const auto& list) {
    Findings all;
    for (const auto& one : list) all.emplace_back(one.reason(), one.message(), one.remedy());
    return all;
  };
  const auto told_list = [](const auto& list) {
    Findings all;
    for (const auto& one : list) all.emplace_back(one.reason, one.message, one.remedy);
    return all;
  };
  Maker maker;
  const v1::HostPolicy policy = UsualPolicy();
  for (int i = 0; i < kRequests / 4; ++i) {
    const auto request = maker.MakeRare();
    v1::ValidateRequestResponse whole;
    EvaluateWithoutScheduling(request, policy, whole);
    const ToldVerdict told = EvaluateInSentences(rules::RequestFacts(request, policy));
    ASSERT_EQ(told.decision, whole.decision()) << request.DebugString();
    ASSERT_EQ(told.model, whole.model()) << request.DebugString();
    ASSERT_EQ(told_list(told.violations), whole_list(whole.violations()));
    ASSERT_EQ(told_list(told.warnings), whole_list(whole.warnings()));
  }
}

// A rule that is not asked for want of what it reads must have had nothing to report.
template <typename Rule>
int ExpectSilence(const Rule& rule, const rules::RequestFacts& facts) {
  if ((rule.reads & facts.contents) != 0) return 0;
  rule.evaluate(facts, [&](const rules::OffendingSettings& offenders) {
    ADD_FAILURE() << rule.keys << ", by " << offenders[0].key << ": "
                  << facts.request.DebugString();
  });
  return 1;
}

TEST(PropertyTest, ARuleHasNothingToSayOfARequestWithoutWhatItReads) {
  Maker maker;
  const v1::HostPolicy policy = UsualPolicy();
  int silent = 0;
  for (int i = 0; i < kRequests / 4 && !testing::Test::HasFailure(); ++i) {
    const auto request = maker.Make();
    const rules::RequestFacts facts(request, policy);
    if (!facts.asked) continue;
    for (const rules::Rule& rule : rules::Rules()) silent += ExpectSilence(rule, facts);
    for (const rules::WarningRule& rule : rules::WarningRules())
      silent += ExpectSilence(rule, facts);
  }
  EXPECT_GT(silent, kRequests);
}

}  // namespace
}  // namespace ccplace
