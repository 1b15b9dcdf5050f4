// What the rules see of a request: its settings, and what nova would draw from them.
// Thread-safe once made; points into the request and the policy, which must outlive it.
#ifndef CCPLACE_LIB_REQUEST_REQUEST_FACTS_H_
#define CCPLACE_LIB_REQUEST_REQUEST_FACTS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/request.pb.h"
#include "lib/request/models.h"
#include "lib/request/settings.h"

namespace ccplace::rules {

struct RequestFacts {
  RequestFacts(const v1::ValidateRequestRequest& request_in, const v1::HostPolicy& policy_in);

  // The same of a request whose flavor and image were read before; these need not outlive it.
  RequestFacts(const v1::ValidateRequestRequest& request_in, const v1::HostPolicy& policy_in,
               const Settings& flavor, const Settings& image);

  // The value of a key that is a boolean's.
  Boolean Bool(Key key) const { return settings.Bool(key); }

  const v1::ValidateRequestRequest& request;
  const v1::HostPolicy& policy;
  Settings settings;
  Contents contents;           // Of the whole request.
  v1::Operation operation;     // Never UNSPECIFIED.
  v1::RequestDialect dialect;  // Never UNSPECIFIED.

  // Whether encryption is asked for, or not clearly not asked for.
  bool asked;
  bool model_named;    // By either side.
  const Model* model;  // Null: not known.
  // A key's value; empty too where it is missing.
  absl::string_view Text(Key key) const {
    const std::string* value = settings[key];
    return value == nullptr ? absl::string_view() : absl::string_view(*value);
  }
  // A key's value, the flavor's before the image's; empty where neither states one.
  absl::string_view FlavorFirst(Key flavor, Key image) const;

  // Whether the image names a model that nova does not know, so that no server starts from it.
  bool UnknownModelOfImage() const;

  // Set of Need: what every model that can still be meant demands. With a conflict that is what
  // both sides' models share; with a model nobody knows, what all share.
  uint32_t needs;

  // In force, with nova's order: the image, then (blueprint alone) the flavor, then the host.
  // Empty: not stated.
  absl::string_view firmware_type;
  absl::string_view machine_type;

 private:
  struct FromSources {};

  // `sources` are what Settings is made of.
  template <typename... Sources>
  RequestFacts(FromSources, const v1::ValidateRequestRequest& request_in,
               const v1::HostPolicy& policy_in, const Sources&... sources);
};

// What nova, where it does not check, makes of a value: anything that is not true is false.
inline bool NovaReads(Boolean value) { return value == Boolean::kTrue; }

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_REQUEST_FACTS_H_
