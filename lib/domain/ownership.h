// Names under which this service writes into a domain's metadata, and reads them back.
#ifndef CCPLACE_LIB_DOMAIN_OWNERSHIP_H_
#define CCPLACE_LIB_DOMAIN_OWNERSHIP_H_

namespace ccplace {

inline constexpr char kOwnershipNamespace[] = "urn:ccplace:domain:1";
inline constexpr char kOwnershipPrefix[] = "ccplace";
inline constexpr char kOwnershipElement[] = "domain";
inline constexpr char kOwnerElement[] = "owner";
inline constexpr char kRequestDigestElement[] = "requestDigest";
inline constexpr char kDefinedAtElement[] = "definedAt";
inline constexpr char kServiceVersionElement[] = "serviceVersion";
inline constexpr char kFirmwareElement[] = "firmware";  // Of the definition, and within a launch.
inline constexpr char kLaunchElement[] = "launch";
inline constexpr char kStartedAtElement[] = "startedAt";
inline constexpr char kFirmwareSha384Element[] = "firmwareSha384";  // Lower-case hex.
inline constexpr char kMrtdElement[] = "mrtd";                      // Lower-case hex.
inline constexpr char kTdxModuleElement[] = "tdxModule";

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_OWNERSHIP_H_
