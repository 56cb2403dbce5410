import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The sandbox serves `dist` at /sandbox/; `vite sandbox/page` serves the sources against a sandbox on port 4001. */
export default defineConfig({
  base: "/sandbox/",
  plugins: [react()],
  build: { outDir: "dist", emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 1500 },
  server: { host: "127.0.0.1", proxy: { "/sandbox/api": "http://127.0.0.1:4001" } },
});
