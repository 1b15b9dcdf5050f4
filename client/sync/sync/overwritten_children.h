// Figures and traits of ours that somebody else changes.
#ifndef CCPLACE_CLIENT_SYNC_SYNC_OVERWRITTEN_CHILDREN_H_
#define CCPLACE_CLIENT_SYNC_SYNC_OVERWRITTEN_CHILDREN_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/placement/observed.h"
#include "lib/placement/plan.h"

namespace ccplace::sync {

// Decides when figures, and when traits, may be set back: each twice in fifty looks, then when a
// person says so. Two programs that differ over one child, such as a second ccplace-sync for the
// node, undo each other's writes a few times and not for ever: the first that gives in leaves the
// other's. For one thread.
class OverwrittenChildren {
 public:
  // A look at Placement begins.
  void OnLook() { ++looks_; }

  // A round begins.
  void OnRound();

  // Takes out of the plan what is not to be set back, and says so in its notes. Returns how many
  // children somebody else changed since Remember: one counts once a round.
  uint64_t HoldBack(Plan& plan);

  // This is what Placement holds after a round.
  void Remember(const ObservedTree& tree);

  // It is not known whether what was written to the child arrived.
  void Forget(const std::string& uuid) { written_.erase(uuid); }

  // All may be set back.
  void Forgive() { changes_.clear(); }

 private:
  struct Changes {
    int count = 0;
    uint64_t at_look = 0;
    bool in_this_round = false;
  };

  // As this program left a child.
  struct Written {
    KeyFigures keys;
    std::vector<std::string> traits;  // Sorted.
  };
  using Part = std::pair<std::string, StepKind>;  // A child's UUID, and which part of it.

  // Whether the step sets what this program had left there already.
  static bool SetsBack(const Step& step, const Written& written);
  // Whether the step is to be done. Says in it where it sets something back, and counts that.
  bool MayWrite(Step& step, uint64_t& counted);
  // Once a round.
  void Count(Changes& changes, uint64_t& counted) const;

  void RememberPart(const Part& part);

  std::map<std::string, Written> written_;  // By the child's UUID.
  std::map<Part, Changes> changes_;
  std::set<Part> held_back_;  // In this round.
  uint64_t looks_ = 0;
};

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_SYNC_OVERWRITTEN_CHILDREN_H_
