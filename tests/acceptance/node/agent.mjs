// One client of the JavaScript SDK, driven by JSON lines: {"id", "do", ...} in, {"id", "result" | "error"} and {"told", ...} out.
// Started as: node agent.mjs json|protobuf ADDRESS TOKEN [TOKEN...]; the further tokens are what getToken gives, one after the other.

import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const [format, address, token, ...fresh] = process.argv.slice(2);
const isProtobuf = format === 'protobuf';
const { Centrifuge } = await import(isProtobuf ? 'centrifuge/build/protobuf' : 'centrifuge');

const put = (message) => process.stdout.write(JSON.stringify(message) + '\n');
const encode = (data) => (isProtobuf ? new TextEncoder().encode(JSON.stringify(data)) : data);
const decode = (data) => (isProtobuf && data ? JSON.parse(new TextDecoder().decode(data)) : data);
const face = (info) => ({ client: info.client, user: info.user });

const options = { websocket: WebSocket, token, minReconnectDelay: 50, maxReconnectDelay: 1000 };
if (fresh.length > 0) options.getToken = async () => fresh.shift();
const client = new Centrifuge(address, options);

client.on('connected', (context) => put({ told: 'connected', data: decode(context.data) }));
client.on('connecting', (context) => put({ told: 'connecting', code: context.code, reason: context.reason }));
client.on('disconnected', (context) => put({ told: 'disconnected', code: context.code, reason: context.reason }));

function watch(room) {
  const subscription = client.newSubscription(room, { joinLeave: true });
  subscription.on('subscribed', (context) =>
    put({
      told: 'subscribed',
      room,
      data: decode(context.data),
      recovered: context.recovered,
      wasRecovering: context.wasRecovering,
      offset: context.streamPosition.offset,
      epoch: context.streamPosition.epoch,
    }),
  );
  subscription.on('publication', (context) =>
    put({ told: 'publication', room, offset: context.offset ?? 0, tags: context.tags ?? {}, data: decode(context.data) }),
  );
  subscription.on('join', (context) => put({ told: 'join', room, info: face(context.info) }));
  subscription.on('leave', (context) => put({ told: 'leave', room, info: face(context.info) }));
  subscription.on('unsubscribed', (context) => put({ told: 'unsubscribed', room, code: context.code, reason: context.reason }));
  subscription.subscribe();
}

const doers = {
  connect: async () => client.connect(),
  watch: async ({ room }) => watch(room),
  rpc: async ({ method, data }) => decode((await client.rpc(method, encode(data))).data),
  presence: async ({ room }) => Object.values((await client.presence(room)).clients).map(face),
  stats: async ({ room }) => client.presenceStats(room),
  history: async ({ room, limit, since, reverse }) => {
    const found = await client.history(room, { limit, since, reverse });
    return { ...found, publications: found.publications.map((pub) => ({ offset: pub.offset, data: decode(pub.data) })) };
  },
  publish: async ({ room, data }) => {
    await client.publish(room, encode(data));
  },
  disconnect: async () => client.disconnect(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  doers[asked.do](asked)
    .then((result) => put({ id: asked.id, result: result ?? null }))
    .catch((error) => put({ id: asked.id, error: { code: error.code ?? 0, message: error.message ?? String(error) } }));
}
process.exit(0);
