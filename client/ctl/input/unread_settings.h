// Settings that no rule reads, of flavors and images that are past the contract's limits.
// Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_CTL_INPUT_UNREAD_SETTINGS_H_
#define CCPLACE_CLIENT_CTL_INPUT_UNREAD_SETTINGS_H_

#include "ccplace/v1/request.pb.h"

namespace ccplace::ctl {

// Takes out settings that no rule of this program reads, where the limits of request.proto would
// refuse them: each that is too long, and all of them where there are too many. They change no
// verdict. What a rule reads stays, of any length.
void LeaveOutUnread(v1::Flavor& flavor);
void LeaveOutUnread(v1::Image& image);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_INPUT_UNREAD_SETTINGS_H_
