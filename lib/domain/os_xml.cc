#include "lib/domain/os_xml.h"

namespace ccplace {
namespace {

void WriteSecureBoot(SecureBoot secure_boot, XmlWriter& xml) {
  if (secure_boot == SecureBoot::kUnstated) return;
  xml.Start("firmware");
  if (secure_boot == SecureBoot::kOn) {
    xml.Own(R"(<feature enabled="yes" name="secure-boot"/>)");
  } else {
    xml.Own(R"(<feature enabled="no" name="secure-boot"/>)");
  }
  xml.End();
}

}  // namespace

void WriteOs(const std::string& machine_type, SecureBoot secure_boot, Loader loader,
             XmlWriter& xml) {
  xml.Start("os").Attribute("firmware", "efi");
  xml.Start("type").Attribute("arch", "x86_64").Attribute("machine", machine_type);
  xml.Text("hvm").End();
  WriteSecureBoot(secure_boot, xml);
  if (loader == Loader::kStateless) xml.Own(R"(<loader stateless="yes"/>)");
  if (loader == Loader::kStatelessRom) xml.Own(R"(<loader type="rom" stateless="yes"/>)");
  xml.End();
}

}  // namespace ccplace
