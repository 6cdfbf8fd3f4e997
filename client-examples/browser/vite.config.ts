import { defineConfig } from "vite";

/** Where `npm run dev` finds a running server; the built page is served by the server itself and needs nothing of this. */
const server = process.env["ATRIUM_URL"] ?? "http://localhost:8000";
const paths = [
  ..."/connection /commands /dev /health /me /users /workspaces".split(" "),
  ..."/concepts /quote-requests /quotes /sellers /shares /conversations /folders".split(" "),
];

export default defineConfig({
  base: "./",
  build: {
    // A strict Content-Security-Policy allows neither data: addresses nor the inline preload script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    // The first browsers with light-dark(), which the colours are made of.
    cssTarget: ["chrome123", "safari17.5", "firefox120"],
  },
  server: {
    proxy: Object.fromEntries(paths.map((path) => [path, { target: server, ws: true, changeOrigin: true }])),
  },
});
