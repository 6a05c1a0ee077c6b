// OSCQuery read by a client that others wrote: the npm package oscquery (1.1.1), over real HTTP.
//
//   npm install --prefix /tmp/npmq oscquery@1.1.1
//   NODE_PATH=/tmp/npmq/node_modules node bench/query_node.cjs 127.0.0.1 9002
//
// Nothing is searched for in the network: the address is given. Ends with 1 if something is not as it should.

const { OSCQueryDiscovery } = require("oscquery");

async function main(address, port) {
  const began = performance.now();
  const service = await new OSCQueryDiscovery().queryNewService(address, Number(port));
  const took = performance.now() - began;
  const methods = service.flat();
  const heat = service.resolvePath("/learning/heat");
  const look = service.resolvePath("/picture/look");
  const undo = service.resolvePath("/learning/undo");
  console.log(`${service.hostInfo.name}: OSC at ${service.hostInfo.oscIp}:${service.hostInfo.oscPort}`);
  console.log(`${methods.length} methods read in ${took.toFixed(1)} ms (tree and HOST_INFO)`);
  console.log("heat", heat.getValue(0), JSON.stringify(heat._args[0].range), heat._args[0].clipmode);
  console.log("look", look.getValue(0), look._args[0].range.vals.length, "looks");
  console.log("undo", undo._access, undo._critical ? "critical" : "");
  const fine =
    service.hostInfo.extensions.LISTEN === true &&
    methods.length > 400 &&
    typeof heat.getValue(0) === "number" &&
    heat._args[0].range.min < heat._args[0].range.max &&
    look._args[0].range.vals.includes(look.getValue(0)) &&
    undo._access === 2;
  console.log(fine ? "all as it should be" : "NOT as it should be");
  process.exit(fine ? 0 : 1);
}

main(process.argv[2] ?? "127.0.0.1", process.argv[3] ?? "9002").catch((error) => {
  console.error(String(error));
  process.exit(1);
});
