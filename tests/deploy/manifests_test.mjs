// Renders each kustomization and holds every object to the Kubernetes API's own schemas, strictly:
// a field that the schema does not know is an error. Two checks do it: the schemas' validators
// (required fields, types, patterns), and the TypeScript compiler over the same objects as typed
// literals, where an unknown field at any depth does not compile. Both come from the packages
// kubernetes-models and @kubernetes-models/prometheus-operator, made from the published OpenAPI and
// CRD schemas. Then come the promises of our own manifests.
// usage: manifests_test.mjs CCPLACED CCPLACE_SYNC    (from the source folder)
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const tools = resolve("tests/node_modules");
const require = createRequire(join(tools, "x.js"));
const { parseAllDocuments } = require("yaml");
const overlays = ["base", "daemonset", "nova-compute", "monitoring"];

function fail(text) {
  console.error(`FAILED: ${text}`);
  process.exit(1);
}

function expect(condition, text) {
  if (!condition) fail(text);
  console.log(`  ${text}`);
}

function render(overlay) {
  const { status, stdout, stderr } = spawnSync(
    "tests/deploy/kubectl", ["kustomize", `deploy/kubernetes/${overlay}`], { encoding: "utf8" });
  // Deprecated fields are warned of.
  expect(status === 0 && !/warning/i.test(stderr), `kubectl renders ${overlay} ${stderr}`);
  const text = stdout;
  return parseAllDocuments(text, { strict: true, uniqueKeys: true }).map((document) => {
    if (document.errors.length > 0) fail(`${overlay}: ${document.errors[0]}`);
    return document.toJS();
  });
}

// The module that knows an object's type, as npm names it.
function moduleOf(object) {
  const [group, version] = object.apiVersion.includes("/")
    ? object.apiVersion.split("/") : ["", object.apiVersion];
  const home = group === "monitoring.coreos.com"
    ? "@kubernetes-models/prometheus-operator" : "kubernetes-models";
  return [home, group, version, object.kind].filter(Boolean).join("/");
}

async function validate(overlay, object) {
  const file = join(tools, `${moduleOf(object)}.js`);
  if (!existsSync(file)) fail(`${overlay}: no schema of ${object.apiVersion} ${object.kind}`);
  const model = (await import(pathToFileURL(file)))[object.kind];
  try {
    new model(object).validate();
  } catch (error) {
    fail(`${overlay}: ${object.kind} ${object.metadata.name}: ${error.message}`);
  }
}

// Compiles objects as typed literals; returns the names of those that do not compile, with why.
function compile(objects) {
  const folder = mkdtempSync(join(resolve("tests"), ".manifests-"));
  try {
    const files = [...objects].map(([name, object]) => {
      const text = `import { I${object.kind} } from "${moduleOf(object)}";\n` +
        `export const object: I${object.kind} = ${JSON.stringify(object, null, 1)};\n`;
      writeFileSync(join(folder, `${name}.ts`), text);
      return join(folder, `${name}.ts`);
    });
    symlinkSync(tools, join(folder, "node_modules"));
    const { stdout } = spawnSync(join(tools, ".bin/tsc"),
      ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext",
       "--moduleResolution", "nodenext", "--pretty", "false", ...files], { encoding: "utf8" });
    return stdout.split("\n").filter((line) => line.includes("error TS"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// A copy of `object` with one misspelt field at each of some depths.
function misspelt(object, path) {
  const copy = structuredClone(object);
  path.reduce((at, key) => at[key], copy).misspeltField = true;
  return copy;
}

function checkSchemas(rendered) {
  const objects = new Map();
  for (const [overlay, list] of Object.entries(rendered)) {
    list.forEach((object, i) => objects.set(`${overlay}-${i}`, object));
  }
  const daemonSet = rendered.daemonset.find(({ kind }) => kind === "DaemonSet");
  const monitor = rendered.monitoring.find(({ kind }) => kind === "ServiceMonitor");
  const container = ["spec", "template", "spec", "containers", 0];
  const wrong = new Map([
    ["wrong-a", misspelt(daemonSet, container)],
    ["wrong-b", misspelt(daemonSet, [...container, "securityContext", "seccompProfile"])],
    ["wrong-c", misspelt(monitor, ["spec", "endpoints", 0])],
  ]);
  const errors = compile(new Map([...objects, ...wrong]));
  const unwanted = errors.filter((line) => !/wrong-[abc]\.ts/.test(line));
  if (unwanted.length > 0) fail(unwanted.join("\n"));
  const caught = new Set(errors.filter((line) => line.includes("misspeltField"))
    .map((line) => line.match(/wrong-[abc]/)?.[0]));
  expect(caught.size === wrong.size, `${wrong.size} misspelt fields are found`);
  console.log(`  ${objects.size} objects have no field that their schemas do not know`);
}

function podOf(rendered, overlay) {
  return rendered[overlay].find(({ kind }) => kind === "DaemonSet").spec.template.spec;
}

function containerOf(pod, name) {
  return pod.containers.find((container) => container.name === name);
}

// What --name=VALUE says on a container's command line.
function flagOf(container, name) {
  const said = container.args.find((arg) => arg.startsWith(`--${name}=`));
  return said?.slice(`--${name}=`.length);
}

// The volumes that a container mounts, by mount.
function mounts(pod, name) {
  return containerOf(pod, name).volumeMounts.map((mount) => ({
    ...mount, volume: pod.volumes.find((volume) => volume.name === mount.name),
  }));
}

function checkDaemon(overlay, pod) {
  const host = mounts(pod, "ccplaced").filter(({ mountPath, name }) =>
    mountPath.startsWith("/host") && name !== "nova-etc");
  expect(host.length > 0 && host.every((mount) => mount.readOnly && mount.volume.hostPath),
         `${overlay}: ccplaced has ${host.length} host folders, each read-only, under /host`);
  expect(host.every((mount) => mount.mountPath === `/host${mount.volume.hostPath.path}`),
         `${overlay}: each host folder lies where --host_root=/host looks for it`);
  const ccplaced = containerOf(pod, "ccplaced");
  const operator = flagOf(ccplaced, "operator_socket");
  expect(["startupProbe", "readinessProbe", "livenessProbe"].every((probe) =>
    ccplaced[probe].exec.command.includes(`--address=unix:${operator}`)),
         `${overlay}: ccplaced is probed where no user's flood reaches, ${operator}`);
  for (const { name, securityContext: context, resources } of
       [...pod.containers, ...pod.initContainers ?? []]) {
    if (name === "nova-compute") continue;
    expect(context.readOnlyRootFilesystem && context.allowPrivilegeEscalation === false &&
           context.capabilities.drop.includes("ALL") && !context.privileged &&
           context.seccompProfile.type === "RuntimeDefault" && resources.limits.memory,
           `${overlay}: ${name} is confined and bounded`);
  }
}

const endpoints = ["operator_socket", "readonly_socket", "tls_address", "plaintext_address"];

// Floods of every endpoint at once end requests, not ccplaced: docs/reliability.md, Limits.
function checkMemory(overlay, pod) {
  const ccplaced = containerOf(pod, "ccplaced");
  const open = endpoints.filter((endpoint) => flagOf(ccplaced, endpoint));
  const mib = Number(flagOf(ccplaced, "grpc_memory_mib"));
  const limit = Number(ccplaced.resources.limits.memory.match(/^(\d+)Mi$/)[1]);
  const most = open.length * (5 * mib + 64);
  expect(open.length > 0 && most < limit,
         `${overlay}: floods of ${open.length} endpoints take ${most} MiB of ${limit} at most`);
}

// An overlay adds to the base's command line, and takes nothing away.
function checkBaseArgs(pods) {
  const { args } = containerOf(pods.base, "ccplaced");
  for (const overlay of ["daemonset", "monitoring"]) {
    const lost = args.filter((arg) => !containerOf(pods[overlay], "ccplaced").args.includes(arg));
    expect(lost.length === 0, `${overlay}: of the base's ${args.length} flags it lost: ${lost}`);
  }
}

// The container's README runs it by hand as the DaemonSet does: the same folders of the host, and none
// that podman would not find.
function checkReadme(pod) {
  const readme = readFileSync("deploy/container/README.md", "utf8");
  const given = [...readme.matchAll(/-v (\/\S+):(\/host\/\S+):ro/g)]
    .map(([, from, to]) => `${from} ${to}`).sort();
  const wanted = mounts(pod, "ccplaced").filter(({ mountPath }) => mountPath.startsWith("/host"))
    .map(({ mountPath, volume }) => `${volume.hostPath.path} ${mountPath}`).sort();
  expect(given.join() === wanted.join(), `the container's README mounts the same folders: ${given}`);
  const made = readme.match(/^mkdir -p (.*)$/m)[1].split(" ");
  const optional = pod.volumes.filter(({ hostPath }) => hostPath?.type === "DirectoryOrCreate")
    .map(({ hostPath }) => hostPath.path).filter((path) => !path.endsWith("libvirt"));
  expect(optional.every((path) => made.includes(path)), `and makes first: ${optional}`);
}

function checkSync(pod) {
  const seen = mounts(pod, "ccplace-sync");
  expect(seen.every(({ volume }) => volume.emptyDir), "ccplace-sync has no host folder");
  expect(seen.length === 1 && seen[0].readOnly, "ccplace-sync sees the read-only socket alone");
  const others = pod.containers.filter(({ name }) => name !== "ccplaced")
    .flatMap((container) => container.volumeMounts ?? []);
  expect(others.every(({ name }) => name !== "ccplace-operator"),
         "only ccplaced sees the operator socket");
  const made = pod.initContainers.find(({ name }) => name === "ccplace-folders");
  const folders = pod.containers.find(({ name }) => name === "ccplaced").volumeMounts
    .filter(({ mountPath }) => mountPath.startsWith("/run/")).map(({ mountPath }) => mountPath);
  expect(folders.length === 2 && folders.every((folder) => made.command.includes(folder)),
         "everybody's write is taken from both socket folders");
  expect(containerOf(pod, "ccplace-sync").securityContext.runAsNonRoot, "ccplace-sync is not root");
}

// What listens, what the Service and the ServiceMonitor name and what the policy opens is one port.
function checkMetrics(rendered) {
  const find = (kind, name) => rendered.monitoring.find((object) =>
    object.kind === kind && object.metadata.name === name);
  const { args, ports } = containerOf(podOf(rendered, "monitoring"), "ccplaced");
  const address = args.map((arg) => arg.match(/^--metrics_address=(.*)$/)?.[1]).find(Boolean);
  const [{ name, containerPort }] = ports;
  expect(address === `0.0.0.0:${containerPort}` && args.includes("--metrics_beyond_loopback"),
         `monitoring: ccplaced serves its metrics on ${address}`);
  const labels = podLabels(rendered, "monitoring");
  const service = find("Service", "ccplaced");
  const [port] = service.spec.ports;
  expect(selects(service.spec.selector, labels) && port.targetPort === name,
         `monitoring: the Service leads to the pod's port ${name}`);
  const monitor = find("ServiceMonitor", "ccplaced").spec;
  expect(selects(monitor.selector.matchLabels, service.metadata.labels) &&
         monitor.endpoints[0].port === port.name && !monitor.endpoints[0].scheme,
         "monitoring: the ServiceMonitor finds the Service, and speaks what ccplaced serves");
  expect(service.metadata.labels[monitor.jobLabel] === "ccplaced",
         "monitoring: the job is named as the alert rules expect");
  const policy = find("NetworkPolicy", "ccplaced-metrics").spec;
  expect(selects(policy.podSelector.matchLabels, labels) && policy.ingress.length === 1 &&
         policy.ingress[0].from.every(({ namespaceSelector }) => namespaceSelector) &&
         policy.ingress[0].ports.every((open) => open.port === name) && !policy.egress,
         "monitoring: the policy opens that port to one namespace, and nothing else");
  for (const container of ["ccplaced", "ccplace-sync"]) {
    expect(containerOf(podOf(rendered, "nova-compute"), container).args
      .some((arg) => /^--metrics_address=127\.0\.0\.1:\d+$/.test(arg)),
           `nova-compute: ${container} serves its metrics on the node's loopback alone`);
  }
}

function podLabels(rendered, overlay) {
  return rendered[overlay].find(({ kind }) => kind === "DaemonSet").spec.template.metadata.labels;
}

function selects(selector, labels) {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

// ccplaced reads the very file that nova-compute starts with.
function checkNovaConfig(pod) {
  const mountOf = (container, path) =>
    containerOf(pod, container).volumeMounts.find(({ mountPath }) => mountPath === path);
  const nova = mountOf("nova-compute", "/etc/nova/nova.conf");
  const ours = mountOf("ccplaced", "/host/etc/nova/nova.conf");
  expect(containerOf(pod, "ccplaced").args.includes("--nova_config=/etc/nova/nova.conf") &&
         ours?.readOnly && ours.name === nova.name && ours.subPath === nova.subPath,
         "nova-compute: ccplaced reads nova-compute's nova.conf, read-only");
}

// The programs know every flag that the manifests give them.
function checkFlags(pods, programs) {
  for (const [overlay, pod] of Object.entries(pods)) {
    for (const { name, args } of pod.containers) {
      if (!(name in programs) || !existsSync(programs[name])) continue;
      const help = spawnSync(programs[name], ["--help"], { encoding: "utf8" }).stdout;
      const unknown = args.map((arg) => arg.match(/^--(\w+)/)[1])
        .filter((flag) => !help.includes(`    --${flag} (`));
      expect(unknown.length === 0,
             `${overlay}: ${name}, flags: ${args.length} given, unknown: ${unknown}`);
    }
  }
}

const [ccplaced, sync] = process.argv.slice(2);
const rendered = Object.fromEntries(overlays.map((overlay) => [overlay, render(overlay)]));
for (const [overlay, objects] of Object.entries(rendered)) {
  for (const object of objects) await validate(overlay, object);
  console.log(`  ${overlay}: ${objects.map(({ kind }) => kind).join(", ")}: valid`);
}
checkSchemas(rendered);
const pods = Object.fromEntries(overlays.map((overlay) => [overlay, podOf(rendered, overlay)]));
for (const [overlay, pod] of Object.entries(pods)) {
  checkDaemon(overlay, pod);
  checkMemory(overlay, pod);
}
checkBaseArgs(pods);
checkReadme(pods.daemonset);
checkSync(pods["nova-compute"]);
checkNovaConfig(pods["nova-compute"]);
checkMetrics(rendered);
checkFlags(pods, { ccplaced, "ccplace-sync": sync });
console.log("1 passed, 0 failed");
