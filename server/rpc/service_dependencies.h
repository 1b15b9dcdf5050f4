// What the handlers of the service work with.
#ifndef CCPLACE_SERVER_RPC_SERVICE_DEPENDENCIES_H_
#define CCPLACE_SERVER_RPC_SERVICE_DEPENDENCIES_H_

#include <chrono>
#include <functional>
#include <memory>

#include "lib/base/atomic_shared_ptr.h"
#include "lib/base/work_pool.h"
#include "lib/capability/monitor/host_state.h"
#include "lib/lifecycle/tdx_lifecycle.h"
#include "server/common/refusal_counts.h"
#include "server/rpc/call_counts.h"
#include "server/rpc/watchers.h"
#include "server/tls/certificate_validity.h"

namespace ccplace {

// What the handlers call. None of the pointers may be null; shared, because a call that libvirt
// blocks outlives its answer.
struct ServiceDependencies {
  std::shared_ptr<WorkPool> pool;  // First, so that it ends last: the state reads libvirt on it.
  std::shared_ptr<HostState> state;
  std::shared_ptr<TdxLifecycle> lifecycle;
  std::shared_ptr<Watchers> watchers;
  std::shared_ptr<CallCounts> calls = std::make_shared<CallCounts>();
  std::shared_ptr<RefusedConnections> refused = std::make_shared<RefusedConnections>();
  std::shared_ptr<RefusedCertificates> refused_certificates =
      std::make_shared<RefusedCertificates>();
  std::shared_ptr<AtomicSharedPtr<CertificateValidity>> tls_dates =
      std::make_shared<AtomicSharedPtr<CertificateValidity>>(
          std::make_shared<const CertificateValidity>());
  // Makes the next reading ask libvirt for firmware again, changed or not: for SIGHUP.
  std::function<void()> ask_firmware_anew = [] {};
  std::chrono::milliseconds hypervisor_timeout{
      30000};  // For calls without a deadline of their own.
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_RPC_SERVICE_DEPENDENCIES_H_
