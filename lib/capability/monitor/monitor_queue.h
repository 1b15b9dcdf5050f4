// What other threads hand to the monitor's thread.
#ifndef CCPLACE_LIB_CAPABILITY_MONITOR_MONITOR_QUEUE_H_
#define CCPLACE_LIB_CAPABILITY_MONITOR_MONITOR_QUEUE_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/capability/facts/facts.h"

namespace ccplace {

// Events of libvirt, callers that wait for a reading, domains that were just defined, and the
// result of the latest reading. Thread-safe; shared with work that may outlive the monitor. It
// never completes a caller at its deadline: DeadlineTimer::WithDeadline does. It drops such
// callers, also while nothing calls Collect; for a dropped new domain it records an event, so that
// a reading finds it.
class MonitorQueue {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Done = std::function<void(absl::Status)>;

  // A caller of Refresh, and the status that it gets.
  struct Completion {
    Done done;
    absl::Status status;
    void Finish() const { done(status); }
  };

  // A domain that was just defined. `done` is called once it is in the facts, or at `deadline`.
  struct NewDomain {
    DomainDescription domain;
    TimePoint deadline;
    Done done;
  };

  // The latest number of a caller of each kind: RefreshDomains, Refresh. Numbers grow; 0: none.
  struct Waiters {
    uint64_t domains = 0;
    uint64_t everything = 0;
  };

  // All that came since the last Collect.
  struct PendingEvents {
    bool stop = false;
    bool event = false;    // Domains changed or the connection was lost. Stays until a
                           // reading begins.
    bool reading = false;  // A reading is under way, be it a stuck one.
    TimePoint event_at;    // When the first such event came.
    bool lost = false;     // One of the events was the loss of the connection.
    Waiters asked;         // The latest callers that wait.
    std::vector<NewDomain> defined;
    absl::Status failure;  // Why the pool gave the reading up; OK: it did not.
    std::optional<absl::StatusOr<HypervisorFacts>> facts;  // The reading came to its end.
  };

  // Waits until something comes, `until` at most.
  PendingEvents Collect(TimePoint until);

  void Stop();
  // `everything`: a reading of the domains alone does not answer it.
  void Event(bool everything);
  // Queues a caller and takes its `done`; leaves it when it refuses: UNAVAILABLE once stopped, and
  // RESOURCE_EXHAUSTED with `everything` when `limit` such callers wait already. Callers after a
  // write are never refused for that: writes have a limit of their own.
  absl::Status AddWaiter(TimePoint deadline, bool everything, Done& done, size_t limit);
  // Hands over a domain and its `done`; leaves them when it refuses: UNAVAILABLE once stopped.
  absl::Status Add(NewDomain& defined);
  // Removes the callers of both kinds up to their numbers in `upto`; each is to get `status`.
  std::vector<Completion> TakeWaiters(const Waiters& upto, const absl::Status& status);

  // Held by a reading from its beginning until nothing of it can run any more.
  class Ticket {
   public:
    Ticket(std::shared_ptr<MonitorQueue> queue, bool everything);
    ~Ticket();
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

   private:
    const std::shared_ptr<MonitorQueue> queue_;
  };
  void Deliver(absl::StatusOr<HypervisorFacts> facts);
  void ReadFailed(absl::Status why);

 private:
  struct Waiter {
    uint64_t number;
    TimePoint deadline;
    bool everything;
    Done done;
  };

  void BeginReading(bool everything);
  void EndReading();
  void ForgetLate();
  void RecordEvent();

  std::mutex mutex_;
  std::condition_variable came_;
  bool stop_ = false;
  bool event_ = false;
  TimePoint event_at_;
  bool lost_ = false;  // One of the events was the loss of the connection.
  bool reading_ = false;
  bool news_ = false;  // Something came that Collect has not seen.
  uint64_t last_number_ = 0;
  std::list<Waiter> waiters_;  // By number.
  std::vector<NewDomain> defined_;
  absl::Status failure_;
  std::optional<absl::StatusOr<HypervisorFacts>> facts_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_MONITOR_MONITOR_QUEUE_H_
