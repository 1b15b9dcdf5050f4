// Abseil's mutex deadlock detection, for gRPC's mutexes.
#ifndef CCPLACE_LIB_BASE_MUTEX_DEADLOCK_DETECTION_H_
#define CCPLACE_LIB_BASE_MUTEX_DEADLOCK_DETECTION_H_

namespace ccplace {

// Switches off the recording of lock order (decision 0013). Debian builds Abseil with debugging
// aids: every lock of gRPC is recorded in one graph of the process, under one more lock, in memory
// that grows with the load; and two locks that are taken in both orders end the process, even if
// they can never deadlock (SetMutexDeadlockDetectionMode, absl/synchronization/mutex.h). For main,
// before there are threads.
void DisableMutexDeadlockDetection();

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_MUTEX_DEADLOCK_DETECTION_H_
