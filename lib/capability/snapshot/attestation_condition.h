// Attestation as a condition of placement: TDX keys are withheld from schedulers while guests could
// not be attested (--require_attestation).
#ifndef CCPLACE_LIB_CAPABILITY_SNAPSHOT_ATTESTATION_CONDITION_H_
#define CCPLACE_LIB_CAPABILITY_SNAPSHOT_ATTESTATION_CONDITION_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "ccplace/v1/capability.pb.h"
#include "lib/base/clock.h"
#include "lib/capability/snapshot/snapshot.h"

namespace ccplace {

// Decides over readings of the Quote Generation Service's socket, so that a service that comes and
// goes moves no keys. A reading counts with the model's attestation: SUPPORTED is a yes,
// UNSUPPORTED a no. UNKNOWN says nothing, and neither does a reading while libvirt was never read,
// which alone says as whom QEMU would connect.
//
// The first reading that says anything decides. From then on keys are withheld after kReadings noes
// in a row over kWithholdAfter intervals at least, and given back after kReadings yeses in a row
// over kGiveBackAfter intervals at least. Before the first, whether they are withheld is unknown:
// the figures are, and nothing is changed in Placement.
//
// Not thread-safe: used by whatever builds snapshots, one at a time.
class AttestationCondition {
 public:
  static constexpr int kReadings = 3;
  static constexpr int kWithholdAfter = 2;
  static constexpr int kGiveBackAfter = 6;

  // `interval`: usual time between readings in full. `clock` must outlive it.
  AttestationCondition(std::chrono::milliseconds interval, const Clock& clock);

  // Counts the reading that `snapshot` was built of, once however many are built of it, and puts
  // the decision into its keys of intel-tdx. `reading`: its number (HostFileFacts::number).
  void Apply(uint64_t reading, bool libvirt_was_read, Snapshot& snapshot);

 private:
  enum class State { kUndecided, kOpen, kWithheld };

  void Note(v1::Support said, const std::string& why);
  bool IsSettled(int least_intervals) const;
  std::string Why() const;

  const std::chrono::milliseconds interval_;
  const Clock& clock_;
  State state_ = State::kUndecided;
  uint64_t last_reading_ = 0;
  v1::Support row_ = v1::SUPPORT_UNKNOWN;  // What the latest readings in a row said ...
  int row_length_ = 0;                     // ... how many they are ...
  std::chrono::steady_clock::time_point row_began_;
  std::string why_not_;  // Of the latest no, and before any of the latest that said nothing.
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_SNAPSHOT_ATTESTATION_CONDITION_H_
