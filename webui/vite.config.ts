import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev` serves the page and passes what it asks for on to a running `agentverse web`.
const server = process.env.AGENTVERSE_WEB ?? "http://127.0.0.1:8642";

export default defineConfig({
  base: "./",
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../agentverse/web/static",
    emptyOutDir: true,
    target: "es2022",
    sourcemap: false,
    license: { fileName: "licenses.md" },
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: { proxy: { "/api": server } },
});
