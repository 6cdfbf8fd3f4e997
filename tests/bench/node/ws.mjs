// Node's ws: /publisher sends, every other path receives. Each message is framed once per member, as the library does it.
import { WebSocketServer } from "ws";

const members = new Set();
const server = new WebSocketServer({ port: Number(process.argv[2]), host: "127.0.0.1", perMessageDeflate: false, backlog: 2048 });
server.on("listening", () => process.stdout.write("ready\n"));
server.on("connection", (socket, request) => {
  if (request.url === "/publisher") {
    socket.on("message", (data) => {
      for (const member of members) member.send(data, { binary: false });
    });
    return;
  }
  members.add(socket);
  socket.on("close", () => members.delete(socket));
});
