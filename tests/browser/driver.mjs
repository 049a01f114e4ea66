// SPDX-License-Identifier: ISC
// A browser for tests that are written in Python (tests/e2e/browser.py): reads one call a line
// on standard input, answers each with a line. argv: the folder with node_modules, the browser.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [modules, executablePath] = process.argv.slice(2);
const require = createRequire(modules + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const browser = await chromium.launch({
	executablePath,
	args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
});
const pages = new Map();
let count = 0;

// Of each page: what went wrong in it, and what it fetched.
function watch(page) {
	const told = { errors: [], requests: [] };
	page.on("pageerror", (error) => told.errors.push(String(error)));
	page.on("console", (m) => m.type() === "error" && told.errors.push(m.text()));
	page.on("request", (r) => told.requests.push(r.url()));
	page.setDefaultTimeout(30000);
	pages.set(++count, { page, told });
	return count;
}

const calls = {
	async open(_, options = {}) {
		const context = await browser.newContext({
			viewport: { width: 1100, height: 720 },
			...options,
		});
		await context.grantPermissions(["clipboard-read", "clipboard-write"]).catch(() => {});
		return watch(await context.newPage());
	},
	// A second tab beside a page, with its sessionStorage, as a browser duplicates one.
	async duplicate({ page }) {
		const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
		const other = await page.context().newPage();
		await other.addInitScript((text) => {
			for (const [key, value] of Object.entries(JSON.parse(text)))
				sessionStorage.setItem(key, value);
		}, kept);
		const id = watch(other);
		await other.goto(page.url());
		return id;
	},
	// As if its processor were so many times slower.
	async slow({ page }, rate) {
		const devtools = await page.context().newCDPSession(page);
		await devtools.send("Emulation.setCPUThrottlingRate", { rate });
	},
	close: ({ page }) => page.context().close(),
	told: ({ told }) => told,
	// Playwright's questions before a page unloads: answered with yes.
	accept: ({ page }) => void page.on("dialog", (d) => d.accept()),
	async axe({ page }) {
		await page.evaluate(axe);
		const { violations } = await page.evaluate(() =>
			window.axe.run(document, {
				runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
			}),
		);
		return violations.map(
			(v) =>
				`${v.id}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 150)).join(" | ")}`,
		);
	},
	// Any of a page's own: page("keyboard.press", "Enter").
	async page({ page }, path, ...args) {
		const names = path.split(".");
		const last = names.pop();
		const on = names.reduce((o, name) => o[name], page);
		const result = await on[last](...args);
		return typeof result === "object" && result !== null && !Array.isArray(result)
			? null
			: result;
	},
	run: ({ page }, source, argument) =>
		page.evaluate(`(${source})(${JSON.stringify(argument) ?? ""})`),
	// Playwright's own waitForFunction evaluates strings in the page, which its policy forbids.
	async until({ page }, source, argument, timeout = 30000) {
		const call = `(${source})(${JSON.stringify(argument) ?? ""})`;
		for (const end = Date.now() + timeout; ; await new Promise((f) => setTimeout(f, 25))) {
			if (await page.evaluate(call).catch(() => false)) return;
			if (Date.now() > end) throw new Error(`waited ${timeout} ms`);
		}
	},
	async download({ page }, selector) {
		const [download] = await Promise.all([
			page.waitForEvent("download"),
			page.click(selector),
		]);
		return readFileSync(await download.path()).toString("base64");
	},
};

console.log(JSON.stringify({ ready: browser.version() }));
for await (const line of createInterface({ input: process.stdin })) {
	const { on, call, args } = JSON.parse(line);
	try {
		console.log(
			JSON.stringify({ result: (await calls[call](pages.get(on), ...args)) ?? null }),
		);
	} catch (error) {
		console.log(JSON.stringify({ error: String(error.message ?? error).slice(0, 2000) }));
	}
}
await browser.close();
