// Three OSC programs from npm against a running show: osc (osc.js) by UDP, TCP and WebSocket, node-osc, oscquery.
//
//   npm install --prefix /tmp/foreign osc@2.4.5 node-osc@11.7.1 oscquery@1.1.1
//   NODE_PATH=/tmp/foreign/node_modules node bench/foreign_node.cjs OSC_PORT TCP_PORT QUERY_PORT
//
// `bench/foreign.py` starts it. Prints one JSON line for each: program, version, sent, seen, ok.

const { readFileSync } = require("fs");
const { join } = require("path");

const HOST = "127.0.0.1";
const [oscPort, tcpPort, queryPort] = process.argv.slice(2, 5).map(Number);
const SOON_MS = 15000;

function versionOf(name) {
  for (const folder of process.env.NODE_PATH.split(":")) {
    try {
      return JSON.parse(readFileSync(join(folder, name, "package.json"))).version;
    } catch {
      continue;
    }
  }
  return "?";
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(find, what) {
  const end = Date.now() + SOON_MS;
  for (;;) {
    const found = find();
    if (found) return found;
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await pause(10);
  }
}

const opened = (port) =>
  new Promise((done, failed) => {
    port.once("ready", done);
    port.once("error", failed);
    port.open();
  });

// One port of osc.js: how it stands is asked for, then it plays single values and a bundle ahead of its time.
async function oscJs(osc, port, subscribe) {
  const heard = [];
  port.on("message", (message) => heard.push([message.address, message.args[0]?.value]));
  port.on("bundle", (bundle) => bundle.packets.forEach((p) => heard.push([p.address, p.args[0]?.value])));
  await opened(port);
  subscribe(port);
  const latest = (address) => heard.filter(([at]) => at === address).at(-1)?.[1];
  await until(() => latest("/learning/fog") !== undefined, "how fog stands");
  await until(() => latest("/picture/look") !== undefined, "how the look stands");
  const look = latest("/picture/look") === "barcode" ? "test_pattern" : "barcode";
  const fog = latest("/learning/fog") > 0.6 ? 0.25 : 0.75;
  port.send({ address: "/picture/look", args: [{ type: "s", value: look }] });
  port.send({
    timeTag: osc.timeTag(0.2),
    packets: [
      { address: "/learning/fog", args: [{ type: "f", value: fog }] },
      { address: "/learning/helvetica", args: [{ type: "T" }] },
    ],
  });
  const near = (value) => value !== undefined && Math.abs(value - fog) < 1e-5;
  await until(() => near(latest("/learning/fog")), `fog ${fog}`);
  await until(() => latest("/picture/look") === look, `look ${look}`);
  await until(() => [1, true].includes(latest("/learning/helvetica")), "helvetica on");
  port.send({ address: "/learning/helvetica", args: [{ type: "F" }] });
  await until(() => [0, false].includes(latest("/learning/helvetica")), "helvetica off");
  port.close();
  return { sent: `subscribe, look ${look}, bundle in .2 s of fog ${fog} and T, then F`,
           seen: `fog ${latest("/learning/fog")}, look ${latest("/picture/look")}, ${heard.length} messages` };
}

const say = (port, pattern) =>
  port.send({ address: "/subscribe", args: [{ type: "s", value: pattern }] });
const bySubscription = (port) => ["/learning/*", "/picture/look"].forEach((each) => say(port, each));

function byUdp() {
  const osc = require("osc");
  const port = new osc.UDPPort({ localAddress: HOST, localPort: 0, remoteAddress: HOST, remotePort: oscPort, metadata: true });
  return oscJs(osc, port, bySubscription);
}

function byTcp() {
  const osc = require("osc");
  return oscJs(osc, new osc.TCPSocketPort({ address: HOST, port: tcpPort, metadata: true }), bySubscription);
}

function byWebSocket() {
  const osc = require("osc");
  const port = new osc.WebSocketPort({ url: `ws://${HOST}:${queryPort}/`, metadata: true });
  return oscJs(osc, port, () => {
    for (const path of ["/learning/fog", "/learning/helvetica", "/picture/look"]) {
      port.socket.send(JSON.stringify({ COMMAND: "LISTEN", DATA: path }));
    }
  });
}

async function nodeOsc() {
  const { Client, Server, Bundle } = require("node-osc");
  const server = new Server(0, HOST);
  const heard = [];
  server.on("message", (message) => heard.push(message));
  server.on("bundle", (bundle) => bundle.elements.forEach((each) => heard.push(each)));
  const listening = await until(() => { try { return server._sock.address().port; } catch { return 0; } }, "a port");
  const client = new Client(HOST, oscPort);
  await client.send("/subscribe", "/learning/*", listening);
  const latest = (address) => heard.filter(([at]) => at === address).at(-1)?.[1];
  await until(() => latest("/learning/heat") !== undefined, "how heat stands");
  const heat = latest("/learning/heat") > 2 ? 1.5 : 3.5;
  await client.send("/learning/heat", heat);
  await until(() => Math.abs(latest("/learning/heat") - heat) < 1e-4, `heat ${heat}`);
  await client.send(new Bundle(["/learning/heat", 1], ["/learning/fog", 0.5]));
  await until(() => Math.abs(latest("/learning/heat") - 1) < 1e-4, "heat 1");
  await until(() => Math.abs(latest("/learning/fog") - 0.5) < 1e-5, "fog 0.5");
  await client.close();
  await server.close();
  return { sent: `subscribe ${listening}, heat ${heat}, a bundle of heat 1 and fog 0.5`,
           seen: `heat ${latest("/learning/heat")}, fog ${latest("/learning/fog")}, ${heard.length} messages` };
}

async function oscquery() {
  const { OSCQueryDiscovery } = require("oscquery");
  const service = await new OSCQueryDiscovery().queryNewService(HOST, queryPort);
  const look = service.resolvePath("/picture/look");
  const fog = service.resolvePath("/learning/fog");
  const methods = service.flat().length;
  if (!look._args[0].range.vals.includes(look.getValue(0))) throw new Error("the look is none of its looks");
  if (typeof fog.getValue(0) !== "number") throw new Error("fog is no number");
  if (service.hostInfo.oscPort !== oscPort) throw new Error("another OSC port");
  return { sent: "GET /?HOST_INFO, GET /", seen: `${methods} methods, fog ${fog.getValue(0)}, look ${look.getValue(0)}` };
}

const WAYS = [
  ["osc", "osc.js by UDP", byUdp],
  ["osc", "osc.js by TCP (SLIP)", byTcp],
  ["osc", "osc.js by WebSocket", byWebSocket],
  ["node-osc", "node-osc", nodeOsc],
  ["oscquery", "oscquery (npm)", oscquery],
];

async function main() {
  for (const [name, program, way] of WAYS) {
    let told;
    try {
      told = { ok: true, ...(await way()) };
    } catch (error) {
      told = { ok: false, sent: "", seen: String(error) };
    }
    console.log(JSON.stringify({ program, version: versionOf(name), ...told }));
  }
  process.exit(0);
}

main();
