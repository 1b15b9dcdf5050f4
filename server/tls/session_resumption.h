// No TLS session outlives its connection.
#ifndef CCPLACE_SERVER_TLS_SESSION_RESUMPTION_H_
#define CCPLACE_SERVER_TLS_SESSION_RESUMPTION_H_

namespace ccplace {

// Has every TLS context that this process makes from here on keep no sessions and give out no
// tickets: a resumed session shows no certificate again, and none of its chain. gRPC 1.51 has no
// setting for it. May be called again. Thread-safe.
void TurnOffSessionResumption();

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TLS_SESSION_RESUMPTION_H_
