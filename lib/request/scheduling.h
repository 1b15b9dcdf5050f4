// What a scheduler must ask Placement for, drawn from a request. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_REQUEST_SCHEDULING_H_
#define CCPLACE_LIB_REQUEST_SCHEDULING_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "ccplace/v1/request.pb.h"
#include "lib/request/request_facts.h"

namespace ccplace::rules {

// What a thread policy comes to in Placement.
inline constexpr absl::string_view kHyperthreadingTrait = "HW_CPU_HYPERTHREADING";

// The amount of a "resources:" extra spec: digits alone, 0 to 2147483647 (Placement's bound).
std::optional<uint64_t> ReadAmount(absl::string_view text);

// Whether flavor or image requires secure boot.
bool AsksSecureBoot(const Settings& settings);

// Whether a "resources:" spec asks for PCPU.
bool AsksDedicatedCpus(const Settings& settings);

// Whether the request, apart from "trait:" specs, requires this trait.
bool IsRequired(const RequestFacts& facts, absl::string_view trait);

// Fills `scheduling` (empty on entry) for an accepted request: the flavor's own figures, what its
// and the image's "resources:" and "trait:" specs say, one key of the model.
void FillScheduling(const RequestFacts& facts, v1::SchedulerRequest& scheduling);

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_SCHEDULING_H_
