// A run file read by programs that others wrote: @mcap/core with @mcap/support and protobufjs, as Foxglove
// itself does, once by its index and once from front to back. Prints what it found as JSON.
//
//   npm install --prefix /tmp/npmr @mcap/core@2.2.2 @mcap/support@1.1.0 @foxglove/schemas@2.1.0
//   NODE_PATH=/tmp/npmr/node_modules node bench/foreign_runs.cjs run.mcap

const fs = require("fs");
const { McapIndexedReader, McapStreamReader } = require("@mcap/core");
const { loadDecompressHandlers, protobufFromBinaryDescriptor } = require("@mcap/support");

class Readable {
  constructor(path) {
    this.handle = fs.openSync(path, "r");
  }
  async size() {
    return BigInt(fs.fstatSync(this.handle).size);
  }
  async read(offset, size) {
    const bytes = new Uint8Array(Number(size));
    fs.readSync(this.handle, bytes, 0, bytes.length, Number(offset));
    return bytes;
  }
}

class Found {
  constructor() {
    this.types = new Map();
    this.topics = {};
  }
  take(channel, schema, message) {
    if (!this.types.has(schema.id)) {
      this.types.set(schema.id, protobufFromBinaryDescriptor(schema.data).lookupType(schema.name));
    }
    const type = this.types.get(schema.id);
    const decoded = type.toObject(type.decode(message.data), { longs: String, bytes: String, defaults: true });
    const topic = (this.topics[channel.topic] ??= { count: 0, schema: schema.name });
    topic.count += 1;
    topic.last = decoded;
    topic.at_ns = String(message.logTime);
  }
}

async function main(path) {
  const decompressHandlers = await loadDecompressHandlers();
  const byIndex = new Found();
  const reader = await McapIndexedReader.Initialize({ readable: new Readable(path), decompressHandlers });
  for await (const message of reader.readMessages()) {
    const channel = reader.channelsById.get(message.channelId);
    byIndex.take(channel, reader.schemasById.get(channel.schemaId), message);
  }
  const metadata = [];
  for await (const record of reader.readMetadata()) metadata.push(record.name);
  const fromFront = new Found();
  const stream = new McapStreamReader({ decompressHandlers, validateCrcs: true });
  stream.append(fs.readFileSync(path));
  const schemas = new Map();
  const channels = new Map();
  for (let record; (record = stream.nextRecord()); ) {
    if (record.type === "Schema") schemas.set(record.id, record);
    if (record.type === "Channel") channels.set(record.id, record);
    if (record.type === "Message") {
      const channel = channels.get(record.channelId);
      fromFront.take(channel, schemas.get(channel.schemaId), record);
    }
  }
  console.log(JSON.stringify({ byIndex: byIndex.topics, fromFront: fromFront.topics, metadata, done: stream.done() }));
}

main(process.argv[2]);
