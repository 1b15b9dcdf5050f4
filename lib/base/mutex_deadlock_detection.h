// What Abseil's locks, which are gRPC's, keep in mind.
#ifndef CCPLACE_LIB_BASE_MUTEX_DEADLOCK_DETECTION_H_
#define CCPLACE_LIB_BASE_MUTEX_DEADLOCK_DETECTION_H_

namespace ccplace {

// Has Abseil's locks not record in which order they are taken (decision 0013). Debian builds Abseil
// with its debugging aids: every lock of gRPC's is noted in one graph of the whole process, under
// one more lock, in memory that grows with the load, and two locks that are taken in either order
// end the process, whether they ever meet or not (SetMutexDeadlockDetectionMode,
// absl/synchronization/mutex.h). For main, before there are threads.
void DisableMutexDeadlockDetection();

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_MUTEX_DEADLOCK_DETECTION_H_
