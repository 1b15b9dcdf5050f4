#include "lib/measurement/reference_values.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/measurement/little_endian.h"
#include "nlohmann/json.hpp"

namespace ccplace {
namespace {

using nlohmann::ordered_json;

// Intel's quote appraisal: the class of a TD's identity where the TDX module is of version 1.5.
constexpr char kTdx15IdentityClass[] = "45b734fc-aa4e-4c3d-ad28-e43d08880e68";
// All bits but 30 (PKS), which QEMU adds where it can.
constexpr uint64_t kComparedAttributes = ~(uint64_t{1} << 30);

std::string Hex(const std::string& bytes) { return absl::BytesToHexString(bytes); }

std::string UpperHex(const std::string& bytes) { return absl::AsciiStrToUpper(Hex(bytes)); }

// As they are in a quote: lowest byte first.
std::string AttributeBytes(uint64_t attributes) {
  std::string bytes(8, '\0');
  WriteLittle64(attributes, bytes.data());
  return bytes;
}

// Every byte escaped: valid in text format for any value.
std::string TextProtoBytes(const std::string& bytes) {
  std::string out;
  for (const char byte : bytes) absl::StrAppendFormat(&out, "\\x%02x", static_cast<uint8_t>(byte));
  return out;
}

void AddIfKnown(ordered_json& out, const char* name, const std::optional<std::string>& value) {
  if (value.has_value()) out[name] = Hex(*value);
}

void AddLaunchFields(ordered_json& out, const ReferenceValues& values) {
  AddIfKnown(out, "mr_config_id", values.mr_config_id);
  AddIfKnown(out, "mr_owner", values.mr_owner);
  AddIfKnown(out, "mr_owner_config", values.mr_owner_config);
}

void AddText(ordered_json& out, const char* name, const std::string& text) {
  if (!text.empty()) out[name] = text;
}

// Apart from what the host states: nothing here was seen on it.
void AddPublishedModule(ordered_json& out, const ReferenceValues& values) {
  if (!values.published_module.has_value()) return;
  const PublishedModule& module = *values.published_module;
  out["published_of_tdx_module"] = {{"mr_seam", Hex(module.mr_seam)},
                                    {"minor_svn", module.minor_svn},
                                    {"major_svn", module.major_svn},
                                    {"source", module.source}};
}

std::string Lines(const ordered_json& json) {
  return absl::StrCat(json.dump(2, ' ', true, ordered_json::error_handler_t::replace), "\n");
}

}  // namespace

std::vector<LeftOutValue> LeftOutOf(const ReferenceValues& values) {
  std::vector<LeftOutValue> out;
  const char* const of_guest = "each guest has its own: name a guest's UUID";
  if (!values.td_attributes.has_value()) out.push_back({"td_attributes", of_guest});
  if (!values.mr_config_id.has_value()) out.push_back({"mr_config_id", of_guest});
  if (!values.mr_owner.has_value()) out.push_back({"mr_owner", of_guest});
  if (!values.mr_owner_config.has_value()) out.push_back({"mr_owner_config", of_guest});
  out.push_back({"xfam", "depends on the processor and on QEMU's CPU model"});
  out.push_back(
      {"rtmr0", "depends on the guest's memory, devices, boot order and Secure Boot keys"});
  out.push_back({"rtmr1", "depends on the boot loader and kernel in the guest's image"});
  out.push_back({"rtmr2", "depends on the kernel's command line and initrd in the guest's image"});
  out.push_back({"rtmr3", "the guest's own software writes it"});
  out.push_back({"mr_seam", "of the host's TDX module: take it from a quote, or from its maker"});
  out.push_back({"tee_tcb_svn", "of the host's TDX module and firmware at the guest's start"});
  return out;
}

std::string ReferenceJson(const ReferenceValues& values) {
  ordered_json out;
  AddText(out, "uuid", values.uuid);
  out["mr_td"] = Hex(values.mrtd);
  if (values.td_attributes.has_value()) {
    out["td_attributes"] = Hex(AttributeBytes(*values.td_attributes));
  }
  AddLaunchFields(out, values);
  AddText(out, "machine_type", values.machine_type);
  AddText(out, "firmware_path", values.firmware_path);
  AddText(out, "firmware_sha384", Hex(values.firmware_sha384));
  AddText(out, "tdx_module", values.tdx_module);
  AddPublishedModule(out, values);
  out["left_out"] = ordered_json::array();
  for (const LeftOutValue& value : LeftOutOf(values)) {
    out["left_out"].push_back({{"field", value.field}, {"why", value.why}});
  }
  return Lines(out);
}

std::string TrusteeMessage(const ReferenceValues& values) {
  ordered_json names;
  names["mr_td"] = Hex(values.mrtd);
  if (values.td_attributes.has_value()) {
    names["td_attributes"] = Hex(AttributeBytes(*values.td_attributes));
  }
  AddLaunchFields(names, values);
  for (auto& value : names) value = ordered_json::array({value});
  return Lines(
      {{"version", "0.1.0"}, {"type", "sample"}, {"payload", absl::Base64Escape(names.dump())}});
}

std::string GoTdxGuestPolicy(const ReferenceValues& values) {
  std::string out = "# go-tdx-guest checkconfig.Config. Not stated:\n";
  for (const LeftOutValue& value : LeftOutOf(values)) {
    absl::StrAppend(&out, "#   ", value.field, ": ", value.why, "\n");
  }
  // The tool wants both policies there, an empty one too.
  absl::StrAppend(&out, "policy {\n  header_policy {\n  }\n  td_quote_body_policy {\n");
  const auto add = [&out](const char* name, const std::optional<std::string>& bytes) {
    if (!bytes.has_value()) return;
    absl::StrAppend(&out, "    # ", Hex(*bytes), "\n    ", name, ": \"", TextProtoBytes(*bytes),
                    "\"\n");
  };
  if (values.td_attributes.has_value()) {
    add("td_attributes", AttributeBytes(*values.td_attributes));
  }
  add("mr_td", values.mrtd);
  add("mr_config_id", values.mr_config_id);
  add("mr_owner", values.mr_owner);
  add("mr_owner_config", values.mr_owner_config);
  absl::StrAppend(&out, "  }\n}\n");
  return out;
}

std::string IntelAppraisalPolicy(const ReferenceValues& values) {
  ordered_json reference;
  if (values.td_attributes.has_value()) {
    reference["tdx_attributes"] = absl::StrFormat("%016X", *values.td_attributes);
    reference["tdx_attributes_mask"] = absl::StrFormat("%016X", kComparedAttributes);
  }
  reference["tdx_mrtd"] = UpperHex(values.mrtd);
  const auto add = [&reference](const char* name, const std::optional<std::string>& bytes) {
    if (bytes.has_value()) reference[name] = UpperHex(*bytes);
  };
  add("tdx_mrconfigid", values.mr_config_id);
  add("tdx_mrowner", values.mr_owner);
  add("tdx_mrownerconfig", values.mr_owner_config);
  const ordered_json environment = {{"class_id", kTdx15IdentityClass},
                                    {"description", "Identity of a TD, by ccplace"}};
  ordered_json out;
  out["policy_array"] =
      ordered_json::array({{{"environment", environment}, {"reference", reference}}});
  return Lines(out);
}

}  // namespace ccplace
