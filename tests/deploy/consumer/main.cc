// Asks a host how many trust domains fit. argv[1]: ccplaced's address.
#include <iostream>

#include "client/client.h"

int main(int argc, char** argv) {
  ccplace::ClientOptions options;
  if (argc > 1) options.address = argv[1];
  const auto client = ccplace::HostClient::Create(options);
  if (!client.ok()) {
    std::cerr << client.status() << "\n";
    return 2;
  }
  const auto answer = (*client)->TdxInventory({});
  if (!answer.ok()) {
    std::cerr << answer.status() << "\n";
    return 1;
  }
  std::cout << answer->ShortDebugString() << "\n";
}
