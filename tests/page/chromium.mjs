// Chromium through its debugging pipe: nothing to install, no port, no socket.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Starts the browser; `send` speaks to it, `on` hears it. */
export function start(program) {
  const profile = mkdtempSync(join(tmpdir(), "offlimits-page-"));
  const options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank"];
  const browser = spawn(program, options, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
  const [into, from] = [browser.stdio[3], browser.stdio[4]];
  const waiting = new Map();
  const listeners = [];
  let [last, rest] = [0, ""];
  from.setEncoding("utf8");
  from.on("data", (chunk) => {
    const parts = (rest + chunk).split("\0");
    rest = parts.pop();
    for (const part of parts) {
      const message = JSON.parse(part);
      if (message.id) {
        const { resolve, reject } = waiting.get(message.id);
        waiting.delete(message.id);
        message.error ? reject(new Error(JSON.stringify(message.error))) : resolve(message.result);
      } else {
        listeners.forEach((listener) => listener(message));
      }
    }
  });
  const send = (method, params = {}, sessionId) => new Promise((resolve, reject) => {
    waiting.set(++last, { resolve, reject });
    into.write(JSON.stringify({ id: last, method, params, sessionId }) + "\0");
  });
  const stop = async () => {
    const gone = new Promise((resolve) => browser.on("exit", resolve));
    await send("Browser.close").catch(() => browser.kill());
    await gone;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  return { send, stop, on: (listener) => listeners.push(listener) };
}

/** Opens a tab that notes what the page complains of and asks for. */
export async function tab(browser) {
  const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  const heard = { complaints: [], requests: [], refused: 0, loaded: () => {} };
  browser.on(({ method, params, sessionId: from }) => {
    if (from !== sessionId) return;
    if (method === "Runtime.exceptionThrown") heard.complaints.push(params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled") heard.complaints.push(JSON.stringify(params.args));
    if (method === "Log.entryAdded") heard.complaints.push(params.entry.text);
    if (method === "Network.requestWillBeSent") heard.requests.push(params.request.url);
    if (method === "Network.loadingFailed" && params.blockedReason === "csp") heard.refused += 1;
    if (method === "Page.loadEventFired") heard.loaded();
  });
  for (const domain of ["Page", "Runtime", "Log", "Network", "Accessibility"]) await send(`${domain}.enable`);
  const open = async (url) => {
    heard.complaints.length = heard.requests.length = heard.refused = 0;
    const loaded = new Promise((resolve) => { heard.loaded = resolve; });
    await send("Page.navigate", { url });
    await loaded;
  };
  /** Runs a function in the page and hands back what it returns. */
  const ask = async (what, ...values) => {
    const expression = `(${what})(...${JSON.stringify(values)})`;
    const { result, exceptionDetails } =
      await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  return { send, open, ask, heard };
}
