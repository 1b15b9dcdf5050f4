// What a verifier must expect of a trust domain's quote, in the formats that verifiers read.
// Thread-safe: pure functions and plain values.
#ifndef CCPLACE_LIB_MEASUREMENT_REFERENCE_VALUES_H_
#define CCPLACE_LIB_MEASUREMENT_REFERENCE_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ccplace {

// What the maker of the TDX module published of one version. No host measures it.
struct PublishedModule {
  std::string mr_seam;     // 48 bytes: MRSEAM of quotes of guests that started under it.
  uint32_t minor_svn = 0;  // Byte 0 of their TEE_TCB_SVN ...
  uint32_t major_svn = 0;  // ... and byte 1.
  std::string source;      // Where it was published, and when it was read there.
};

// What a host can state before a guest boots. What it does not know is left out, never guessed.
struct ReferenceValues {
  std::string mrtd;  // 48 bytes. Always set.
  // TD attributes as asked for. Where the processor has protection keys and KVM offers them, QEMU
  // adds bit 30 (PKS) by itself.
  std::optional<uint64_t> td_attributes;
  // 48 bytes each; 48 zero bytes where the guest was defined without.
  std::optional<std::string> mr_config_id;
  std::optional<std::string> mr_owner;
  std::optional<std::string> mr_owner_config;

  // Where they come from; in the JSON format alone. Empty: not known.
  std::string uuid;
  std::string firmware_path;
  std::string firmware_sha384;  // 48 bytes.
  std::string machine_type;
  std::string tdx_module;  // Version, as "1.5.24": at the start of a guest that is active.
  std::optional<PublishedModule> published_module;  // Of that version.
};

// One field of a quote that is not stated, and why.
struct LeftOutValue {
  std::string field;  // "rtmr0".
  std::string why;
};

// The fields of a quote's body that `values` does not state.
std::vector<LeftOutValue> LeftOutOf(const ReferenceValues& values);

// Plain JSON: lower-case hex as in a quote, `left_out` with the reasons.
std::string ReferenceJson(const ReferenceValues& values);

// A message for Trustee's Reference Value Provider Service (`rvps-tool register --path`), type
// "sample": values by the names of its policies (mr_td), lower-case hex.
std::string TrusteeMessage(const ReferenceValues& values);

// A policy for go-tdx-guest's `check -config FILE.textproto`: text of its message
// checkconfig.Config (proto/checkconfig.proto).
std::string GoTdxGuestPolicy(const ReferenceValues& values);

// A policy for the appraisal library of Intel's DCAP: one entry for the identity of a TD on a TDX
// module of version 1.5. Its attributes are written highest byte first, all else as in a quote.
std::string IntelAppraisalPolicy(const ReferenceValues& values);

}  // namespace ccplace

#endif  // CCPLACE_LIB_MEASUREMENT_REFERENCE_VALUES_H_
