// Socket.IO: one room, to which "publish" is emitted.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], pingInterval: 3_600_000, perMessageDeflate: false });
io.on("connection", (socket) => {
  socket.on("follow", () => socket.join("room"));
  socket.on("publish", (text) => io.to("room").emit("message", text));
});
http.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 2048 }, () => process.stdout.write("ready\n"));
